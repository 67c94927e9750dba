import { CONFUSABLES } from "./confusables.ts";
import type { LookAlikes } from "./fold_name.ts";

/** The lookalike characters of `foldName`. */
export const LOOK_ALIKES: LookAlikes = buildLookAlikes();

function buildLookAlikes(): Map<string, string> {
  const map = new Map<string, string>();
  for (const [ascii, lookAlikes] of CONFUSABLES) {
    for (const character of lookAlikes) map.set(character, ascii);
  }
  // In most typefaces these look alike in at least one case: 0 O, and 1 I l |.
  map.set("0", "o");
  for (const character of "1i|") map.set(character, "l");
  map.set("ß", "ss").set("æ", "ae").set("œ", "oe").set("’", "'").set("‘", "'").set("‐", "-").set("–", "-");
  // "rn" looks like "m". Added after the table, so that characters that look like m are mapped too.
  for (const [character, ascii] of map) if (ascii === "m") map.set(character, "rn");
  return map.set("m", "rn");
}
