import type { UserId } from "./ids.ts";
import { MENTION_CANDIDATES_COUNT, MENTIONS_PER_MESSAGE_COUNT, NAME_MAX_CHARACTERS } from "./limits.ts";

/** The position of a mention in a text, in UTF-16 code units. `start` is its `@`. */
export interface MentionSpan {
  readonly start: number;
  readonly end: number;
  readonly userId: UserId;
}

/** A piece of text after an `@` that could be a name. */
interface Candidate {
  readonly start: number;
  readonly end: number;
  readonly folded: string;
}

const WORD_PATTERN = /[\p{L}\p{N}\p{M}_]/u;
const SPACE_PATTERN = /\s/u;
/** Created when first needed: its tables take 4 MB. */
let segmenter: Intl.Segmenter | null = null;

/** Folds a name so that it can be compared, such as `foldName`. */
export type Fold = (name: string) => string;

/** Lists all folded texts that could be mentioned names, without duplicates. */
export function listMentionCandidates(text: string, fold: Fold): string[] {
  const folded = new Set<string>();
  for (const group of candidateGroups(text, fold)) {
    for (const candidate of group) folded.add(candidate.folded);
  }
  return [...folded];
}

/**
 * Finds mentions: an `@` at a word boundary, followed by the longest known name that also ends at a boundary.
 * `people` maps names that were folded by `fold` to those who can be mentioned.
 */
export function findMentions(
  text: string,
  people: ReadonlyMap<string, UserId>,
  fold: Fold,
): MentionSpan[] {
  const spans: MentionSpan[] = [];
  const found = new Set<UserId>();
  let after = 0;
  for (const group of candidateGroups(text, fold)) {
    const longest = group.findLast((candidate) => people.has(candidate.folded));
    const userId = longest === undefined ? undefined : people.get(longest.folded);
    if (longest === undefined || userId === undefined || longest.start < after) continue;
    if (!found.has(userId) && found.size >= MENTIONS_PER_MESSAGE_COUNT) continue;
    found.add(userId);
    spans.push({ start: longest.start, end: longest.end, userId });
    after = longest.end;
  }
  return spans;
}

/** Returns the mentioned people in the order of their first mention, at most 20. */
export function mentionedIds(spans: readonly MentionSpan[]): UserId[] {
  return [...new Set(spans.map((span) => span.userId))];
}

/** Yields possible names after each `@` at a boundary, shortest first. Bounded for any text. */
function* candidateGroups(text: string, fold: Fold): Generator<Candidate[]> {
  let left = MENTION_CANDIDATES_COUNT;
  for (let start = text.indexOf("@"); start >= 0 && left > 0; start = text.indexOf("@", start + 1)) {
    if (isWordBefore(text, start)) continue;
    const group: Candidate[] = [];
    for (const end of nameEnds(text, start + 1)) {
      if (left === 0) break;
      left--;
      group.push({ start, end, folded: fold(text.slice(start + 1, end)) });
    }
    if (group.length > 0) yield group;
  }
}

/**
 * Yields where a name that begins at `from` could end: at a boundary, on the same line, after at most 40
 * characters.
 */
function* nameEnds(text: string, from: number): Generator<number> {
  const lineEnd = text.indexOf("\n", from);
  // A visible character may have many code units, but no name has more than this.
  const line = text.slice(
    from,
    Math.min(lineEnd < 0 ? text.length : lineEnd, from + 8 * NAME_MAX_CHARACTERS),
  );
  let count = 0;
  segmenter ??= new Intl.Segmenter("und", { granularity: "grapheme" });
  for (const { segment, index } of segmenter.segment(line)) {
    if (++count > NAME_MAX_CHARACTERS) return;
    if (SPACE_PATTERN.test(segment)) {
      if (count === 1) return;
      continue;
    }
    const end = from + index + segment.length;
    if (!(isWordBefore(text, end) && isWordAt(text, end))) yield end;
  }
}

function isWordAt(text: string, index: number): boolean {
  const codePoint = text.codePointAt(index);
  return codePoint !== undefined && WORD_PATTERN.test(String.fromCodePoint(codePoint));
}

function isWordBefore(text: string, index: number): boolean {
  if (index === 0) return false;
  const low = text.charCodeAt(index - 1);
  const isPair = low >= 0xdc00 && low <= 0xdfff && index > 1;
  return isWordAt(text, isPair ? index - 2 : index - 1);
}
