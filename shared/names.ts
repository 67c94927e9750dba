import { foldLookAlikes } from "./fold_name.ts";
import { NAME_MAX_CHARACTERS } from "./limits.ts";
import { LOOK_ALIKES } from "./look_alikes.ts";

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

// Control, unassigned, private and surrogate characters, line breaks, invisible characters, and the replacement
// character.
const UNSEEN_PATTERN = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800\ufffd]/u;
// Joiners in emoji, and between letters of scripts that use them, change the look of a text and are allowed.
const JOINED_EMOJI_PATTERN = /(?<=\p{Extended_Pictographic}|\p{Emoji_Modifier}|\ufe0f)[\u200d\ufe0f]/gu;
const JOINED_LETTER_PATTERN =
  /(?<=[\p{Script=Arabic}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Malayalam}\p{Script=Sinhala}\p{M}])[\u200c\u200d](?=[\p{L}\p{M}])/gu;
const MARK_RUN_PATTERN = new RegExp(`\\p{M}{${MARK_RUN_MAX_COUNT + 1}}`, "u");
const LETTER_PATTERN = /[\p{L}\p{N}]/u;
const NO_LETTER_PATTERN = /[^\p{L}\p{N}]/gu;

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
  return foldLookAlikes(name, LOOK_ALIKES);
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
