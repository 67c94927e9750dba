import { describe, expect, it } from "vitest";
import fc from "fast-check";
import type { Database, ListOptions } from "../../../server/kv/database.ts";
import { KvDatabase } from "../../../server/kv/kv_database.ts";
import { RemoteDatabase } from "../../../server/kv/remote_database.ts";
import { hasDenokv, startDenokv } from "../../support/denokv.ts";
import { openTestDatabase } from "../../support/stream_kit.ts";

type Rows = readonly (readonly [Deno.KvKey, unknown])[];

const row = (...parts: Deno.KvKeyPart[]): Deno.KvKey => ["row", ...parts];

const KINDS = ["memory", "file", ...(await hasDenokv() ? ["remote" as const] : [])] as const;

async function openDatabase(kind: typeof KINDS[number]): Promise<Database & AsyncDisposable> {
  if (kind !== "remote") return await openTestDatabase(kind);
  const denokv = await startDenokv();
  const db = new RemoteDatabase({ open: denokv.open });
  return Object.assign(db, {
    async [Symbol.asyncDispose]() {
      await db.close();
      await denokv[Symbol.asyncDispose]();
    },
  });
}

async function keysBelow(db: Database, options: ListOptions): Promise<unknown[]> {
  return (await db.list(["row"], options)).map(({ key }) => key[1]);
}

/** Every kind of database keeps the same guarantees. */
describe.each(KINDS.map((kind) => [kind] as const))("database on %s", (kind) => {
  it("KV1 reads what a commit wrote, any number of rows, in the order of the keys", async () => {
    await using db = await openDatabase(kind);
    const sets: Rows = Array.from({ length: 37 }, (_, index) => [row(index), { index }]);
    const versionstamp = await db.commit({ sets });
    const asked = [...sets.map(([key]) => key).reverse(), row("missing"), row(0)];
    const entries = await db.getMany<{ index: number }>(asked);
    expect(entries.map(({ value }) => value?.index)).toEqual([
      ...Array.from({ length: 37 }, (_, index) => 36 - index),
      undefined,
      0,
    ]);
    expect(new Set(entries.map((entry) => entry.versionstamp))).toEqual(new Set([versionstamp, null]));
    expect(await db.get(row("missing"))).toMatchObject({ value: null, versionstamp: null });
    expect(await db.getMany([])).toEqual([]);
  });

  it("KV2 writes all of a commit or nothing", async () => {
    await using db = await openDatabase(kind);
    await db.commit({ sets: [[row("a"), 1], [row("b"), 1]] });
    const [a, free] = [await db.get(row("a")), await db.get(row("free"))];
    expect(await db.commit({ checks: [a, free], sets: [[row("a"), 2]], deletes: [row("b")] })).not.toBeNull();
    expect(await db.commit({ checks: [a], sets: [[row("a"), 3], [row("c"), 3]] })).toBeNull();
    const values = (await db.getMany([row("a"), row("b"), row("c")])).map(({ value }) => value);
    expect(values).toEqual([2, null, null]);
    await db.commit({ sets: [[row("free"), 1]] });
    expect(await db.commit({ checks: [free], sets: [[row("free"), 2]] })).toBeNull();
  });

  it("KV3 lets only one of many commits create a row", async () => {
    await using db = await openDatabase(kind);
    const empty = await db.get(row("name"));
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, index) => db.commit({ checks: [empty], sets: [[row("name"), index]] })),
    );
    expect(results.filter((versionstamp) => versionstamp !== null).length).toBe(1);
    expect((await db.get(row("name"))).value).toBe(
      results.findIndex((versionstamp) => versionstamp !== null),
    );
  });

  it("KV4 lists ranges, in both directions, across batches", async () => {
    await using db = await openDatabase(kind);
    const count = 1_200;
    for (let from = 0; from < count; from += 400) {
      await db.commit({ sets: Array.from({ length: 400 }, (_, index) => [row(from + index), 1]) });
    }
    await db.commit({ sets: [[["other", 1], 1]] });
    expect(await keysBelow(db, { limit: 5_000 })).toEqual(Array.from({ length: count }, (_, index) => index));
    await fc.assert(
      fc.asyncProperty(
        fc.nat(count),
        fc.nat(count),
        fc.integer({ min: 1, max: 700 }),
        fc.boolean(),
        fc.constantFrom("none", "start", "end", "both"),
        async (start, end, limit, reverse, bounds) => {
          const low = bounds === "start" || bounds === "both" ? Math.min(start, end) : 0;
          const high = bounds === "end" || bounds === "both" ? Math.max(start, end) : count;
          const expected = Array.from({ length: high - low }, (_, index) => low + index);
          const found = await keysBelow(db, {
            limit,
            reverse,
            ...(bounds === "start" || bounds === "both" ? { start: row(low) } : {}),
            ...(bounds === "end" || bounds === "both" ? { end: row(high) } : {}),
          });
          expect(found).toEqual((reverse ? expected.toReversed() : expected).slice(0, limit));
        },
      ),
      { numRuns: 40, seed: 20260107, endOnFailure: true },
    );
  });

  it("KV5 can end a key with the commit's versionstamp, so that rows are in commit order", async () => {
    await using db = await openDatabase(kind);
    const stamps: (string | null)[] = [];
    for (const value of ["first", "second", "third"]) {
      stamps.push(await db.commit({ stamped: [[row(), value]] }));
    }
    const rows = await db.list<string>(["row"], { limit: 10 });
    expect(rows.map(({ key, value }) => [key[1], value])).toEqual([
      [stamps[0], "first"],
      [stamps[1], "second"],
      [stamps[2], "third"],
    ]);
  });

  it("KV6 fails with a retryable error", async () => {
    await using db = await openDatabase(kind);
    // No row can have such a key, and the caller must not see what storage throws.
    const refused = { appCode: "storage_unavailable", retryAfterMs: expect.any(Number) };
    await expect(db.get(row("x".repeat(3_000)))).rejects.toMatchObject(refused);
    await expect(db.commit({ sets: [[row("big"), "x".repeat(100_000)]] })).rejects.toMatchObject(refused);
    expect((await db.get(row("big"))).value).toBeNull();
  });
});

describe("database file", () => {
  it("KV7 contains what was written before it was closed", async () => {
    const folder = await Deno.makeTempDir({ prefix: "parley-test-" });
    const open = async () => new KvDatabase(await Deno.openKv(`${folder}/parley.sqlite`));
    const db = await open();
    const writing = db.commit({ sets: [[row("late"), 1]] });
    await db.close();
    expect(await writing).not.toBeNull();
    const again = await open();
    expect((await again.get(row("late"))).value).toBe(1);
    await again.close();
    await Deno.remove(folder, { recursive: true });
  });
});
