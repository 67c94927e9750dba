/** Offsets that follow each other, both ends included. */
export interface OffsetRange {
  readonly from: number;
  readonly to: number;
}

/** Far more than a line loses; without a limit somebody who sends every second event would fill the tab. */
const RANGES_MAX_COUNT = 200;

/** A set of offsets, kept as ranges: what comes after a hole costs nothing, however long the hole stays. */
export class OffsetRanges {
  /** In order, and never next to each other. */
  #ranges: OffsetRange[] = [];

  /** Lowest first. */
  get ranges(): readonly OffsetRange[] {
    return this.#ranges;
  }

  has(offset: number): boolean {
    const range = this.#ranges[this.#indexAt(offset)];
    return range !== undefined && offset <= range.to;
  }

  /** Puts an offset in; with too many ranges the highest is forgotten, as if it had not come. */
  add(offset: number): void {
    if (this.has(offset)) return;
    const index = this.#indexAt(offset);
    const below = this.#ranges[index];
    const above = this.#ranges[index + 1];
    const joined = [
      ...below?.to === offset - 1 ? [below] : [],
      { from: offset, to: offset },
      ...above?.from === offset + 1 ? [above] : [],
    ];
    const from = joined[0]?.from ?? offset;
    const to = joined.at(-1)?.to ?? offset;
    this.#ranges.splice(joined[0] === below ? index : index + 1, joined.length - 1, { from, to });
    if (this.#ranges.length > RANGES_MAX_COUNT) this.#ranges.pop();
  }

  /** Takes the range out that begins with `offset` and gives its end; null when there is none. */
  take(offset: number): number | null {
    const [first] = this.#ranges;
    if (first?.from !== offset) return null;
    this.#ranges.shift();
    return first.to;
  }

  /** Drops everything up to `offset`. */
  dropUpTo(offset: number): void {
    this.#ranges = this.#ranges.filter(({ to }) => to > offset)
      .map(({ from, to }) => ({ from: Math.max(from, offset + 1), to }));
  }

  clear(): void {
    this.#ranges = [];
  }

  /** Finds the last range that begins at or below an offset; -1 when all lie above. */
  #indexAt(offset: number): number {
    return this.#ranges.findLastIndex(({ from }) => from <= offset);
  }
}
