import { describe, expect, it } from "vitest";
import { isPathDead, watchPath } from "../../../shared/call/path_watch.ts";
import type { PathCounts, PathWatch } from "../../../shared/call/path_watch.ts";

/** A reading: when, the bytes, the age of the last packet, checks and answers. */
type Reading = readonly [
  at: number,
  bytesIn: number,
  packetAgeMs: number | null,
  checks: number,
  answers: number,
];

function watch(...readings: readonly Reading[]): PathWatch {
  let path: PathWatch | null = null;
  for (const [at, bytesIn, packetAgeMs, checks, answers] of readings) {
    path = watchPath(path, { at, hasPath: true, bytesIn, packetAgeMs, checks, answers } satisfies PathCounts);
  }
  if (path === null) throw new Error("There are no readings");
  return path;
}

describe("watchPath()", () => {
  it.each<[name: string, readings: Reading[], heardAt: number, waitsSince: number | null]>([
    ["the first reading", [[500, 9, 400, 3, 2]], 500, null],
    ["a packet, by its age", [[0, 9, 0, 1, 1], [1_000, 10, 300, 1, 1]], 700, null],
    ["a packet of unknown age", [[0, 9, null, 1, 1], [1_000, 10, null, 1, 1]], 1_000, null],
    ["a packet that seems older than the last reading", [[0, 9, 0, 1, 1], [1_000, 10, 5_000, 1, 1]], 0, null],
    ["a packet that seems to come later", [[0, 9, 0, 1, 1], [1_000, 10, -700, 1, 1]], 1_000, null],
    ["no packet", [[0, 9, 0, 1, 1], [1_000, 9, 1_000, 1, 1]], 0, null],
    ["another path, which counts anew", [[0, 9, 0, 5, 4], [200, 1, 0, 1, 1]], 0, null],
    ["a check without an answer", [[0, 9, 0, 1, 1], [200, 9, 200, 2, 1], [400, 9, 400, 2, 1]], 0, 200],
    ["two of them", [[0, 9, 0, 1, 1], [200, 9, 200, 2, 1], [1_200, 9, 1_200, 3, 1]], 0, 200],
    ["a check with one", [[0, 9, 0, 1, 1], [200, 9, 200, 2, 1], [400, 9, 400, 2, 2]], 200, null],
    ["one with and one without", [[0, 9, 0, 1, 1], [900, 9, 900, 3, 2]], 0, 900],
    ["one that was lost long ago", [[0, 9, 0, 5, 4], [900, 10, 0, 6, 5], [1_100, 11, 0, 6, 5]], 1_100, null],
    ["a packet while a check waits", [[0, 9, 0, 1, 1], [200, 9, 200, 2, 1], [400, 10, 0, 2, 1]], 400, 200],
  ])("finds when something arrived and a check waits: %s", (_, readings, heardAt, waitsSince) => {
    const path = watch(...readings);
    expect([path.heardAt, path.waitsSince]).toEqual([heardAt, waitsSince]);
  });
});

describe("a path that has vanished", () => {
  it("is no sign of life, and is dead after its silence", () => {
    const gone = { hasPath: false, bytesIn: 0, packetAgeMs: null, checks: 0, answers: 0 };
    let path = watch([0, 900, 0, 5, 5], [500, 990, 0, 5, 5]);
    path = watchPath(path, { at: 1_000, ...gone });
    expect([path.heardAt, path.waitsSince, isPathDead(path, true)]).toEqual([500, 1_000, false]);
    path = watchPath(path, { at: 1_500, ...gone });
    expect([path.heardAt, isPathDead(path, true)]).toEqual([500, true]);
    // The next one counts anew.
    path = watchPath(path, { at: 2_000, hasPath: true, bytesIn: 10, packetAgeMs: 0, checks: 1, answers: 1 });
    expect([path.heardAt, path.waitsSince]).toEqual([1_500, null]);
  });
});

describe("isPathDead()", () => {
  it.each<[silentMs: number, waitsMs: number | null, withMedia: boolean, withBeats: boolean]>([
    [999, 900, false, false],
    [1_000, 299, false, false],
    [1_000, 300, true, false],
    [1_499, 1_400, true, false],
    [1_500, 299, false, false],
    [1_500, 300, true, true],
    [60_000, null, false, false],
    // As on a line that is too slow: checks are lost, but media arrive.
    [200, 60_000, false, false],
  ])("after %i ms of silence and %i of waiting", (silentMs, waitsMs, withMedia, withBeats) => {
    const at = 100_000;
    const counts = { at, hasPath: true, bytesIn: 9, packetAgeMs: silentMs, checks: 9, answers: 8 };
    const waitsSince = waitsMs === null ? null : at - waitsMs;
    const path = { counts, heardAt: at - silentMs, waitsSince };
    expect([isPathDead(path, true), isPathDead(path, false)]).toEqual([withMedia, withBeats]);
  });
});
