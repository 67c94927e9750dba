import { normalizeLineEnds } from "../../shared/message.ts";
import { emojiNamed } from "../ui/emoji/emoji.ts";
import type { Emoji } from "../ui/emoji/emoji.ts";

/** The text of a field and its selection, in UTF-16 units as in the DOM. */
export interface TextState {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** A range of the old text, and its replacement. */
export interface TextChange {
  readonly start: number;
  readonly end: number;
  readonly insert: string;
}

// Characters that the server refuses, except line ends, which are normalized before.
// deno-lint-ignore no-control-regex
const CONTROL_PATTERN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;
const LEADING_BLANK_LINES = /^(?:[^\S\n]*\n)+/;
const FENCE_PATTERN = /^ {0,3}(`{3,}|~{3,})(.*)$/s;
const SINGLE_URL = /^https?:\/\/[^\s<>]+$/;
const SHORTCODE_BEFORE = /(?:^|[^\p{L}\p{N}_:]):([a-z0-9_+-]{1,40}):$/u;

/** An empty field. */
export const EMPTY_TEXT: TextState = { text: "", start: 0, end: 0 };

/** Returns a field with the caret at the end of `text`. */
export function textAtEnd(text: string): TextState {
  return { text, start: text.length, end: text.length };
}

/** Applies a change, and puts the caret after it. */
export function applyChange(state: TextState, change: TextChange): TextState {
  const text = state.text.slice(0, change.start) + change.insert + state.text.slice(change.end);
  const caret = change.start + change.insert.length;
  return { text, start: caret, end: caret };
}

/** Replaces the selection. */
export function insertText(state: TextState, insert: string): TextState {
  return applyChange(state, { start: state.start, end: state.end, insert });
}

/** Inserts an emoji at the caret, with a space after a word. */
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

/** Adds `mark` around the selection, or removes it if it is there. */
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

/** Turns the selection into a link if `pasted` is a single address; null otherwise. */
export function linkSelection(state: TextState, pasted: string): TextState | null {
  const url = pasted.trim();
  const selected = state.text.slice(state.start, state.end);
  if (selected.trim() === "" || selected.includes("\n") || SINGLE_URL.test(selected.trim())) return null;
  if (!SINGLE_URL.test(url)) return null;
  const target = /[()]/.test(url) ? `<${url}>` : url;
  return insertText(state, `[${selected.replace(/[\[\]]/g, "\\$&")}](${target})`);
}

/** Whether the caret is in a code fence that has not been closed. */
export function isInsideFence(text: string, caret: number): boolean {
  let open = "";
  for (const line of text.slice(0, caret).split("\n")) {
    const match = FENCE_PATTERN.exec(line);
    if (match === null) continue;
    const [, marks = "", rest = ""] = match;
    if (open === "") {
      // The first line of a fence contains no other backticks; that would be inline code.
      if (!marks.startsWith("`") || !rest.includes("`")) open = marks;
    } else if (marks.startsWith(open) && rest.trim() === "") {
      open = "";
    }
  }
  return open !== "";
}

/** Normalizes line ends and removes control characters and blank lines at both ends. */
export function prepareText(text: string): string {
  const clean = normalizeLineEnds(text).replace(CONTROL_PATTERN, "").toWellFormed();
  return clean.replace(LEADING_BLANK_LINES, "").trimEnd();
}

/** Finds the smallest range in which two texts differ, so that a field can keep its undo history. */
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
  // A star next to another one means bold, not italic.
  const isLonger = text[start - size - 1] === mark[0] && size === 1;
  return !isLonger || text[start - size - 2] === mark[0];
}
