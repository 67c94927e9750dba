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
    return this.#ranges.some(({ from, to }) => from <= offset && offset <= to);
  }

  /** Puts an offset in; with too many ranges the highest is forgotten, as if it had not come. */
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

  /** Takes out what lies up to an offset or follows it at once, and gives the end of that. */
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
