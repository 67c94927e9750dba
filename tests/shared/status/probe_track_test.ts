import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  PROBE_INTERVAL_MS,
  PROBE_VALID_MS,
  probedState,
  track,
  UNPROBED,
} from "../../../shared/status/probe_track.ts";
import type { ProbeTrack } from "../../../shared/status/probe_track.ts";
import { compareStates } from "../../../shared/status/states.ts";
import type { MeasuredState } from "../../../shared/status/states.ts";
import type { Span } from "../../../shared/status/uptime.ts";
import { anyMeasured, NOW } from "./status_arbitraries.ts";

const OK = "operational";
const DOWN = "major_outage";

/** Results at the given times, each `[seconds, state]`. */
function follow(results: readonly (readonly [number, MeasuredState])[]) {
  let at: ProbeTrack = UNPROBED;
  const states: string[] = [];
  const spans: Span[] = [];
  for (const [seconds, state] of results) {
    const next = track(at, { at: NOW + seconds * 1_000, state });
    at = next.track;
    states.push(at.state);
    spans.push(...next.spans);
  }
  return { states, spans, track: at };
}

function seconds({ from, to, state }: Span) {
  return [(from - NOW) / 1_000, (to - NOW) / 1_000, state];
}

describe("track()", () => {
  it("turns red with two failed probes and green with two good ones, counted from the first", () => {
    const { states, spans } = follow([[0, OK], [20, OK], [40, DOWN], [60, DOWN], [80, OK], [100, OK]]);
    expect(states).toEqual(["unknown", OK, OK, DOWN, DOWN, OK]);
    expect(spans.map(seconds)).toEqual([
      [0, 20, OK],
      [20, 40, OK],
      [40, 60, DOWN],
      [60, 80, DOWN],
      [80, 100, OK],
    ]);
  });

  it("does not move for a single result", () => {
    const { states } = follow([[0, OK], [20, OK], [40, DOWN], [60, OK], [80, DOWN], [100, OK]]);
    expect(states.slice(1)).toEqual([OK, OK, OK, OK, OK]);
  });

  it("takes the milder of two failures, and the worse of two recoveries", () => {
    expect(follow([[0, OK], [20, OK], [40, DOWN], [60, "degraded_performance"]]).states.at(-1))
      .toBe("degraded_performance");
    expect(follow([[0, DOWN], [20, DOWN], [40, OK], [60, "degraded_performance"]]).states.at(-1))
      .toBe("degraded_performance");
  });

  it("knows nothing where results are missing, and begins anew", () => {
    const { states, spans } = follow([[0, OK], [20, OK], [200, OK], [220, OK]]);
    expect(states).toEqual(["unknown", OK, "unknown", OK]);
    expect(spans.map(seconds)).toEqual([
      [0, 20, OK],
      [20, 60, OK],
      [60, 200, "unknown"],
      [200, 220, OK],
    ]);
  });

  it("knows nothing after the clock was set back", () => {
    const { states, spans } = follow([[0, OK], [20, OK], [-3_600, OK], [-3_580, OK]]);
    expect(states).toEqual(["unknown", OK, "unknown", OK]);
    expect(spans.map(seconds)).toEqual([[0, 20, OK], [-3_600, -3_580, OK]]);
  });

  it("leaves no hole and never moves further than both results", () => {
    const results = fc.array(fc.tuple(fc.integer({ min: 1, max: 90 }), anyMeasured), { maxLength: 40 });
    fc.assert(fc.property(results, (steps) => {
      let at: ProbeTrack = UNPROBED;
      let clock = NOW;
      let previous: MeasuredState | null = null;
      let covered: number | null = null;
      for (const [pause, state] of steps) {
        clock += pause * 1_000;
        const next = track(at, { at: clock, state });
        for (const span of next.spans) {
          if (covered !== null) expect(span.from).toBe(covered);
          covered = span.to;
        }
        if (covered !== null) expect(covered).toBe(clock);
        covered = clock;
        if (next.track.state === OK && at.state !== OK) expect([previous, state]).toEqual([OK, OK]);
        if (compareStates(next.track.state, at.state) > 0 && at.state !== "unknown") {
          const isReset = next.track.state === "unknown";
          expect(isReset || (previous !== OK && state !== OK)).toBe(true);
        }
        previous = state;
        at = next.track;
      }
    }));
  });
});

describe("probedState()", () => {
  it("is unknown before the first probe and after two intervals without one", () => {
    expect(probedState(UNPROBED, NOW)).toBe("unknown");
    const known = follow([[0, OK], [20, OK]]).track;
    const last = NOW + PROBE_INTERVAL_MS;
    expect(probedState(known, last + PROBE_VALID_MS)).toBe(OK);
    expect(probedState(known, last + PROBE_VALID_MS + 1)).toBe("unknown");
    expect(probedState(known, last - PROBE_VALID_MS - 1)).toBe("unknown");
  });
});
