/** Olive and brown, which look dull at the lightness of avatars. */
const DULL_FROM = 88;
const DULL_COUNT = 44;

/** Returns the hue of a user, the same one for the same id (FNV-1a, 32 bit). */
export function hueOf(id: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < id.length; i++) {
    hash ^= id.charCodeAt(i);
    hash = Math.imul(hash, 0x01000193);
  }
  // The low bits alone are badly distributed for short ids.
  const hue = ((hash ^ (hash >>> 15)) >>> 0) % (360 - DULL_COUNT);
  return hue < DULL_FROM ? hue : hue + DULL_COUNT;
}
