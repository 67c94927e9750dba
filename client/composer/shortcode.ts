import { emojiNamed } from "../ui/emoji/emoji.ts";
import type { Emoji } from "../ui/emoji/emoji.ts";
import { applyChange, isInsideFence } from "./text_edits.ts";
import type { TextState } from "./text_edits.ts";

const SHORTCODE_BEFORE = /(?:^|[^\p{L}\p{N}_:]):([a-z0-9_+-]{1,40}):$/u;

/** Puts the emoji in place of a `:shortcode:` that ends at the caret; code is left alone. */
export function expandShortcode(state: TextState, entries: readonly Emoji[]): TextState {
  const lineStart = state.text.lastIndexOf("\n", state.start - 1) + 1;
  const before = state.text.slice(lineStart, state.start);
  const name = SHORTCODE_BEFORE.exec(before)?.[1];
  if (name === undefined || before.split("`").length % 2 === 0) return state;
  const emoji = emojiNamed(entries, name);
  if (emoji === null || isInsideFence(state.text, state.start)) return state;
  return applyChange(state, { start: state.start - name.length - 2, end: state.start, insert: emoji });
}
