import type { RoomId, UserId } from "./ids.ts";
import { MESSAGE_MAX_BYTES, MESSAGE_MAX_CODE_POINTS } from "./limits.ts";

/** An emoji under a message, and the people who reacted with it. */
export interface Reaction {
  readonly emoji: string;
  readonly userIds: UserId[];
}

/** A message in its current state. A deleted one (a tombstone) has `text: ""`, no reactions, and `deletedAt`. */
export interface Message {
  readonly roomId: RoomId;
  /** The offset of its `message_sent` event, which never changes. */
  readonly offset: number;
  readonly by: UserId;
  readonly at: string;
  readonly text: string;
  readonly clientMessageId: string;
  readonly editedAt: string | null;
  readonly deletedAt: string | null;
  readonly replyTo: number | null;
  readonly threadRoot: number | null;
  readonly replyCount: number;
  readonly mentions: UserId[];
  readonly mentionsRoom: boolean;
  readonly reactions: Reaction[];
}

// C0 except tab and line feed, DEL, and C1.
// deno-lint-ignore no-control-regex
const CONTROL_PATTERN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/;
// Only white space and invisible characters.
const BLANK_PATTERN = /^[\s\u200b-\u200d\u2060\ufeff]*$/;

/** Converts all line breaks to `\n`, as messages are stored. */
export function normalizeLineEnds(text: string): string {
  return text.replaceAll("\r\n", "\n").replaceAll("\r", "\n");
}

/** Returns what is wrong with a message's text, or null if it may be sent. Expects normalized line breaks. */
export function findTextProblem(text: string): string | null {
  if (BLANK_PATTERN.test(text)) return "Text must not be empty";
  if (!text.isWellFormed()) return "Text must be well-formed Unicode: it has half a surrogate pair";
  if (CONTROL_PATTERN.test(text)) return "Text must not contain control characters except line feed and tab";
  const codePoints = countCodePoints(text);
  if (codePoints > MESSAGE_MAX_CODE_POINTS) {
    return `Text must be at most ${MESSAGE_MAX_CODE_POINTS} characters, got ${codePoints}`;
  }
  if (new TextEncoder().encode(text).length > MESSAGE_MAX_BYTES) {
    return `Text must be at most ${MESSAGE_MAX_BYTES} bytes of UTF-8`;
  }
  return null;
}

/** Counts Unicode code points, the unit of the text limits. */
export function countCodePoints(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}
