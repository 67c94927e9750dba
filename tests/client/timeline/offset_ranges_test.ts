import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OffsetRanges } from "../../../client/timeline/offset_ranges.ts";

const offsets = fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 60 });

describe("OffsetRanges", () => {
  it("holds what a set would, as ranges in order that do not touch", () => {
    fc.assert(fc.property(offsets, fc.integer({ min: 0, max: 60 }), (added, start) => {
      const ranges = new OffsetRanges();
      for (const offset of added) ranges.add(offset);
      let end = start;
      while (added.includes(end + 1)) end++;
      expect(ranges.takeFrom(start)).toBe(end);
      const kept = new Set(added.filter((offset) => offset > end));
      for (let offset = 0; offset <= 61; offset++) expect(ranges.has(offset)).toBe(kept.has(offset));
      const ends = ranges.ranges.flatMap(({ from, to }) => [from, to + 1]);
      expect(ends).toEqual([...new Set(ends)].sort((a, b) => a - b));
    }));
  });

  it("forgets the highest when there are too many", () => {
    const ranges = new OffsetRanges();
    for (let offset = 2; offset <= 2_000; offset += 2) ranges.add(offset);
    expect(ranges.ranges.length).toBe(200);
    expect([ranges.has(400), ranges.has(402)]).toEqual([true, false]);
  });
});
