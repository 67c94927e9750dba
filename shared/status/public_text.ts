import { withoutFormatCharacters } from "../format_characters.ts";
import type { MentionSpan } from "../mentions.ts";

/** A mention of somebody unknown, at a word boundary. */
const MENTION_PATTERN = /(?<![\p{L}\p{N}\p{M}_])@[\p{L}\p{N}\p{M}_-]{1,40}[ \t]?/gu;
/** Links to rooms and messages, which strangers cannot open: bare, with words, and as a definition. */
const ROOM_LINK = String.raw`[^\s()<>\[\]]{0,255}?/r/[a-z0-9_-]{16}(?:/\d{0,16})?(?:[?#][^\s()<>]{0,255})?`;
const WORDED_LINK_PATTERN = new RegExp(
  String.raw`\[([^\[\]\n]{0,200})\]\([ \t]*<?${ROOM_LINK}>?(?:[ \t]+"[^"\n]{0,200}")?[ \t]*\)`,
  "gi",
);
const DEFINITION_PATTERN = new RegExp(String.raw`^ {0,3}\[[^\[\]\n]{1,200}\]:[ \t]*<?${ROOM_LINK}.*$`, "gim");
/** The end of a bare link; `withoutBareLinks` finds its start. */
const BARE_END_PATTERN = /\/r\/[a-z0-9_-]{16}(?:\/\d{0,16})?(?:[?#][^\s()<>]{0,255})?>?[ \t]?/gi;
const BARE_START_MAX_CHARACTERS = 255;
const OUTSIDE_PATTERN = /[\s()<>[\]]/;
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
  const withoutWords = text.replace(WORDED_LINK_PATTERN, "$1").replace(DEFINITION_PATTERN, "");
  const cleaned = withoutNames(withoutBareLinks(withoutWords), findNames).replace(MENTION_PATTERN, "");
  return (cleaned === text ? text : cleaned.replace(EMPTY_MARKS_PATTERN, "")).trim();
}

/** One pattern for whole links would look ahead from each character: milliseconds for a long text without any link. */
function withoutBareLinks(text: string): string {
  let rest = "";
  let end = 0;
  for (const { index, 0: { length } } of text.matchAll(BARE_END_PATTERN)) {
    const from = Math.max(end, index - BARE_START_MAX_CHARACTERS);
    let start = index;
    while (start > from && !OUTSIDE_PATTERN.test(text.charAt(start - 1))) start--;
    if (start > end && text[start - 1] === "<") start--;
    rest += text.slice(end, start);
    end = index + length;
  }
  return rest + text.slice(end);
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
