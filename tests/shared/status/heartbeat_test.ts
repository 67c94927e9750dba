import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  excuse,
  GAP_MAX_MS,
  gapAtStart,
  gapWhileRunning,
  hasSurvivor,
} from "../../../shared/status/heartbeat.ts";
import { NOW } from "./status_arbitraries.ts";

const MINUTE_MS = 60_000;
const alive = (at: number) => ({ at, isPlanned: false });

describe("gapAtStart()", () => {
  it("is an outage when nobody was running for more than two minutes", () => {
    expect(gapAtStart([alive(NOW)], NOW + GAP_MAX_MS)).toBeNull();
    expect(gapAtStart([alive(NOW)], NOW + 5 * MINUTE_MS))
      .toEqual({ from: NOW, to: NOW + 5 * MINUTE_MS, state: "major_outage" });
  });

  it("counts from the last heartbeat of any instance", () => {
    const beats = [alive(NOW - 60 * MINUTE_MS), alive(NOW), alive(NOW - MINUTE_MS)];
    expect(gapAtStart(beats, NOW + MINUTE_MS)).toBeNull();
    expect(gapAtStart(beats, NOW + 3 * MINUTE_MS)?.from).toBe(NOW);
  });

  it("is no outage after a planned stop, before the installation, or with the clock set back", () => {
    expect(gapAtStart([{ at: NOW, isPlanned: true }], NOW + 60 * MINUTE_MS)?.state).toBe("unknown");
    expect(gapAtStart([], NOW)).toBeNull();
    expect(gapAtStart([alive(NOW)], NOW - 60 * MINUTE_MS)).toBeNull();
  });

  it("is an outage when another instance crashed after a planned stop", () => {
    const beats = [{ at: NOW, isPlanned: true }, alive(NOW + MINUTE_MS)];
    expect(gapAtStart(beats, NOW + 10 * MINUTE_MS)?.state).toBe("major_outage");
  });
});

describe("hasSurvivor()", () => {
  const before = new Map([["a", alive(NOW)], ["b", alive(NOW)]]);

  it("is true when a process beats again, by a clock set back as well", () => {
    for (const at of [NOW + MINUTE_MS, NOW - MINUTE_MS]) {
      expect(hasSurvivor(before, new Map([...before, ["b", alive(at)]]))).toBe(true);
    }
  });

  it("is false when only new processes beat, and when the old ones were forgotten", () => {
    expect(hasSurvivor(before, new Map([...before, ["c", alive(NOW + MINUTE_MS)]]))).toBe(false);
    expect(hasSurvivor(before, new Map())).toBe(false);
  });
});

describe("gapWhileRunning()", () => {
  const after = (wallMs: number, monotonicMs: number) =>
    gapWhileRunning({ wallMs: NOW, monotonicMs: 0 }, { wallMs: NOW + wallMs, monotonicMs });

  it("is an outage when the process stood still", () => {
    expect(after(MINUTE_MS, MINUTE_MS)).toBeNull();
    expect(after(5 * MINUTE_MS, 5 * MINUTE_MS)?.state).toBe("major_outage");
  });

  it("is unknown when only the clock was set forward, and nothing when it was set back", () => {
    expect(after(60 * MINUTE_MS, MINUTE_MS)?.state).toBe("unknown");
    expect(after(-60 * MINUTE_MS, 5 * MINUTE_MS)).toBeNull();
  });
});

describe("excuse()", () => {
  const window = (from: number, to: number) => ({
    startsAt: new Date(NOW + from * MINUTE_MS).toISOString(),
    endsAt: new Date(NOW + to * MINUTE_MS).toISOString(),
  });
  const gap = { from: NOW, to: NOW + 10 * MINUTE_MS, state: "major_outage" } as const;

  it("takes planned maintenance out of an outage", () => {
    const spans = excuse(gap, [window(2, 5)]).map(({ from, to, state }) => [
      (from - NOW) / MINUTE_MS,
      (to - NOW) / MINUTE_MS,
      state,
    ]);
    expect(spans).toEqual([[0, 2, "major_outage"], [2, 5, "under_maintenance"], [5, 10, "major_outage"]]);
  });

  it("covers the gap exactly, however windows overlap", () => {
    const windows = fc.array(fc.tuple(fc.integer({ min: -9, max: 19 }), fc.integer({ min: -9, max: 19 })));
    fc.assert(fc.property(windows, (pairs) => {
      let at = gap.from;
      for (const span of excuse(gap, pairs.map(([from, to]) => window(from, to)))) {
        expect(span.from).toBe(at);
        expect(span.to).toBeGreaterThan(span.from);
        at = span.to;
      }
      expect(at).toBe(gap.to);
    }));
  });
});
