import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyPlan, carryOut, findFaults } from "./chaos_plan.ts";
import type { WorldOptions } from "./simulated_world.ts";

/** Each device checks itself after every step; this is what must hold at the end. */
function survives(
  people: WorldOptions["people"],
  { runs, incidents }: { runs: number; incidents: number },
): void {
  fc.assert(
    fc.property(anyPlan(people.length, incidents), (plan) => {
      expect(findFaults(carryOut(plan, people))).toEqual([]);
    }),
    { numRuns: runs },
  );
}

/** Simulated time is short, but machines may be slow. */
const LONG = { timeout: 120_000 };

describe("calls under lost, doubled, reordered and late events", () => {
  it("the end of a call overtakes the answer by which it began", () => {
    const calm = { afterMs: 0, who: 0, other: 0, ms: 0 };
    const world = carryOut({
      seed: 7,
      isDirect: false,
      isConnected: false,
      weather: { lost: 0, doubled: 0, delayMaxMs: 5 },
      incidents: [{ ...calm, what: "start" }, { ...calm, afterMs: 1, what: "kick" }],
    }, [{ name: "ana" }, { name: "bo" }]);
    expect(findFaults(world)).toEqual([]);
  });

  it("two devices agree in the end", LONG, () => {
    survives([{ name: "ana" }, { name: "bo" }], { runs: 200, incidents: 14 });
  });

  it("a person with two devices, and a tab that takes the call over", LONG, () => {
    const tabs = [{ name: "ana1", session: "ana1" }, { name: "ana2", session: "ana2" }, {
      name: "bo",
      tickMs: 1_000,
    }];
    survives([...tabs, { name: "bo2", session: "bo" }], { runs: 100, incidents: 16 });
  });

  it("four devices agree in the end", LONG, () => {
    const people = ["ana", "bo", "cleo", "dara"].map((name) => ({ name }));
    survives(people, { runs: 60, incidents: 24 });
  });
});
