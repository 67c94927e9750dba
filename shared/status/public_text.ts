import { withoutFormatCharacters } from "../format_characters.ts";
import type { MentionSpan } from "../mentions.ts";
import { withoutRoomLinks } from "./room_links.ts";

/** A mention of somebody unknown, at a word boundary. */
const MENTION_PATTERN = /(?<![\p{L}\p{N}\p{M}_])@[\p{L}\p{N}\p{M}_-]{1,40}[ \t]?/gu;
/** What surrounded something that was taken out. */
const EMPTY_MARKS_PATTERN = /(\*\*|__|~~)[ \t]*\1|\([ \t]*\)/g;

/** Finds whole names that a text mentions. */
type NameFinder = (text: string) => readonly Pick<MentionSpan, "start" | "end">[];

/**
 * Takes out of a text what only members may know, mentions and links to rooms, and what reorders or hides the text
 * around it. Without `findNames` only the first word of a name goes.
 */
export function toPublicText(written: string, findNames: NameFinder = () => []): string {
  const text = withoutFormatCharacters(written);
  const cleaned = withoutNames(withoutRoomLinks(text), findNames).replace(MENTION_PATTERN, "");
  return (cleaned === text ? text : cleaned.replace(EMPTY_MARKS_PATTERN, "")).trim();
}

function withoutNames(text: string, findNames: NameFinder): string {
  // One look finds a limited number of them.
  for (let rest = text;;) {
    const spans = findNames(rest);
    if (spans.length === 0) return rest;
    for (const { start, end } of spans.toReversed()) {
      rest = rest.slice(0, start) + rest.slice(end).replace(/^[ \t]/, "");
    }
  }
}
