import { describe, expect, it } from "vitest";
import { ReadCache } from "../../../server/kv/read_cache.ts";
import type { ReadCacheOptions } from "../../../server/kv/read_cache.ts";

/** A cache over storage whose reads wait until the test answers each, in any order. */
function heldCache(options: Partial<ReadCacheOptions<number>> = {}) {
  const cache = new ReadCache<string, number>({ maxCount: 3, ...options });
  const reads: PromiseWithResolvers<number | null>[] = [];
  const read = () => {
    const held = Promise.withResolvers<number | null>();
    reads.push(held);
    return held.promise;
  };
  const answer = (index: number, value: number | null) => reads[index]?.resolve(value);
  return { cache, reads, answer, read, get: (key: string) => cache.get(key, read) };
}

const at = (value: number | null) => () => Promise.resolve(value);

describe("ReadCache", () => {
  it("CACHE1 shares a read among simultaneous callers, in order, and counts", async () => {
    const { cache, reads, answer, get } = heldCache();
    const order: number[] = [];
    const asked = [1, 2, 3].map((number) => get("a").then(() => order.push(number)));
    answer(0, 7);
    await Promise.all(asked);
    expect([order, reads.length, cache.peek("a"), await get("a")]).toEqual([[1, 2, 3], 1, 7, 7]);
    expect([cache.size, cache.readCount, cache.hitCount]).toEqual([1, 1, 3]);
  });

  it("CACHE2 does not cache a read that a change overtook, and later callers do not join it", async () => {
    for (const change of ["drop", "dropWhere"] as const) {
      const { cache, answer, get } = heldCache();
      const before = get("a");
      if (change === "drop") cache.drop("a");
      else cache.dropWhere(() => false);
      const after = get("a");
      answer(0, 1);
      expect(await before).toBe(1);
      expect(cache.peek("a")).toBeUndefined();
      answer(1, 2);
      expect([await after, cache.peek("a")]).toEqual([2, 2]);
    }
  });

  it("CACHE3 gives callers of an overtaken read the value cached by then", async () => {
    const { cache, answer, get, read } = heldCache();
    const [overtaken, set] = [get("a"), get("b")];
    const newer = cache.read("a", read);
    answer(2, 2);
    expect(await newer).toBe(2);
    answer(0, 1);
    expect([await overtaken, cache.peek("a")]).toEqual([2, 2]);
    cache.set("b", 9);
    answer(1, 8);
    expect([await set, cache.peek("b")]).toEqual([9, 9]);
  });

  it("CACHE4 leaves other keys alone", async () => {
    const { cache, answer, get } = heldCache();
    cache.set("a", 1);
    const other = get("b");
    cache.drop("a");
    answer(0, 2);
    await other;
    expect([cache.peek("a"), cache.peek("b")]).toEqual([undefined, 2]);
    cache.set("c", 3);
    cache.dropWhere((value) => value === 2);
    expect([cache.peek("b"), cache.peek("c")]).toEqual([undefined, 3]);
  });

  it("CACHE5 never rejects based on a cached value or an earlier read", async () => {
    const { cache, reads, answer, get } = heldCache();
    const [first, second] = [get("a"), get("a")];
    answer(0, null);
    expect(await first).toBeNull();
    expect(reads.length).toBe(2);
    answer(1, 5);
    expect([await second, cache.peek("a")]).toEqual([5, 5]);
    const isLarge = (value: number) => value > 5;
    // A single read, whose answer is final.
    expect(await cache.get("a", at(4), isLarge)).toBe(4);
    expect(await cache.get("a", at(6), isLarge)).toBe(6);
    expect(await cache.get("a", at(4), isLarge)).toBe(6);
  });

  it("CACHE6 caches neither null nor excluded values, and drops the previous value", async () => {
    const { cache } = heldCache({ isKept: (value) => value > 0 });
    cache.set("a", 1);
    expect([await cache.read("a", at(null)), cache.peek("a")]).toEqual([null, undefined]);
    cache.set("a", 1);
    expect([await cache.read("a", at(0)), cache.peek("a"), cache.size]).toEqual([0, undefined, 0]);
  });

  it("CACHE7 fails all callers of a failed read, and reads again the next time", async () => {
    const { cache, reads, get } = heldCache();
    const asked = Promise.allSettled([get("a"), get("a")]);
    reads[0]?.reject(new Error("Storage is away"));
    expect((await asked).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(await cache.get("a", at(1))).toBe(1);
  });

  it("CACHE8 is bounded, and drops the least recently used value", () => {
    const { cache } = heldCache();
    for (const key of ["a", "b", "c"]) cache.set(key, 1);
    cache.peek("a");
    cache.set("d", 1);
    expect(["a", "b", "c", "d"].map((key) => cache.peek(key))).toEqual([1, undefined, 1, 1]);
    expect(cache.size).toBe(3);
  });

  it("CACHE9 expires values, even if the clock steps back", () => {
    const clock = { now: 10_000 };
    const { cache } = heldCache({ ttl: { ms: 1_000, now: () => clock.now } });
    for (const change of [999, 1_000, -1]) {
      cache.set("a", 1);
      clock.now += change;
      expect([change, cache.peek("a")]).toEqual([change, change === 999 ? 1 : undefined]);
    }
  });

  it("CACHE10 reads many at once, and caches each unless a change overtook it", async () => {
    const { cache } = heldCache({ maxCount: 10 });
    cache.set("a", 1);
    const held = Promise.withResolvers<(number | null)[]>();
    const asked: (readonly string[])[] = [];
    const found = cache.getMany(["a", "b", "c", "d"], (missing) => {
      asked.push(missing);
      return held.promise;
    });
    cache.drop("c");
    held.resolve([2, 3, null]);
    expect([...await found].toSorted()).toEqual([["a", 1], ["b", 2], ["c", 3]]);
    expect(asked).toEqual([["b", "c", "d"]]);
    expect(["b", "c", "d"].map((key) => cache.peek(key))).toEqual([2, undefined, undefined]);
    expect((await cache.getMany(["a", "b"], () => Promise.reject(new Error("Nothing is missing")))).size)
      .toBe(2);
  });
});
