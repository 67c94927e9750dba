/** Consecutive offsets, both ends included. */
export interface OffsetRange {
  readonly from: number;
  readonly to: number;
}

/** Far more than a connection loses; this bounds the memory of the set. */
const RANGES_MAX_COUNT = 200;

/** A set of offsets, stored as ranges: offsets after a hole take no memory, however long the hole stays. */
export class OffsetRanges {
  /** In order, and never adjacent. */
  #ranges: OffsetRange[] = [];

  /** Lowest first. */
  get ranges(): readonly OffsetRange[] {
    return this.#ranges;
  }

  has(offset: number): boolean {
    return this.#ranges.some(({ from, to }) => from <= offset && offset <= to);
  }

  /** Adds an offset; if there are too many ranges, the highest one is dropped as if it had not arrived. */
  add(offset: number): void {
    const sorted = [...this.#ranges, { from: offset, to: offset }].sort((a, b) => a.from - b.from);
    const ranges: OffsetRange[] = [];
    for (const { from, to } of sorted) {
      const last = ranges.at(-1);
      if (last === undefined || from > last.to + 1) ranges.push({ from, to });
      else ranges[ranges.length - 1] = { from: last.from, to: Math.max(last.to, to) };
    }
    this.#ranges = ranges.slice(0, RANGES_MAX_COUNT);
  }

  /** Removes the offsets up to `offset` and those that follow without a gap; returns the last one. */
  takeFrom(offset: number): number {
    let end = offset;
    const isBehind = ({ from, to }: OffsetRange) => {
      if (from > end + 1) return true;
      end = Math.max(end, to);
      return false;
    };
    this.#ranges = this.#ranges.filter(isBehind);
    return end;
  }
}
