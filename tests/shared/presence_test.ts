import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { UserId } from "../../shared/ids.ts";
import {
  applyPresence,
  effectiveText,
  EMPTY_PICTURE,
  isStepDown,
  mergeLeases,
  offlineState,
  statesOf,
  toSnapshot,
  withoutExpiredText,
} from "../../shared/presence.ts";
import type { PresenceLease, PresencePicture, PresenceState, PresenceUpdate } from "../../shared/presence.ts";

const NOW = Date.parse("2026-03-01T12:00:00Z");
const ana = "ana" as UserId;
const bo = "bo" as UserId;

function lease(connectionId: string, status: "online" | "away", until = NOW + 1): PresenceLease {
  return { connectionId, userId: ana, status, until };
}

function state(userId: UserId, changes: Partial<PresenceState> = {}): PresenceState {
  return { ...offlineState(userId), status: "online", ...changes };
}

function snapshot(...states: PresenceState[]): PresenceUpdate {
  return toSnapshot(states);
}

function diff(...states: PresenceState[]): PresenceUpdate {
  return { type: "diff", states };
}

function applyAll(...updates: PresenceUpdate[]): PresencePicture {
  return updates.reduce(applyPresence, EMPTY_PICTURE);
}

describe("mergeLeases", () => {
  it("is offline without a lease", () => {
    expect(mergeLeases([], NOW)).toBe("offline");
  });

  it("is the best status of several devices, in any order", () => {
    expect(mergeLeases([lease("phone", "away"), lease("laptop", "online")], NOW)).toBe("online");
    expect(mergeLeases([lease("laptop", "online"), lease("phone", "away")], NOW)).toBe("online");
  });

  it("is away only if all devices are idle", () => {
    expect(mergeLeases([lease("phone", "away"), lease("laptop", "away")], NOW)).toBe("away");
  });

  it("ignores leases from the millisecond they expire", () => {
    expect(mergeLeases([lease("laptop", "online", NOW), lease("phone", "away", NOW + 1)], NOW)).toBe("away");
    expect(mergeLeases([lease("laptop", "online", NOW)], NOW)).toBe("offline");
  });

  it("is the status of the best live lease, for any leases", () => {
    const leases = fc.array(fc.record({
      connectionId: fc.string(),
      userId: fc.constant(ana),
      status: fc.constantFrom("online" as const, "away" as const),
      until: fc.integer({ min: NOW - 5, max: NOW + 5 }),
    }));
    fc.assert(fc.property(leases, (all) => {
      const alive = all.filter((one) => one.until > NOW);
      const expected = alive.some((one) => one.status === "online")
        ? "online"
        : alive.length > 0
        ? "away"
        : "offline";
      expect(mergeLeases(all, NOW)).toBe(expected);
    }));
  });
});

describe("isStepDown", () => {
  it("orders online above away above offline", () => {
    expect(isStepDown("online", "away")).toBe(true);
    expect(isStepDown("away", "offline")).toBe(true);
    expect(isStepDown("offline", "online")).toBe(false);
    expect(isStepDown("away", "away")).toBe(false);
  });
});

