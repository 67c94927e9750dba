import { EMOJI_MAX_CHARACTERS } from "./limits.ts";

// Exactly one emoji that Unicode recommends for interchange; it may have many code points.
const EMOJI_PATTERN = /^\p{RGI_Emoji}$/v;
/** Requests the picture where a character also has a text form, such as ❤. */
const PICTURE_SELECTOR = "\ufe0f";

/** Returns the canonical form of an emoji, with or without its selector; null for anything else. */
export function normalizeEmoji(text: string): string | null {
  if (text.length > EMOJI_MAX_CHARACTERS) return null;
  if (EMOJI_PATTERN.test(text)) return text;
  const pictured = text + PICTURE_SELECTOR;
  return EMOJI_PATTERN.test(pictured) ? pictured : null;
}
