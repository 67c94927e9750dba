import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BACKOFF, backoffCeilingMs, backoffMs } from "../../../client/net/backoff.ts";

describe("backoffMs()", () => {
  it("stays between 0 and the ceiling, plus what the server asks for", () => {
    const state = fc.record({
      failedCount: fc.nat(5_000),
      lostForMs: fc.nat(10 * 60_000),
      atLeastMs: fc.nat(60_000),
    });
    fc.assert(fc.property(state, fc.double({ min: 0, max: 0.999, noNaN: true }), (given, random) => {
      const ms = backoffMs(given, () => random);
      expect(ms).toBeGreaterThanOrEqual(given.atLeastMs);
      expect(ms).toBeLessThanOrEqual(given.atLeastMs + backoffCeilingMs(given));
    }));
  });

  it("doubles from 500 ms to 5 s in the first minute, and to 30 s after that", () => {
    const early = [0, 1, 2, 3, 4, 5].map((failedCount) =>
      backoffCeilingMs({ failedCount, lostForMs: 1_000 })
    );
    expect(early).toEqual([500, 1_000, 2_000, 4_000, 5_000, 5_000]);
    expect(backoffCeilingMs({ failedCount: 10, lostForMs: BACKOFF.firstMinuteMs })).toBe(30_000);
  });
});
