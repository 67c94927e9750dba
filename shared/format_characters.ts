/** Strong right-to-left characters and the mark that acts like them; beyond U+FFFF, by the first half of their pairs. */
const RIGHT_TO_LEFT_PATTERN = /[\u0590-\u08ff\u200f\ufb1d-\ufdff\ufe70-\ufefc\ud802\ud803\ud83a\ud83b]/;
/**
 * A flag of a region, whose letters are format characters, or any other format character except: joiners, which emoji
 * and Persian need; single direction marks, which change nothing outside of an isolate; and signs of Arabic and Syriac
 * numbers, which are visible.
 */
const FORMAT_PATTERN =
  /(\u{1f3f4}[\u{e0020}-\u{e007e}]{1,16}\u{e007f})|(?![\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u200c-\u200f])\p{Cf}/gu;

/**
 * Takes out characters that reorder, hide or tag the text around them, such as bidirectional overrides and isolates.
 * What is left is read in the order in which it is written.
 */
export function withoutFormatCharacters(text: string): string {
  return text.replace(FORMAT_PATTERN, (_, flag: string | undefined) => flag ?? "");
}

/** Keeps a right-to-left name from reordering the sentence in which it stands. */
export function isolated(name: string): string {
  return RIGHT_TO_LEFT_PATTERN.test(name) ? `\u2068${name}\u2069` : name;
}
