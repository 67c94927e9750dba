import { normalizeLineEnds } from "../../shared/message.ts";
import { emojiNamed } from "../ui/emoji/emoji.ts";
import type { Emoji } from "../ui/emoji/emoji.ts";

/** Text of a field and what is selected in it, in UTF-16 units as the DOM counts. */
export interface TextState {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** A stretch of the old text and what stands there now. */
export interface TextChange {
  readonly start: number;
  readonly end: number;
  readonly insert: string;
}

// What the contract refuses in a text, but for line ends, which are normalized before.
// deno-lint-ignore no-control-regex
const CONTROL_PATTERN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;
const LEADING_BLANK_LINES = /^(?:[^\S\n]*\n)+/;
const FENCE_PATTERN = /^ {0,3}(`{3,}|~{3,})(.*)$/s;
const SINGLE_URL = /^https?:\/\/[^\s<>]+$/;
const SHORTCODE_BEFORE = /(?:^|[^\p{L}\p{N}_:]):([a-z0-9_+-]{1,40}):$/u;

/** An empty field. */
export const EMPTY_TEXT: TextState = { text: "", start: 0, end: 0 };

/** A field with the caret at the end of `text`. */
export function textAtEnd(text: string): TextState {
  return { text, start: text.length, end: text.length };
}

/** Puts `insert` in place of a stretch; the caret stands after it. */
export function applyChange(state: TextState, change: TextChange): TextState {
  const text = state.text.slice(0, change.start) + change.insert + state.text.slice(change.end);
  const caret = change.start + change.insert.length;
  return { text, start: caret, end: caret };
}

/** Puts `insert` in place of what is selected. */
export function insertText(state: TextState, insert: string): TextState {
  return applyChange(state, { start: state.start, end: state.end, insert });
}

/** Puts an emoji at the caret, kept apart from a word before it. */
export function insertEmoji(state: TextState, emoji: string): TextState {
  const before = state.text.slice(0, state.start);
  const gap = /[\p{L}\p{N}]$/u.test(before) ? " " : "";
  return insertText(state, gap + emoji);
}

/** Replaces a `:shortcode:` that ends at the caret by its emoji, except in code. */
export function expandShortcode(state: TextState, entries: readonly Emoji[]): TextState {
  const lineStart = state.text.lastIndexOf("\n", state.start - 1) + 1;
  const before = state.text.slice(lineStart, state.start);
  const name = SHORTCODE_BEFORE.exec(before)?.[1];
  if (name === undefined || before.split("`").length % 2 === 0) return state;
  const emoji = emojiNamed(entries, name);
  if (emoji === null || isInsideFence(state.text, state.start)) return state;
  return applyChange(state, { start: state.start - name.length - 2, end: state.start, insert: emoji });
}

/** Sets `mark` around what is selected, or takes it away when it is there already. */
export function toggleMark(state: TextState, mark: string): TextState {
  const { text, start, end } = state;
  const size = mark.length;
  if (isMarked(state, mark)) {
    const bare = text.slice(0, start - size) + text.slice(start, end) + text.slice(end + size);
    return { text: bare, start: start - size, end: end - size };
  }
  const marked = text.slice(0, start) + mark + text.slice(start, end) + mark + text.slice(end);
  return { text: marked, start: start + size, end: end + size };
}

/** Makes a link of what is selected when `pasted` is one address; null when an ordinary paste is meant. */
export function linkSelection(state: TextState, pasted: string): TextState | null {
  const url = pasted.trim();
  const selected = state.text.slice(state.start, state.end);
  if (selected.trim() === "" || selected.includes("\n") || SINGLE_URL.test(selected.trim())) return null;
  if (!SINGLE_URL.test(url)) return null;
  const target = /[()]/.test(url) ? `<${url}>` : url;
  return insertText(state, `[${selected.replace(/[\[\]]/g, "\\$&")}](${target})`);
}

/** Says whether the caret stands in a code fence that no line before it has closed. */
export function isInsideFence(text: string, caret: number): boolean {
  let open = "";
  for (const line of text.slice(0, caret).split("\n")) {
    const match = FENCE_PATTERN.exec(line);
    if (match === null) continue;
    const [, marks = "", rest = ""] = match;
    if (open === "") {
      // A fence of backticks holds no backtick in its first line: that would be inline code.
      if (!marks.startsWith("`") || !rest.includes("`")) open = marks;
    } else if (marks.startsWith(open) && rest.trim() === "") {
      open = "";
    }
  }
  return open !== "";
}

/** Makes a text fit to be sent: line ends normalized, nothing that the server refuses, no blank edges. */
export function prepareText(text: string): string {
  const clean = normalizeLineEnds(text).replace(CONTROL_PATTERN, "").toWellFormed();
  return clean.replace(LEADING_BLANK_LINES, "").trimEnd();
}

/** Finds the smallest stretch in which two texts differ, so that a field can keep its undo history. */
export function findChange(before: string, after: string): TextChange | null {
  if (before === after) return null;
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && before.charCodeAt(head) === after.charCodeAt(head)) head++;
  let tail = 0;
  while (
    tail < shorter - head &&
    before.charCodeAt(before.length - 1 - tail) === after.charCodeAt(after.length - 1 - tail)
  ) tail++;
  return { start: head, end: before.length - tail, insert: after.slice(head, after.length - tail) };
}

function isMarked({ text, start, end }: TextState, mark: string): boolean {
  const size = mark.length;
  if (start < size || text.slice(start - size, start) !== mark) return false;
  if (text.slice(end, end + size) !== mark) return false;
  // One star beside another belongs to bold, not to italic.
  const isLonger = text[start - size - 1] === mark[0] && size === 1;
  return !isLonger || text[start - size - 2] === mark[0];
}
