/** The algorithm and digits of a certificate, as in `a=fingerprint` of a session description (RFC 8122). */
const FINGERPRINT_PATTERN = /^a=fingerprint:(\S+) ([0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2})+)\s*$/gm;
/** Weaker digests let somebody find a second certificate with the same one. */
const DIGEST = "sha-256";
const DIGEST_BYTES = 32;

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
