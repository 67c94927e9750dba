import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Liveness } from "../../../client/net/liveness.ts";

function setUp({ isVisible = true, answersAfterMs = Infinity } = {}) {
  const startedAt = Date.now();
  const pings: number[] = [];
  const drops: number[] = [];
  const roundTrips: number[] = [];
  const socket = {
    send: () => {
      pings.push(Date.now() - startedAt);
      if (answersAfterMs < Infinity) setTimeout(() => liveness.heard("PONG"), answersAfterMs);
    },
    drop: () => {
      drops.push(Date.now() - startedAt);
      liveness.stop();
    },
  };
  const liveness = new Liveness(socket, {
    now: Date.now,
    isVisible: () => isVisible,
    onRoundTrip: (ms) => void roundTrips.push(ms),
  });
  return { liveness, pings, drops, roundTrips };
}

describe("Liveness", () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it("pings when it opens, and drops a socket that never answers after three seconds", () => {
    const { pings, drops } = setUp();
    vi.advanceTimersByTime(60_000);
    expect([pings, drops]).toEqual([[0], [3_000]]);
  });

  for (const [isVisible, withinMs] of [[true, 9_000], [false, 29_000]] as const) {
    it(`notices within ${withinMs} ms that the link has died, ${isVisible ? "visible" : "hidden"}`, () => {
      const { liveness, drops } = setUp({ isVisible });
      vi.advanceTimersByTime(20);
      liveness.heard("PONG");
      vi.advanceTimersByTime(withinMs);
      expect(drops).toHaveLength(1);
    });
  }

  it("goes on pinging while other data arrives", () => {
    const { liveness, pings, drops } = setUp({ answersAfterMs: 100 });
    for (let second = 0; second < 60; second++) {
      vi.advanceTimersByTime(1_000);
      liveness.heard("{}");
    }
    liveness.stop();
    expect(pings.length).toBeGreaterThanOrEqual(10);
    expect(drops).toEqual([]);
  });

  it("drops a link that only carries data to here, sooner if there is little of it", () => {
    const startedAt = Date.now();
    const busy = setUp();
    while (busy.drops.length === 0 && Date.now() < startedAt + 60_000) {
      busy.liveness.heard("{}");
      vi.advanceTimersByTime(500);
    }
    expect(busy.drops).toEqual([8_000]);
    const quiet = setUp();
    vi.advanceTimersByTime(2_900);
    quiet.liveness.heard("PING");
    vi.advanceTimersByTime(60_000);
    expect(quiet.drops).toEqual([3_900]);
  });

  it("measures the round trip", () => {
    const { liveness, roundTrips } = setUp();
    vi.advanceTimersByTime(30);
    liveness.heard("{}");
    vi.advanceTimersByTime(12);
    liveness.heard("PONG");
    expect(roundTrips).toEqual([42]);
  });
});
