import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { indicatorOf } from "../../../shared/status/indicator.ts";
import { mergeInstances } from "../../../shared/status/instances.ts";
import { componentState, groupState, isRunning, pageState } from "../../../shared/status/roll_up.ts";
import { sentenceOf, verdictOf } from "../../../shared/status/sentence.ts";
import { EN } from "../../../shared/status/words_en.ts";
import { compareStates, impactOf, isOpenIncident } from "../../../shared/status/states.ts";
import type { ComponentState } from "../../../shared/status/states.ts";
import { anyIncident, anyMaintenance, anyState, IDS, NOW } from "./status_arbitraries.ts";

const anyCircumstances = fc.record({
  incidents: fc.array(anyIncident, { maxLength: 3 }),
  maintenances: fc.array(anyMaintenance, { maxLength: 3 }),
  now: fc.constant(NOW),
});
const anyProbes = fc.tuple(anyState, anyState, anyState, anyState);

function componentsOf(states: readonly ComponentState[]) {
  return states.map((state, index) => ({ id: IDS[index] ?? "", name: IDS[index] ?? "", state }));
}

describe("pageState()", () => {
  it("is never green beside an open incident or a component that is not operational", () => {
    fc.assert(
      fc.property(fc.array(anyState, { maxLength: 4 }), fc.array(anyIncident), (states, incidents) => {
        const isWell = states.length > 0 && states.every((state) => state === "operational") &&
          !incidents.some(isOpenIncident);
        const state = pageState(states, incidents);
        const sentence = sentenceOf(verdictOf(componentsOf(states), incidents, EN));
        expect(state === "operational").toBe(isWell);
        expect(indicatorOf(state).indicator === "none").toBe(isWell);
        expect(indicatorOf(state).description === "All Systems Operational").toBe(isWell);
        expect(sentence === "All systems operational.").toBe(isWell);
      }),
    );
  });

  it("is at least as bad as each component, so that nothing masks anything", () => {
    fc.assert(fc.property(anyProbes, anyCircumstances, (probes, circumstances) => {
      const states = probes.map((probe, index) => componentState(IDS[index] ?? "", probe, circumstances));
      const page = pageState(states, circumstances.incidents);
      for (const state of states) expect(compareStates(page, state)).toBeGreaterThanOrEqual(0);
      expect(compareStates(page, groupState(states))).toBeGreaterThanOrEqual(0);
    }));
  });

  it("is at least as bad as each open incident says, about hidden components too", () => {
    fc.assert(fc.property(fc.array(anyState), fc.array(anyIncident), (states, incidents) => {
      const state = pageState(states, incidents);
      for (const { components } of incidents.filter(isOpenIncident)) {
        for (const { status } of components) expect(compareStates(state, status)).toBeGreaterThanOrEqual(0);
      }
    }));
  });

  it("is unknown without components", () => {
    expect(pageState([], [])).toBe("unknown");
  });
});

describe("componentState()", () => {
  it("is at least as bad as each open incident on it, in maintenance too", () => {
    fc.assert(fc.property(anyState, anyCircumstances, (probe, circumstances) => {
      const state = componentState("calls", probe, circumstances);
      for (const incident of circumstances.incidents.filter(isOpenIncident)) {
        for (const { id, status } of incident.components) {
          if (id === "calls") expect(compareStates(state, status)).toBeGreaterThanOrEqual(0);
        }
      }
    }));
  });

  it("is the probe's unless something open or running names it", () => {
    fc.assert(fc.property(anyState, anyCircumstances, (probe, { incidents, maintenances, now }) => {
      const others = {
        incidents: incidents.filter((one) =>
          !isOpenIncident(one) || one.components.every(({ id }) => id !== "calls")
        ),
        maintenances: maintenances.filter((one) => !one.components.includes("calls") || !isRunning(one, now)),
        now,
      };
      expect(componentState("calls", probe, others)).toBe(probe);
    }));
  });

  it("is under maintenance from the planned start to the planned end, and no longer", () => {
    const maintenance = {
      state: "scheduled",
      components: ["calls"],
      startsAt: "2026-11-29T12:00:00.000Z",
      endsAt: "2026-11-29T13:00:00.000Z",
    } as const;
    const at = (now: number) =>
      componentState("calls", "major_outage", { incidents: [], maintenances: [maintenance], now });
    expect(at(NOW - 1)).toBe("major_outage");
    expect(at(NOW)).toBe("under_maintenance");
    expect(at(NOW + 3_599_999)).toBe("under_maintenance");
    expect(at(NOW + 3_600_000)).toBe("major_outage");
  });

  it("is known by an incident even where nothing is measured", () => {
    const incident = {
      state: "identified",
      components: [{ id: "calls", status: "partial_outage" }],
    } as const;
    const circumstances = { incidents: [incident], maintenances: [], now: NOW };
    expect(componentState("calls", "unknown", circumstances)).toBe("partial_outage");
    expect(componentState("messages", "unknown", circumstances)).toBe("unknown");
  });
});

describe("mergeInstances()", () => {
  it("is never green unless all are, and a major outage only if all have it", () => {
    fc.assert(fc.property(fc.array(anyState, { minLength: 1, maxLength: 5 }), (states) => {
      const merged = mergeInstances(states);
      expect(merged === "operational").toBe(states.every((state) => state === "operational"));
      const isAll = states.every((state) => state === "major_outage");
      expect(merged === "major_outage").toBe(isAll);
    }));
  });

  it("calls it a partial outage when one instance of two fails", () => {
    expect(mergeInstances(["operational", "major_outage"])).toBe("partial_outage");
    expect(mergeInstances([])).toBe("unknown");
  });
});

describe("impactOf()", () => {
  it("follows the worst component", () => {
    expect(impactOf([])).toBe("none");
    expect(impactOf([{ status: "operational" }, { status: "degraded_performance" }])).toBe("minor");
    expect(impactOf([{ status: "partial_outage" }])).toBe("major");
    expect(impactOf([{ status: "partial_outage" }, { status: "major_outage" }])).toBe("critical");
  });
});