describe("applyPresence", () => {
  it("replaces everything with a snapshot", () => {
    const picture = applyAll(snapshot(state(ana)), snapshot(state(bo)));
    expect([...picture.states.keys()]).toEqual([bo]);
  });

  it("applies diffs over the snapshot", () => {
    const picture = applyAll(snapshot(state(ana)), diff(state(ana, { status: "away" }), state(bo)));
    expect(picture.states.get(ana)?.status).toBe("away");
    expect(picture.states.get(bo)?.status).toBe("online");
  });

  it("applies diffs that arrived before the snapshot after it", () => {
    const picture = applyAll(
      diff(state(ana, { status: "away" })),
      diff(offlineState(bo)),
      snapshot(state(ana), state(bo)),
    );
    expect(picture.states.get(ana)?.status).toBe("away");
    expect(picture.states.has(bo)).toBe(false);
    expect(picture.early).toEqual([]);
  });

  it("keeps the objects of states that another snapshot repeats", () => {
    const first = applyAll(snapshot(state(ana), state(bo)));
    const second = applyPresence(first, snapshot(state(ana), state(bo, { status: "away" })));
    expect(second.states.get(ana)).toBe(first.states.get(ana));
    expect(second.states.get(bo)?.status).toBe("away");
  });

  it("shows nobody before the first snapshot", () => {
    const picture = applyAll(diff(state(ana)));
    expect(picture.isComplete).toBe(false);
    expect(picture.states.size).toBe(0);
  });

  it("drops people who are offline without a text, and keeps those with one", () => {
    const away = state(bo, { status: "offline", text: "Back in May" });
    const picture = applyAll(snapshot(state(ana), state(bo)), diff(offlineState(ana), away));
    expect([...picture.states.values()]).toEqual([away]);
  });

  it("does not modify its argument, and keeps the objects of unchanged states", () => {
    const first = applyAll(snapshot(state(ana), state(bo)));
    const anaBefore = first.states.get(ana);
    const second = applyPresence(first, diff(offlineState(bo)));
    expect(first.states.has(bo)).toBe(true);
    expect(second.states.get(ana)).toBe(anaBefore);
  });

  it("supports ids that are names of object members", () => {
    const odd = "__proto__" as UserId;
    const picture = applyAll(snapshot(state(odd)), diff(state("constructor" as UserId)));
    expect([...picture.states.keys()]).toEqual(["__proto__", "constructor"]);
  });

  it("gives the same result as a new snapshot, wherever the snapshot falls among the changes", () => {
    const change = fc.record({
      userId: fc.constantFrom(ana, bo, "cleo" as UserId),
      status: fc.constantFrom("online" as const, "away" as const, "offline" as const),
      text: fc.constantFrom("", "Lunch"),
      textUntil: fc.constant(null),
      doNotDisturb: fc.boolean(),
    });
    fc.assert(fc.property(fc.array(change), fc.nat(), fc.nat(), (changes, at, lag) => {
      const cut = changes.length === 0 ? 0 : at % (changes.length + 1);
      // The snapshot includes the changes up to `cut`, and up to `lag` diffs arrive before it.
      const overtaking = changes.slice(cut, cut + lag % 3);
      const known = applyAll(snapshot(), ...changes.slice(0, cut).map((one) => diff(one))).states;
      const seen = applyAll(
        ...overtaking.map((one) => diff(one)),
        snapshot(...known.values()),
        ...changes.slice(cut + overtaking.length).map((one) => diff(one)),
      );
      const fresh = applyAll(snapshot(), ...changes.map((one) => diff(one)));
      expect(new Map(seen.states)).toEqual(new Map(fresh.states));
    }));
  });
});

describe("a snapshot", () => {
  it("lists ids by status, texts apart, and leaves out people who are offline without a text", () => {
    const until = new Date(NOW).toISOString();
    const states = [
      state(ana, { text: "Lunch", textUntil: until }),
      state(bo, { status: "away", doNotDisturb: true }),
      state("cleo" as UserId, { status: "offline", text: "Back in May" }),
      offlineState("dan" as UserId),
    ];
    expect(toSnapshot(states)).toEqual({
      type: "snapshot",
      online: [ana],
      away: [bo],
      doNotDisturb: [bo],
      texts: [
        { userId: ana, text: "Lunch", textUntil: until },
        { userId: "cleo", text: "Back in May", textUntil: null },
      ],
    });
    expect([...statesOf(toSnapshot(states)).values()]).toEqual(states.slice(0, 3));
  });

  it("takes 19 bytes per person", () => {
    const people = Array.from(
      { length: 1_000 },
      (_, index) => state(`person${index}`.padEnd(16, "0") as UserId),
    );
    expect(JSON.stringify(toSnapshot(people)).length).toBeLessThan(19 * 1_000 + 100);
  });
});

describe("status text", () => {
  it("expires exactly at its time", () => {
    const until = new Date(NOW).toISOString();
    const lunch = state(ana, { text: "Lunch", textUntil: until });
    expect(effectiveText(lunch, NOW - 1)).toBe("Lunch");
    expect(effectiveText(lunch, NOW)).toBe("");
    expect(withoutExpiredText(lunch, NOW)).toEqual({ ...lunch, text: "", textUntil: null });
    expect(withoutExpiredText(lunch, NOW - 1)).toBe(lunch);
  });

  it("never expires without a time", () => {
    expect(effectiveText(state(ana, { text: "Lunch" }), Number.MAX_SAFE_INTEGER)).toBe("Lunch");
  });
});
