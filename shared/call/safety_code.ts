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
