import { describe, expect, it } from "vitest";
import { TokenBucket } from "../../../server/net/token_bucket.ts";

const RATE = { perSecond: 10, burst: 20 };

describe("TokenBucket", () => {
  it("can be overdrawn, and then refills for as long as that takes", () => {
    const bucket = new TokenBucket(RATE, 0);
    bucket.spend(50);
    expect(bucket.waitMs(0)).toBe(3_100);
    expect(bucket.waitMs(3_099)).toBe(1);
    expect(bucket.waitMs(3_100)).toBe(0);
  });

  it("never holds more than its burst", () => {
    const bucket = new TokenBucket(RATE, 0);
    bucket.giveBack(1_000);
    bucket.spend(20);
    expect(bucket.waitMs(1_000)).toBe(100);
    expect([bucket.isFull(2_999), bucket.isFull(3_000)]).toEqual([false, true]);
  });

  it("loses and gains nothing when the clock steps back", () => {
    const bucket = new TokenBucket(RATE, 10_000);
    bucket.spend(20);
    expect([bucket.waitMs(1_000), bucket.waitMs(1_100)]).toEqual([100, 0]);
  });
});
