import { describe, expect, it } from "vitest";
import type { CallId, RoomId } from "../../../shared/ids.ts";
import { keys } from "../../../server/kv/keys.ts";
import { IN_MEMORY, openDatabase } from "../../../server/kv/open_database.ts";
import type { Database } from "../../../server/kv/database.ts";
import { CLAIM_MS, PushClaim, PushClaimStore } from "../../../server/push/push_claim_store.ts";
import type { PushClaimRow } from "../../../server/push/push_claim_store.ts";

const roomId = "r".repeat(16) as RoomId;
const task = { roomId, offset: 7, phase: "now" } as const;

/** Instances with one clock. */
async function instances(names: readonly string[], { isShared = true, claimMs = CLAIM_MS } = {}) {
  const { db } = await openDatabase(IN_MEMORY);
  const clock = { now: 1_000 };
  const open = () => new PushClaimStore({ db, now: () => clock.now, isShared, claimMs });
  const stores = names.map((name) => ({ name, store: open() }));
  return { db, clock, open, stores, [Symbol.asyncDispose]: () => db.close() };
}

async function rowOf(db: Database): Promise<PushClaimRow | null> {
  return (await db.get<PushClaimRow>(keys.pushClaim(roomId, 7, "now"))).value;
}

describe("PushClaimStore", () => {
  it("lets one instance work, and another one after it was killed", async () => {
    await using test = await instances(["a", "b", "c"]);
    const done: string[] = [];
    const all = () =>
      Promise.all(test.stores.map(({ name, store }) =>
        store.perform(task, null, () => {
          done.push(name);
          // As if it were killed in the middle.
          return done.length === 1 ? Promise.reject(new Error("killed")) : Promise.resolve(true);
        }).catch(() => "killed" as const)
      ));
    const first = await all();
    expect(done.length).toBe(1);
    expect(first.toSorted()).toEqual([1_000 + CLAIM_MS, 1_000 + CLAIM_MS, "killed"]);
    await all();
    expect(done.length).toBe(1);
    test.clock.now += CLAIM_MS;
    await all();
    expect(done.length).toBe(2);
    expect(await all()).toEqual([null, null, null]);
    expect(done.length).toBe(2);
  });

  it("renews a claim while it works, and never takes back what another instance has done meanwhile", async () => {
    await using test = await instances(["a", "b"], { claimMs: 30 });
    const [a, b] = test.stores.map(({ store }) => store);
    const until = async () => (await rowOf(test.db))?.until ?? 0;
    await a?.perform(task, null, async (isHeld) => {
      test.clock.now += 20;
      await expect.poll(until).toBe(1_050);
      expect(isHeld()).toBe(true);
      // As if it had been stopped for long, unless it renews the claim just then.
      let taken: PushClaim | number | null | undefined;
      while (!(taken instanceof PushClaim)) {
        test.clock.now += 100;
        taken = await b?.take(task, null);
      }
      await taken.run(() => Promise.resolve(true));
      await expect.poll(isHeld).toBe(false);
      return true;
    });
    const row = await rowOf(test.db);
    expect(row?.isDone).toBe(true);
    expect(await b?.perform(task, null, () => Promise.reject(new Error("again")))).toBe(null);
  });

  it("finds what was left: at once without other instances, otherwise when the claim has ended", async () => {
    for (const isShared of [true, false]) {
      await using test = await instances(["a"], { isShared });
      const later = { roomId, offset: 8, phase: "later" } as const;
      const given = { callId: "s".repeat(16) as CallId, number: 9, phase: "ring" } as const;
      const store = test.stores[0]?.store;
      await store?.take(task, "mine");
      await store?.plan(later, 20_000, "planned");
      await store?.perform(given, "given up", () => Promise.resolve(false));
      await store?.perform({ roomId, offset: 1, phase: "now" }, "done", () => Promise.resolve(true));
      const left = await test.open().left();
      expect(left).toEqual([
        { task, data: "mine", atMs: isShared ? 1_000 + CLAIM_MS : 1_000 },
        { task: later, data: "planned", atMs: 20_000 },
        { task: given, data: "given up", atMs: 1_000 },
      ]);
      expect(await store?.left()).toEqual([]);
      expect(typeof await test.open().take(task, null)).toBe(isShared ? "number" : "object");
    }
  });
});
