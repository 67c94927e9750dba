import { describe, expect, it } from "vitest";
import type { RoomId } from "../../../shared/ids.ts";
import { IN_MEMORY, openDatabase } from "../../../server/kv/open_database.ts";
import { CLAIM_MS, PushClaimStore } from "../../../server/push/push_claim_store.ts";

const task = { roomId: "r".repeat(16) as RoomId, offset: 7, phase: "now" } as const;

describe("PushClaimStore", () => {
  it("lets one instance work, and another one after it was killed", async () => {
    const { db } = await openDatabase(IN_MEMORY);
    let now = 1_000;
    const done: string[] = [];
    const stores = ["a", "b", "c"].map((name) => ({ name, store: new PushClaimStore(db, () => now) }));
    const all = () =>
      Promise.all(stores.map(({ name, store }) =>
        store.perform(task, () => {
          done.push(name);
          // As if it were killed in the middle.
          return done.length === 1 ? Promise.reject(new Error("killed")) : Promise.resolve();
        }).catch(() => "killed" as const)
      ));
    const first = await all();
    expect(done.length).toBe(1);
    expect(first.toSorted()).toEqual([1_000 + CLAIM_MS, 1_000 + CLAIM_MS, "killed"]);
    await all();
    expect(done.length).toBe(1);
    now += CLAIM_MS;
    await all();
    expect(done.length).toBe(2);
    expect(await all()).toEqual([null, null, null]);
    expect(done.length).toBe(2);
    await db.close();
  });
});
