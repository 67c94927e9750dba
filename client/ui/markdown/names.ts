/** Somebody or some place that a message names. */
export interface NamedTarget {
  readonly sigil: "@" | "#";
  readonly id: string;
  readonly name: string;
}

/** A stretch of text; `target` says whom it names. */
export interface NamePart {
  readonly text: string;
  readonly target: NamedTarget | null;
}

const SIGIL_PATTERN = /[@#]/g;
const WORD_BEFORE = /[\p{L}\p{M}\p{N}_]$/u;
const WORD_AFTER = /^[\p{L}\p{M}\p{N}_]/u;

/** Finds the names in a text; of several that fit the longest counts. */
export function splitNames(text: string, targets: readonly NamedTarget[]): NamePart[] {
  const parts: NamePart[] = [];
  let done = 0;
  for (const { index } of targets.length === 0 ? [] : text.matchAll(SIGIL_PATTERN)) {
    if (index < done || WORD_BEFORE.test(text.slice(Math.max(0, index - 2), index))) continue;
    const target = findTarget(text, index, targets);
    if (target === null) continue;
    if (index > done) parts.push({ text: text.slice(done, index), target: null });
    done = index + 1 + target.name.length;
    parts.push({ text: text.slice(index, done), target });
  }
  if (done < text.length) parts.push({ text: text.slice(done), target: null });
  return parts;
}

function findTarget(text: string, at: number, targets: readonly NamedTarget[]): NamedTarget | null {
  let found: NamedTarget | null = null;
  for (const target of targets) {
    if (target.sigil !== text[at] || target.name.length <= (found?.name.length ?? 0)) continue;
    const end = at + 1 + target.name.length;
    const isSame = text.slice(at + 1, end).toLowerCase() === target.name.toLowerCase();
    if (isSame && !WORD_AFTER.test(text.slice(end, end + 2))) found = target;
  }
  return found;
}
