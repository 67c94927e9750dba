import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RateLimiter } from "../../../server/net/rate_limit.ts";
import { AppError } from "../../../shared/errors.ts";

const RATE = { perSecond: 5, burst: 15 };

describe("RateLimiter", () => {
  it("allows a burst and then the rate per second", () => {
    let now = 0;
    const limits = new RateLimiter({ now: () => now });
    for (let count = 0; count < 15; count++) limits.take("send", "ana", RATE);
    expect(limits.tryTake("send", "ana", RATE)).toBe(200);
    now = 199;
    expect(limits.tryTake("send", "ana", RATE)).toBe(1);
    now = 200;
    expect(limits.tryTake("send", "ana", RATE)).toBe(0);
    expect(limits.tryTake("send", "ana", RATE)).toBe(200);
  });

  it("says exactly how long to wait", () => {
    let now = 0;
    const limits = new RateLimiter({ now: () => now });
    const rate = { perSecond: 10 / 3_600, burst: 1 };
    limits.take("rooms", "ana", rate);
    try {
      limits.take("rooms", "ana", rate);
      expect.unreachable();
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      expect([error.appCode, error.message]).toEqual([
        "rate_limited",
        "Too many requests, try again in 360 s",
      ]);
      now += (error.retryAfterMs ?? 0) - 1;
      expect(limits.tryTake("rooms", "ana", rate)).toBeGreaterThan(0);
      now += 1;
    }
    limits.take("rooms", "ana", rate);
  });

  it("counts each name and subject separately", () => {
    const limits = new RateLimiter({ now: () => 0 });
    const one = { perSecond: 1, burst: 1 };
    limits.take("a", "ana", one);
    limits.take("b", "ana", one);
    limits.take("a", "ben", one);
    expect(limits.tryTake("a", "ana", one)).toBeGreaterThan(0);
  });

  it("can be checked without taking a token", () => {
    const limits = new RateLimiter({ now: () => 0 });
    const one = { perSecond: 1, burst: 1 };
    expect([limits.peek("a", "ana", one), limits.peek("a", "ana", one)]).toEqual([0, 0]);
    limits.take("a", "ana", one);
    expect(limits.peek("a", "ana", one)).toBe(1_000);
  });

  it("loses no tokens when the clock steps back", () => {
    let now = 1_000_000;
    const limits = new RateLimiter({ now: () => now });
    for (let count = 0; count < 15; count++) limits.take("send", "ana", RATE);
    now = 0;
    expect(limits.tryTake("send", "ana", RATE)).toBe(200);
    now = 200;
    expect(limits.tryTake("send", "ana", RATE)).toBe(0);
  });

  it("never allows more than burst + rate × time, for any sequence of calls", () => {
    fc.assert(fc.property(fc.array(fc.nat(400), { maxLength: 200 }), (gaps) => {
      let now = 0;
      const limits = new RateLimiter({ now: () => now });
      let taken = 0;
      for (const gap of gaps) {
        now += gap;
        if (limits.tryTake("send", "ana", RATE) === 0) taken++;
      }
      expect(taken).toBeLessThanOrEqual(RATE.burst + now / 1_000 * RATE.perSecond);
    }));
  });

  it("forgets unused subjects, and stays bounded under attack", () => {
    let now = 0;
    const limits = new RateLimiter({ now: () => now });
    const slow = { perSecond: 1 / 3_600, burst: 1 };
    limits.take("a", "first", slow);
    for (let subject = 0; subject < 30_000; subject++) {
      now += 10;
      limits.take("a", String(subject), { perSecond: 1_000, burst: 5 });
    }
    expect(limits.size).toBeLessThan(15_000);
    expect(limits.tryTake("a", "first", slow)).toBeGreaterThan(0);
    for (let subject = 0; subject < 300_000; subject++) limits.take("b", String(subject), slow);
    expect(limits.size).toBeLessThanOrEqual(200_000);
  });
});
