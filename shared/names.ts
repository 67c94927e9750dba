import { CONFUSABLES } from "./confusables.ts";
import { NAME_MAX_CHARACTERS } from "./limits.ts";

/** Longest unbroken run of combining marks; real writing needs two or three, towers of them cover other lines. */
const MARK_RUN_MAX_COUNT = 4;
/** One seen character may be made of several code points, such as a family emoji; a name of many is an attack. */
const CODE_POINTS_PER_CHARACTER_MAX_COUNT = 5;

/** Who has such a name would seem to speak for the place or be called by a word that means many. */
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
// Control, unassigned, private and half characters, line ends, what shows as nothing, and what stands for bytes that
// were not understood.
const UNSEEN_PATTERN = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800\ufffd]/u;
// Joiners inside emoji and between letters of scripts that are written joined change what is seen: they may stay.
const JOINED_EMOJI_PATTERN = /(?<=\p{Extended_Pictographic}|\p{Emoji_Modifier}|\ufe0f)[\u200d\ufe0f]/gu;
const JOINED_LETTER_PATTERN =
  /(?<=[\p{Script=Arabic}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Malayalam}\p{Script=Sinhala}\p{M}])[\u200c\u200d](?=[\p{L}\p{M}])/gu;
const MARK_RUN_PATTERN = new RegExp(`\\p{M}{${MARK_RUN_MAX_COUNT + 1}}`, "u");
const LETTER_PATTERN = /[\p{L}\p{N}]/u;
const DIACRITIC_PATTERN = /[\u0300-\u036f]/g;
const IGNORED_PATTERN = /[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;
const NO_LETTER_PATTERN = /[^\p{L}\p{N}]/gu;

const LOOK_ALIKES = buildLookAlikes();

/** Writes a name as it is stored: NFKC, single spaces, none at the ends. */
export function normalizeName(name: string): string {
  return name.normalize("NFKC").replace(SPACE_PATTERN, " ").trim();
}

/** Says what is wrong with a name, or null when it may be used. Expects a normalized name. */
export function findNameProblem(name: string, maxCharacters: number = NAME_MAX_CHARACTERS): string | null {
  const codePoints = [...name].length;
  if (codePoints === 0) return "Name must not be empty";
  // Before anything that takes long: a name of a megabyte shall cost nothing.
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
 * Folds what looks alike into one, for comparing names: `Ana`, `ana`, `аnа` in Cyrillic letters and `áná` give the
 * same text. Two people never have names that fold alike.
 */
export function foldName(name: string): string {
  let folded = "";
  for (const character of normalizeName(name).toLowerCase().normalize("NFD").replace(DIACRITIC_PATTERN, "")) {
    folded += LOOK_ALIKES.get(character) ?? character;
  }
  // Signs such as ΅ leave a space of their own behind.
  return folded.replace(IGNORED_PATTERN, "").replace(SPACE_PATTERN, " ").trim().normalize("NFC");
}

/** Says whether a name reads like a role, the product or a word that means many people. */
export function isReservedName(name: string): boolean {
  const letters = foldName(name).replace(NO_LETTER_PATTERN, "");
  return RESERVED_NAMES.some((reserved) => foldName(reserved) === letters);
}

const PLAIN_PATTERN = /^[\x20-\x7e]*$/;
/** Made once, when it is needed: making one takes longer than counting a name. */
let segmenter: Intl.Segmenter | null = null;

/** Counts what a reader sees as one character, such as é or a flag. */
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
  // In most typefaces at least one case of these cannot be told apart: 0 O, and 1 I l |.
  map.set("0", "o");
  for (const character of "1i|") map.set(character, "l");
  map.set("ß", "ss").set("æ", "ae").set("œ", "oe").set("’", "'").set("‘", "'").set("‐", "-").set("–", "-");
  // r beside n looks like m. After the table, since look-alikes of m have to end there too.
  for (const [character, ascii] of map) if (ascii === "m") map.set(character, "rn");
  return map.set("m", "rn");
}
