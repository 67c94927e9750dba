import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { runFor } from "../../../server/kv/caller.ts";
import { ACCOUNT_CALLS_COUNT, FairDatabase, LOCAL_CALLS_COUNT } from "../../../server/kv/fair_database.ts";
import { CALL_TIMEOUT_MS } from "../../../server/kv/kv_calls.ts";
import { KvDatabase } from "../../../server/kv/kv_database.ts";
import { CallTimeout } from "../../../server/kv/storage_error.ts";

const MAX_COUNT = 8;

/** In-memory storage whose reads hang until they are released, in the order in which they began. */
async function hangingStorage(maxCount = MAX_COUNT) {
  const kv = await Deno.openKv(":memory:");
  const begun: string[] = [];
  const letGo: (() => void)[] = [];
  let runningCount = 0;
  // A list is a call of its own, whatever else is read.
  kv.list = ((selector: { readonly prefix: Deno.KvKey }) => {
    begun.push(String(selector.prefix[0]));
    runningCount++;
    const { promise, resolve } = Promise.withResolvers<void>();
    letGo.push(() => {
      runningCount--;
      resolve();
    });
    return { [Symbol.asyncIterator]: () => ({ next: () => promise.then(() => ({ done: true })) }) };
  }) as typeof kv.list;
  const db = new FairDatabase(new KvDatabase(kv), maxCount);
  /** Reads for an account; returns how it ended. */
  const read = (accountId: string) => {
    const caller = { accountId, charge: () => {}, beginWait: () => () => {}, live: () => {} };
    return runFor(caller, () => db.list([accountId], { limit: 1 })).then(
      () => "read",
      (error: unknown) => error,
    );
  };
  return {
    begun,
    read,
    get runningCount() {
      return runningCount;
    },
    next: () => letGo.shift()?.(),
    async [Symbol.asyncDispose]() {
      while (letGo.length > 0) {
        letGo.shift()?.();
        await turn();
      }
      await db.close();
    },
  };
}

/** Lets everything that follows from settled promises happen. */
async function turn(): Promise<void> {
  for (let count = 0; count < 20; count++) await Promise.resolve();
}

describe("FairDatabase", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("limits the calls in flight", async () => {
    await using storage = await hangingStorage();
    for (let index = 0; index < 30; index++) void storage.read(`person ${index}`);
    await turn();
    expect(storage.runningCount).toBe(MAX_COUNT);
    storage.next();
    await turn();
    expect([storage.runningCount, storage.begun.length]).toEqual([MAX_COUNT, MAX_COUNT + 1]);
  });

  it("runs at most four calls of one account ahead of others, also on a local thread", async () => {
    await using storage = await hangingStorage(LOCAL_CALLS_COUNT);
    for (let count = 0; count < 100; count++) void storage.read("attacker");
    void storage.read("honest");
    await turn();
    expect(storage.begun).toEqual([...Array(ACCOUNT_CALLS_COUNT).fill("attacker"), "honest"]);
  });

  it("lets accounts take turns, however many calls each has", async () => {
    await using storage = await hangingStorage();
    for (let index = 0; index < MAX_COUNT; index++) void storage.read(`crowd ${index}`);
    for (let count = 0; count < 50; count++) void storage.read("attacker");
    void storage.read("honest");
    await turn();
    for (let count = 0; count < 4; count++) {
      storage.next();
      await turn();
    }
    expect(storage.begun.slice(MAX_COUNT)).toEqual(["attacker", "honest", "attacker", "attacker"]);
  });

  it("F7 starts no more calls while storage hangs, and answers all within the time limit of one", async () => {
    await using storage = await hangingStorage();
    const reads = Array.from({ length: 3 * MAX_COUNT }, (_, index) => storage.read(`person ${index}`));
    await turn();
    await vi.advanceTimersByTimeAsync(CALL_TIMEOUT_MS);
    for (const outcome of await Promise.all(reads)) expect(outcome).toBeInstanceOf(CallTimeout);
    expect(storage.begun).toHaveLength(MAX_COUNT);
    const late = storage.read("late");
    await turn();
    expect(storage.begun).toHaveLength(MAX_COUNT);
    // The thread continues, and later calls are served.
    storage.next();
    await turn();
    expect(storage.begun.at(-1)).toBe("late");
    for (let count = 0; count < MAX_COUNT; count++) storage.next();
    expect(await late).toBe("read");
  });
});
