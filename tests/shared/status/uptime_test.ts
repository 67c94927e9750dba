import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MEASURED_STATES } from "../../../shared/status/states.ts";
import {
  addTime,
  barState,
  DAY_MS,
  dayOf,
  lastDays,
  measuredMs,
  measuredPercent,
  percentText,
  splitByDay,
  uncounted,
  uptimePercent,
} from "../../../shared/status/uptime.ts";
import type { DayTimes } from "../../../shared/status/uptime.ts";
import { anyState, NOW } from "./status_arbitraries.ts";

const HOUR_MS = 3_600_000;
const anyDay = fc.dictionary(anyState, fc.integer({ min: 1, max: DAY_MS / 6 }), { noNullPrototype: true })
  .map((times): DayTimes => times);
const anyDays = fc.array(anyDay, { maxLength: 90 });

describe("uptimePercent()", () => {
  it("weighs outages by time, and leaves out what was not measured", () => {
    expect(uptimePercent([{ operational: 23 * HOUR_MS, major_outage: HOUR_MS }])).toBe(95.83);
    expect(uptimePercent([{ operational: 14 * HOUR_MS, partial_outage: 10 * HOUR_MS }])).toBe(87.5);
    expect(uptimePercent([{ operational: HOUR_MS, unknown: 20 * HOUR_MS, under_maintenance: HOUR_MS }]))
      .toBe(100);
    expect(uptimePercent([{ unknown: DAY_MS }])).toBeNull();
    expect(uptimePercent([])).toBeNull();
    expect(uptimePercent([{ major_outage: DAY_MS }])).toBe(0);
  });

  it("is never 100 while the bar of a measured day is not green", () => {
    expect(uptimePercent([{ operational: DAY_MS - 1, degraded_performance: 1 }])).toBe(99.99);
    fc.assert(fc.property(anyDays, (days) => {
      const isGreen = days.filter((day) => measuredMs(day) > 0).every((day) =>
        barState(day) === "operational"
      );
      if (!isGreen) expect(uptimePercent(days)).toBeLessThan(100);
    }));
  });

  it("is not 100 either while today's bar shows a trouble that is not written to the day yet", () => {
    const days = [{ operational: DAY_MS }, {}];
    expect(uptimePercent(days, "operational")).toBe(100);
    for (const state of ["degraded_performance", "partial_outage", "major_outage"] as const) {
      expect([barState({}, state), uptimePercent(days, state)]).toEqual([state, 99.99]);
      expect(barState({ operational: DAY_MS }, state)).toBe(state);
    }
    expect(barState({ major_outage: 1 }, "degraded_performance")).toBe("major_outage");
    expect(uptimePercent([{}], "major_outage")).toBeNull();
    expect(uptimePercent([{ operational: HOUR_MS, major_outage: HOUR_MS }], "major_outage")).toBe(50);
  });

  it("is not 100, nor today's bar green, while nothing is known of now", () => {
    expect([
      barState({ operational: HOUR_MS }, "unknown"),
      uptimePercent([{ operational: HOUR_MS }], "unknown"),
    ])
      .toEqual(["unknown", 99.99]);
    expect(barState({ operational: HOUR_MS, partial_outage: 1 }, "unknown")).toBe("partial_outage");
    expect(uptimePercent([{}], "unknown")).toBeNull();
    const today = { operational: HOUR_MS, under_maintenance: HOUR_MS };
    expect([barState(today, "under_maintenance"), uptimePercent([today], "under_maintenance")])
      .toEqual(["operational", 100]);
  });

  it("is rounded down and stays within 0 and 100", () => {
    fc.assert(fc.property(anyDays, (days) => {
      const percent = uptimePercent(days);
      const sum = (state: keyof DayTimes) => days.reduce((total, day) => total + (day[state] ?? 0), 0);
      const measured = MEASURED_STATES.reduce((total, state) => total + sum(state), 0);
      if (percent === null) {
        expect(measured).toBe(0);
        return;
      }
      const exact = 100 * (1 - (sum("major_outage") + 0.3 * sum("partial_outage")) / measured);
      expect(percent).toBeGreaterThanOrEqual(0);
      expect(percent).toBeLessThanOrEqual(100);
      expect(percent).toBeLessThanOrEqual(exact + 1e-9);
      expect(percent).toBeGreaterThan(exact - 0.0101);
    }));
  });

  it("does not change with time that nobody measured", () => {
    fc.assert(fc.property(anyDays, fc.integer({ min: 1, max: DAY_MS }), (days, ms) => {
      const more = [...days, { unknown: ms }, { under_maintenance: ms }];
      expect(uptimePercent(more)).toBe(uptimePercent(days));
    }));
  });
});

