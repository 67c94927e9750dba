import { describe, expect, it } from "vitest";
import { floorOf, slopeOf } from "./slope.ts";
import { runSoak } from "./soak.ts";

const TIMEOUT_MS = 90_000;
const LEAK_MIB = 0.6;

describe("soak", () => {
  it("F15 clients that come and go leave no file, subscription or error behind", async () => {
    const result = await runSoak({
      minutes: 0.2,
      clientCount: 60,
      churnPerSecond: 20,
      sendsPerSecond: 20,
      sampleMs: 1_000,
      say: () => {},
      signal: new AbortController().signal,
    });
    expect(result.churnCount).toBeGreaterThan(150);
    expect(result.sendCount).toBeGreaterThan(150);
    // A client that goes right after it has written may take its message along.
    expect(result.storedCount).toBeGreaterThan(result.sendCount * 0.9);
    expect(result.subscriptions).toEqual({ expected: 240, full: 240, after: 0 });
    expect(result.connectionsAfter).toBe(0);
    expect(result.files.after).toBeLessThanOrEqual(result.files.before);
    expect(result.complaints).toEqual([]);
    // Most of what is seen here is the heap that fills up; a megabyte for each client that has gone would be a leak.
    const half = result.samples.slice(Math.floor(result.samples.length / 2));
    const grownMib = (half.at(-1)?.rssMib ?? NaN) - (half[0]?.rssMib ?? NaN);
    expect(grownMib).toBeLessThan(result.churnCount / 2 * LEAK_MIB);
  }, TIMEOUT_MS);

  it("F15 computes the slope of the line through the points", () => {
    expect(slopeOf([[0, 1], [1, 3], [2, 5]])).toBeCloseTo(2);
    const sawtooth = Array.from({ length: 40 }, (_, minute) => [minute, minute % 4 * 20] as const);
    expect(slopeOf(floorOf(sawtooth, 4))).toBe(0);
    expect(slopeOf(floorOf(sawtooth.map(([x, y]) => [x, x + y] as const), 4))).toBeCloseTo(1);
    expect(slopeOf([[0, 4], [1, 6], [2, 4], [3, 6]])).toBeCloseTo(0.4);
  });
});
