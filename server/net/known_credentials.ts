import { hashSecret } from "../auth/secrets.ts";
import type { Credential } from "./credentials.ts";

/** Beyond this many the oldest goes; its next request costs its address a token for a moment, no more. */
const KNOWN_MAX_COUNT = 20_000;

/** Remembers which credentials were right when they were last shown, by their hashes. */
export class KnownCredentials {
  readonly #hashes = new Set<string>();

  /** Says whether a credential was right; whether it still is shows the look-up alone. */
  has(credential: Credential): boolean {
    return this.#hashes.has(keyOf(credential));
  }

  /** Remembers a credential that was right, as the newest. */
  add(credential: Credential): void {
    const key = keyOf(credential);
    this.#hashes.delete(key);
    this.#hashes.add(key);
    if (this.#hashes.size <= KNOWN_MAX_COUNT) return;
    for (const oldest of this.#hashes) {
      this.#hashes.delete(oldest);
      break;
    }
  }

  /** Forgets a credential that opens nothing any more. */
  delete(credential: Credential): void {
    this.#hashes.delete(keyOf(credential));
  }
}

function keyOf({ kind, secret }: Credential): string {
  return `${kind} ${hashSecret(secret)}`;
}
