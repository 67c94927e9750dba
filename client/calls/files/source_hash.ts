import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";

/** Files are read in steps of this size to be hashed. */
export const HASH_STEP_BYTES = 1024 * 1024;

/** Returns the SHA-256 of a file to be sent; null if it was aborted. Throws if the file has changed or is gone. */
export async function hashSource(
  file: Blob,
  { aborted }: { aborted: () => boolean },
): Promise<string | null> {
  const hash = sha256.create();
  for (let offset = 0; offset < file.size; offset += HASH_STEP_BYTES) {
    if (aborted()) return null;
    hash.update(new Uint8Array(await file.slice(offset, offset + HASH_STEP_BYTES).arrayBuffer()));
  }
  return bytesToHex(hash.digest());
}
