import { EMOJI_MAX_CHARACTERS } from "./limits.ts";

// Exactly one emoji that Unicode recommends for interchange, be it of many code points.
const EMOJI_PATTERN = /^\p{RGI_Emoji}$/v;
/** Asks for the picture where a character has a plain form too, such as ❤. */
const PICTURE_SELECTOR = "\ufe0f";

/** Gives the one way to write an emoji, so that ❤ with and without its selector are one; null for anything else. */
export function normalizeEmoji(text: string): string | null {
  if (text.length > EMOJI_MAX_CHARACTERS) return null;
  if (EMOJI_PATTERN.test(text)) return text;
  const pictured = text + PICTURE_SELECTOR;
  return EMOJI_PATTERN.test(pictured) ? pictured : null;
}