describe("splitByDay()", () => {
  it("divides at midnight UTC", () => {
    const from = Date.parse("2026-10-24T23:59:30.000Z");
    expect(splitByDay({ from, to: from + 60_000, state: "operational" })).toEqual([
      { day: "2026-10-24", state: "operational", ms: 30_000 },
      { day: "2026-10-25", state: "operational", ms: 30_000 },
    ]);
    const midnight = Date.parse("2026-10-25T00:00:00.000Z");
    expect(splitByDay({ from: midnight, to: midnight + DAY_MS, state: "unknown" })).toEqual([
      { day: "2026-10-25", state: "unknown", ms: DAY_MS },
    ]);
  });

  it("loses and adds nothing, and no day gets more than it has", () => {
    const span = fc.record({
      from: fc.integer({ min: 0, max: NOW }),
      length: fc.integer({ min: -DAY_MS, max: 5 * DAY_MS }),
      state: anyState,
    });
    fc.assert(fc.property(span, ({ from, length, state }) => {
      const shares = splitByDay({ from, to: from + length, state });
      expect(shares.reduce((sum, { ms }) => sum + ms, 0)).toBe(Math.max(0, length));
      expect(new Set(shares.map(({ day }) => day)).size).toBe(shares.length);
      for (const { ms } of shares) expect(ms > 0 && ms <= DAY_MS).toBe(true);
    }));
  });

  it("counts no moment twice when the clock is set back", () => {
    const steps = fc.array(fc.integer({ min: -2 * DAY_MS, max: DAY_MS }), { maxLength: 60 });
    fc.assert(fc.property(steps, fc.array(anyState, { minLength: 60, maxLength: 60 }), (jumps, states) => {
      const days = new Map<string, DayTimes>();
      let clock = NOW;
      let countedUntil = NOW;
      for (const [index, jump] of jumps.entries()) {
        const span = { from: clock, to: clock + jump, state: states[index] ?? "unknown" };
        clock += jump;
        const rest = uncounted(span, countedUntil);
        if (rest === null) continue;
        countedUntil = rest.to;
        for (const share of splitByDay(rest)) days.set(share.day, addTime(days.get(share.day) ?? {}, share));
      }
      for (const times of days.values()) {
        expect(Object.values(times).reduce((sum, ms) => sum + ms, 0)).toBeLessThanOrEqual(DAY_MS);
      }
    }));
  });
});

describe("the days of the page", () => {
  it("end today and are whole UTC days, however clocks are set for summer", () => {
    const days = lastDays(Date.parse("2026-10-26T00:30:00.000Z"), 3);
    expect(days).toEqual(["2026-10-24", "2026-10-25", "2026-10-26"]);
    expect(dayOf(Date.parse("2026-10-25T23:59:59.999Z"))).toBe("2026-10-25");
  });

  it("show the worst that was measured, and grey where nothing was", () => {
    expect(barState({})).toBe("unknown");
    expect(barState({ operational: DAY_MS - 1, major_outage: 1 })).toBe("major_outage");
    expect(barState({ operational: HOUR_MS, unknown: HOUR_MS })).toBe("operational");
    expect(barState({ under_maintenance: HOUR_MS, unknown: HOUR_MS })).toBe("under_maintenance");
  });

  it("say how much of the time was measured", () => {
    expect(measuredPercent([{ operational: HOUR_MS, unknown: HOUR_MS }], 2 * HOUR_MS)).toBe(50);
    expect(measuredPercent([], 0)).toBe(0);
    expect(percentText(100)).toBe("100 %");
    expect(percentText(99.5)).toBe("99.50 %");
  });
});
