/** The algorithm and digits of a certificate, as in `a=fingerprint` of a session description (RFC 8122). */
const FINGERPRINT_PATTERN = /^a=fingerprint:(\S+) ([0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2})+)\s*$/gm;
/** Weaker digests let somebody find a second certificate with the same one. */
const DIGEST = "sha-256";
const DIGEST_BYTES = 32;

const GROUP_COUNT = 6;
const GROUP_DIGITS = 5;
/** Each group is taken from 40 bits, so that no digit is noticeably more frequent than another. */
const GROUP_BYTES = 5;
/**
 * Fingerprints are not committed to in advance, so a server in the middle could try certificates until both codes
 * look alike. Thirty digits take 2⁵⁰ tries on each side, and each try costs this many rounds.
 */
const ROUNDS = 20_000;
const SALT = "Parley safety code 1";

/** Returns the fingerprint in a session description in capitals; null unless there is exactly one, by SHA-256. */
export function findFingerprint(sdp: string): string | null {
  const found = new Set<string>();
  for (const [, algorithm, digits] of sdp.matchAll(FINGERPRINT_PATTERN)) {
    if (algorithm?.toLowerCase() !== DIGEST || digits === undefined) return null;
    found.add(digits.toUpperCase());
  }
  const [fingerprint] = found;
  if (fingerprint === undefined || found.size > 1) return null;
  return fingerprint.split(":").length === DIGEST_BYTES ? fingerprint : null;
}

/**
 * Returns the code by which two people make sure that nobody is between them: six groups of five digits, as in
 * Signal's safety numbers, which have twelve for two keys that last. It is the same on both sides.
 */
export async function safetyCode(own: string, other: string): Promise<string> {
  const fingerprints = [own.toUpperCase(), other.toUpperCase()].toSorted().join("\n");
  const key = await crypto.subtle.importKey("raw", new TextEncoder().encode(fingerprints), "PBKDF2", false, [
    "deriveBits",
  ]);
  const algorithm = {
    name: "PBKDF2",
    hash: "SHA-256",
    salt: new TextEncoder().encode(SALT),
    iterations: ROUNDS,
  };
  const bits = await crypto.subtle.deriveBits(algorithm, key, GROUP_COUNT * GROUP_BYTES * 8);
  const bytes = new Uint8Array(bits);
  return Array.from({ length: GROUP_COUNT }, (_, index) => {
    const group = bytes.subarray(index * GROUP_BYTES, (index + 1) * GROUP_BYTES);
    const value = group.reduce((sum, byte) => sum * 256 + byte, 0);
    return String(value % 10 ** GROUP_DIGITS).padStart(GROUP_DIGITS, "0");
  }).join(" ");
}
