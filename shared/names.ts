import { CONFUSABLES } from "./confusables.ts";
import { NAME_MAX_CHARACTERS } from "./limits.ts";

/** Longest run of combining marks. Real writing needs two or three; long ones cover other lines. */
const MARK_RUN_MAX_COUNT = 4;
/** A visible character may have several code points, such as a family emoji; names with far more are an attack. */
const CODE_POINTS_PER_CHARACTER_MAX_COUNT = 5;

/** Names that would seem to speak for the workspace, or that are words for many people. */
const RESERVED_NAMES = [
  "admin",
  "administrator",
  "owner",
  "moderator",
  "system",
  "parley",
  "room",
  "here",
  "everyone",
];

const SPACE_PATTERN = /[\p{Zs}\t]+/gu;
// Control, unassigned, private and surrogate characters, line breaks, invisible characters, and the replacement
// character.
const UNSEEN_PATTERN = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800\ufffd]/u;
// Joiners in emoji, and between letters of scripts that use them, change the look of a text and are allowed.
const JOINED_EMOJI_PATTERN = /(?<=\p{Extended_Pictographic}|\p{Emoji_Modifier}|\ufe0f)[\u200d\ufe0f]/gu;
const JOINED_LETTER_PATTERN =
  /(?<=[\p{Script=Arabic}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Malayalam}\p{Script=Sinhala}\p{M}])[\u200c\u200d](?=[\p{L}\p{M}])/gu;
const MARK_RUN_PATTERN = new RegExp(`\\p{M}{${MARK_RUN_MAX_COUNT + 1}}`, "u");
const LETTER_PATTERN = /[\p{L}\p{N}]/u;
const DIACRITIC_PATTERN = /[\u0300-\u036f]/g;
const IGNORED_PATTERN = /[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;
const NO_LETTER_PATTERN = /[^\p{L}\p{N}]/gu;

const LOOK_ALIKES = buildLookAlikes();

/** Normalizes a name for storage: NFKC, single spaces, none at the ends. */
export function normalizeName(name: string): string {
  return name.normalize("NFKC").replace(SPACE_PATTERN, " ").trim();
}

/** Returns what is wrong with a name, or null if it may be used. Expects a normalized name. */
export function findNameProblem(name: string, maxCharacters: number = NAME_MAX_CHARACTERS): string | null {
  const codePoints = [...name].length;
  if (codePoints === 0) return "Name must not be empty";
  // Before anything slow, so that a name of a megabyte costs nothing.
  if (codePoints > maxCharacters * CODE_POINTS_PER_CHARACTER_MAX_COUNT) {
    return `Name must be at most ${maxCharacters} characters`;
  }
  const visible = name.replace(JOINED_EMOJI_PATTERN, "").replace(JOINED_LETTER_PATTERN, "");
  if (!name.isWellFormed() || UNSEEN_PATTERN.test(visible)) {
    return "Name must not contain invisible, control or text direction characters";
  }
  if (MARK_RUN_PATTERN.test(name)) {
    return `Name must have at most ${MARK_RUN_MAX_COUNT} combining marks in a row`;
  }
  if (!LETTER_PATTERN.test(name)) return "Name must contain a letter or digit";
  const characters = countSeenCharacters(name);
  if (characters > maxCharacters) {
    return `Name must be at most ${maxCharacters} characters, got ${characters}`;
  }
  return null;
}

/**
 * Folds lookalike characters, for comparing names: `Ana`, `ana`, `аnа` in Cyrillic letters and `áná` give the same
 * text. No two people have names that fold alike.
 */
export function foldName(name: string): string {
  let folded = "";
  for (const character of normalizeName(name).toLowerCase().normalize("NFD").replace(DIACRITIC_PATTERN, "")) {
    folded += LOOK_ALIKES.get(character) ?? character;
  }
  // Characters such as ΅ leave a space behind.
  return folded.replace(IGNORED_PATTERN, "").replace(SPACE_PATTERN, " ").trim().normalize("NFC");
}

/** Whether a name reads like a role, the product, or a word for many people. */
export function isReservedName(name: string): boolean {
  const letters = foldName(name).replace(NO_LETTER_PATTERN, "");
  return RESERVED_NAMES.some((reserved) => foldName(reserved) === letters);
}

const PLAIN_PATTERN = /^[\x20-\x7e]*$/;
/** Created when first needed, because that takes longer than counting a name. */
let segmenter: Intl.Segmenter | null = null;

/** Counts visible characters, such as é or a flag. */
export function countSeenCharacters(text: string): number {
  if (PLAIN_PATTERN.test(text)) return text.length;
  segmenter ??= new Intl.Segmenter("und", { granularity: "grapheme" });
  let count = 0;
  for (const _ of segmenter.segment(text)) count++;
  return count;
}

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
