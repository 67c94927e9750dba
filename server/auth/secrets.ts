import { createHash } from "node:crypto";

/**
 * Hashes session tokens, invite codes and link tokens for storage, so that whoever reads the database cannot use
 * them. They are random, so a plain hash without salt is enough.
 */
export function hashSecret(secret: string): string {
  return createHash("sha256").update(secret).digest("base64url");
}
