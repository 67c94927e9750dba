import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  excuse,
  GAP_MAX_MS,
  gapAtStart,
  gapWhileRunning,
  hasSurvivor,
} from "../../../shared/status/heartbeat.ts";
import type { MaintenanceState } from "../../../shared/status/states.ts";
import type { Span } from "../../../shared/status/uptime.ts";
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
  const timeOf = (minute: number) => new Date(NOW + minute * MINUTE_MS).toISOString();
  const window = (from: number, to: number) => ({
    startsAt: timeOf(from),
    endsAt: timeOf(to),
    resolvedAt: null,
    updates: [],
  });
  /** Updates as they are kept, the newest first. */
  const updates = (...steps: readonly [MaintenanceState, number][]) =>
    steps.toReversed().map(([state, minute], index) => ({
      id: String(index),
      state,
      text: "",
      html: "",
      at: timeOf(minute),
      editedAt: null,
      changes: [],
    }));
  const minutesOf = (spans: readonly Span[]) =>
    spans.map(({ from, to, state }) => [(from - NOW) / MINUTE_MS, (to - NOW) / MINUTE_MS, state]);
  const gap = { from: NOW, to: NOW + 10 * MINUTE_MS, state: "major_outage" } as const;

  it("takes planned maintenance out of an outage", () => {
    const spans = minutesOf(excuse(gap, [window(2, 5)]));
    expect(spans).toEqual([[0, 2, "major_outage"], [2, 5, "under_maintenance"], [5, 10, "major_outage"]]);
  });

  it("goes by when the maintenance ran, not only by the plan", () => {
    const early = {
      ...window(6, 9),
      updates: updates(["scheduled", -60], ["in_progress", 1], ["verifying", 7]),
    };
    expect(minutesOf(excuse(gap, [early]))).toEqual([
      [0, 1, "major_outage"],
      [1, 9, "under_maintenance"],
      [9, 10, "major_outage"],
    ]);
    const short = {
      ...window(-5, 600),
      resolvedAt: timeOf(3),
      updates: updates(["scheduled", -60], ["in_progress", -5], ["completed", 3]),
    };
    expect(minutesOf(excuse(gap, [short]))).toEqual([[0, 3, "under_maintenance"], [3, 10, "major_outage"]]);
    expect(minutesOf(excuse(gap, [{ ...short, resolvedAt: timeOf(-1) }]))).toEqual([[0, 10, "major_outage"]]);
  });

  it("keeps to the plan where the server was away when the maintenance was due to start or to end", () => {
    const late = {
      ...window(2, 5),
      resolvedAt: timeOf(11),
      updates: updates(["scheduled", -60], ["in_progress", 10], ["completed", 11]),
    };
    expect(minutesOf(excuse(gap, [late]))).toEqual(minutesOf(excuse(gap, [window(2, 5)])));
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
