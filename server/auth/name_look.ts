import { CONFUSABLES } from "../../shared/confusables.ts";
import { foldName, isReservedName } from "../../shared/names.ts";

/**
 * Characters that look like an ASCII letter but that UTS 39 treats as different: small capitals, letters with hooks,
 * tails and strokes, and two prototypes.
 */
const LEFT_OVER: readonly (readonly [ascii: string, lookAlikes: string])[] = [
  ["a", "ᴀⱥᶏ"],
  ["b", "ʙᵬᶀꞗ"],
  ["c", "ᴄƈɕꞔ"],
  ["d", "ᴅȡᵭᶁᶑ"],
  ["e", "ᴇᶒⱸꬴ"],
  ["f", "ꜰᶂ"],
  ["g", "ɢꞡ"],
  ["h", "ʜⱨ"],
  ["i", "ɪᶖ"],
  ["j", "ᴊ"],
  ["k", "ᴋĸᶄⱪꝁꝃꝅꞣ"],
  ["l", "ʟȴɬᶅⱡꝉꞎꬷꬸꬹ"],
  ["m", "ᴍᶆꬺ"],
  ["n", "ɴπȵɲᶇꞑꞥꬻ"],
  ["o", "ᴏⱺꝍ"],
  ["p", "ᴘᵱᶈꝑꝓꝕ"],
  ["q", "ɋꝗꝙ"],
  ["r", "ʀɾᶉꞧꭉ"],
  ["s", "ꜱȿᶊꞩ"],
  ["t", "ᴛƫȶʈⱦ"],
  ["u", "ᴜᶙꞹ"],
  ["v", "ᴠⱱⱴꝟ"],
  ["w", "ᴡⱳ"],
  ["x", "ᶍꭖꭗꭘꭙ"],
  ["y", "ʏ"],
  ["z", "ᴢɀʑᶎⱬ"],
];

/** UTS 39 sees a quotation mark in the hooks of these capitals, and none in their small letters. */
const HOOKED_CAPITAL_PATTERN = /[ƁƇƊƓƘƤƬƳ]/g;
/**
 * Whatever is no letter, digit or mark at the ends of a name: punctuation and text symbols that are easily overlooked
 * or read as a badge (`Kay ✓`), and coloured emoji of the latter kind. Other emoji tell people apart.
 */
const ENDS_PATTERN = buildEndsPattern();

const ASCII_PATTERN = /^[\u0020-\u007e]+$/;

interface Tables {
  readonly skeletonOf: (text: string) => string;
  /** Maps prototypes of the package to ours where they differ. */
  readonly prototypes: ReadonlyMap<string, string>;
}

/** Changes when `lookOf` does, so that stored looks are computed anew. */
export const LOOKS_VERSION = 2;

// Loaded when the first name is checked, not at startup.
let tables: Promise<Tables> | undefined;

/**
 * Returns the same text for names that look alike, using the UTS 39 skeleton on top of `foldName`. The result may
 * change when the tables do, so only compare it with other results, and do not look names up by it.
 */
export async function lookOf(name: string): Promise<string> {
  const { skeletonOf, prototypes } = await (tables ??= loadTables());
  // Both as written and in lower case, because the two cases of a letter have different lookalikes.
  const written = name.normalize("NFKC").replace(HOOKED_CAPITAL_PATTERN, (letter) => letter.toLowerCase());
  // UTS 39 maps decomposed text: otherwise ö looks like an Arabic letter.
  const skeleton = skeletonOf(foldName(skeletonOf(written.normalize("NFD"))));
  let look = "";
  for (const character of foldName(skeleton)) look += prototypes.get(character) ?? character;
  return look.replaceAll("vv", "w").replace(ENDS_PATTERN, "");
}

/** Whether a name reads like a role, the product, or a word for many people. */
export async function isPretence(name: string): Promise<boolean> {
  return isReservedName(name) || isReservedName(await lookOf(name));
}

function buildEndsPattern(): RegExp {
  const badges = "✅⭐🌟🏅🎖🏆🥇👑🔏🔐🔒🔰🔵🔷🔹💠💎🆗";
  const ignored = `(?:(?!\\p{Emoji_Presentation})[\\p{P}\\p{S}\\s]|[${badges}])+`;
  return new RegExp(`^${ignored}|${ignored}$`, "gu");
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
