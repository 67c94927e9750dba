import { describe, expect, it } from "vitest";
import { KvDatabase } from "../../../server/kv/kv_database.ts";

/** Storage in memory that counts the calls to KV by the keys that each reads. */
async function countedStorage() {
  const kv = await Deno.openKv(":memory:");
  for (let index = 0; index < 40; index++) await kv.set(["row", index], index);
  const calls: number[] = [];
  const getMany = kv.getMany.bind(kv);
  kv.getMany = ((keys: readonly Deno.KvKey[]) => {
    calls.push(keys.length);
    return getMany(keys as Deno.KvKey[]);
  }) as typeof kv.getMany;
  const db = new KvDatabase(kv);
  return { db, calls, [Symbol.asyncDispose]: () => db.close() };
}

describe("reads at the same time", () => {
  it("share calls to KV, and each gets its own rows", async () => {
    await using storage = await countedStorage();
    const { db, calls } = storage;
    const read = async (index: number) => {
      const rows = await db.getMany<number>([["row", index], ["none", index]]);
      return rows.map(({ value }) => value);
    };
    const rows = await Promise.all(Array.from({ length: 21 }, (_, index) => read(index)));
    expect(rows).toEqual(rows.map((_, index) => [index, null]));
    // The first goes at once, the rest five by five.
    expect(calls).toEqual([2, 10, 10, 10, 10]);
  });

  it("are not put off when there is nothing to share with", async () => {
    await using storage = await countedStorage();
    const { db, calls } = storage;
    const reading = db.get<number>(["row", 7]);
    expect(calls).toEqual([1]);
    expect((await reading).value).toBe(7);
  });

  it("do not fail because of another's key", async () => {
    await using storage = await countedStorage();
    const { db } = storage;
    const [first, wrong, last] = await Promise.allSettled([
      db.get<number>(["row", 1]),
      db.get(["x".repeat(3_000)]),
      db.get<number>(["row", 2]),
    ]);
    expect(first).toMatchObject({ status: "fulfilled", value: { value: 1 } });
    expect(wrong.status).toBe("rejected");
    expect(last).toMatchObject({ status: "fulfilled", value: { value: 2 } });
  });

  it("more than KV takes at once are read in parts", async () => {
    await using storage = await countedStorage();
    const { db } = storage;
    const rows = await db.getMany<number>(Array.from({ length: 25 }, (_, index) => ["row", index]));
    expect(rows.map(({ value }) => value)).toEqual(Array.from({ length: 25 }, (_, index) => index));
  });
});
