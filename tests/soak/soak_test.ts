import { describe, expect, it } from "vitest";
import { slopeOf } from "./slope.ts";
import { runSoak } from "./soak.ts";

const TIMEOUT_MS = 90_000;

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
  }, TIMEOUT_MS);

  it("F15 a slope is that of the line through the points", () => {
    expect(slopeOf([[0, 1], [1, 3], [2, 5]])).toBeCloseTo(2);
    expect(slopeOf([[0, 4], [1, 6], [2, 4], [3, 6]])).toBeCloseTo(0.4);
  });
});
