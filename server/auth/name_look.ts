import { CONFUSABLES } from "../../shared/confusables.ts";
import { foldName } from "../../shared/names.ts";

/**
 * Characters that look like an ASCII letter but that UTS 39 treats as different: small capitals, and two
 * prototypes.
 */
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
  /** Maps prototypes of the package to ours where they differ. */
  readonly prototypes: ReadonlyMap<string, string>;
}

// Loaded when the first name is checked, not at startup.
let tables: Promise<Tables> | undefined;

/**
 * Returns the same text for names that look alike, using the UTS 39 skeleton on top of `foldName`. The result may
 * change when the tables do, so only compare it with other results, and do not look names up by it.
 */
export async function lookOf(name: string): Promise<string> {
  const { skeletonOf, prototypes } = await (tables ??= loadTables());
  // Both as written and in lower case, because the two cases of a letter have different lookalikes.
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
