/** Maximum length of a file's name, as on most file systems. */
const FILE_NAME_MAX_BYTES = 255;
/** Control characters, unpaired surrogates, and what changes the direction of text or cannot be seen. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** Returns the name of a file that somebody handed over, without a folder and without anything that deceives. */
export function cleanFileName(name: string): string {
  const seen = name.toWellFormed().normalize("NFC").replace(UNSEEN, "");
  const flat = seen.replace(/[/\\]/g, "_").trim();
  // Names of only dots are folders.
  const safe = /^\.*$/.test(flat) ? "file" : flat;
  return cutToBytes(safe);
}

/** Cuts the middle out, so that the ending still tells the type. */
function cutToBytes(name: string): string {
  const encoder = new TextEncoder();
  const characters = [...name];
  const sizes = characters.map((character) => encoder.encode(character).length);
  let bytes = sizes.reduce((sum, size) => sum + size, 0);
  // The gap grows by turns to both sides, from the middle.
  let from = Math.floor(characters.length / 2);
  let to = from;
  while (bytes > FILE_NAME_MAX_BYTES) {
    const isLeft = from > characters.length - to;
    const index = isLeft ? from -= 1 : to++;
    bytes -= sizes[index] ?? 0;
  }
  return characters.slice(0, from).join("") + characters.slice(to).join("");
}
