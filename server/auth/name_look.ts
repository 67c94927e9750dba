import { CONFUSABLES } from "../../shared/confusables.ts";
import { foldName } from "../../shared/names.ts";

/** What UTS 39 leaves apart although it reads like an ASCII letter: small capitals, and two prototypes of its own. */
const LEFT_OVER: readonly (readonly [ascii: string, lookAlikes: string])[] = [
  ["a", "ᴀ"],
  ["b", "ʙ"],
  ["c", "ᴄ"],
  ["d", "ᴅ"],
  ["e", "ᴇ"],
  ["f", "ꜰ"],
  ["g", "ɢ"],
  ["h", "ʜ"],
  ["i", "ɪ"],
  ["j", "ᴊ"],
  ["k", "ᴋĸ"],
  ["l", "ʟ"],
  ["m", "ᴍ"],
  ["n", "ɴπ"],
  ["o", "ᴏ"],
  ["p", "ᴘ"],
  ["r", "ʀ"],
  ["s", "ꜱ"],
  ["t", "ᴛ"],
  ["u", "ᴜ"],
  ["v", "ᴠ"],
  ["w", "ᴡ"],
  ["y", "ʏ"],
  ["z", "ᴢ"],
];

const ASCII_PATTERN = /^[\u0020-\u007e]+$/;

interface Tables {
  readonly skeletonOf: (text: string) => string;
  /** Where the package's prototype of a letter is none of ours, ours holds for the prototype as well. */
  readonly prototypes: ReadonlyMap<string, string>;
}

// Read when the first name is given: a start need not wait for them.
let tables: Promise<Tables> | undefined;

/**
 * Gives the same text for names that look alike, by the skeletons of UTS 39 on top of `foldName`. It may change with
 * the tables, so it is only compared with itself, and never how a name is found.
 */
export async function lookOf(name: string): Promise<string> {
  const { skeletonOf, prototypes } = await (tables ??= loadTables());
  // As it is written and in small letters: the two cases of a letter look like different things.
  const skeleton = skeletonOf(foldName(skeletonOf(name.normalize("NFKC"))));
  let look = "";
  for (const character of foldName(skeleton)) look += prototypes.get(character) ?? character;
  return look;
}

async function loadTables(): Promise<Tables> {
  const { default: skeletonOf } = await import("unhomoglyph");
  const prototypes = new Map<string, string>();
  for (const [ascii, lookAlikes] of [...CONFUSABLES, ...LEFT_OVER]) {
    for (const character of lookAlikes) {
      const prototype = foldName(skeletonOf(character));
      if ([...prototype].length !== 1 || ASCII_PATTERN.test(prototype)) continue;
      prototypes.set(prototype, foldName(ascii));
    }
  }
  return { skeletonOf, prototypes };
}
