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
  const characters = [...name];
  const encoder = new TextEncoder();
  while (encoder.encode(characters.join("")).length > FILE_NAME_MAX_BYTES) {
    characters.splice(Math.floor(characters.length / 2), 1);
  }
  return characters.join("");
}
