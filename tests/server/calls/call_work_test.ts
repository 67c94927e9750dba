import { describe, expect, it } from "vitest";
import type { Database } from "../../../server/kv/database.ts";
import { directRoom, tabOf } from "../../support/call_kit.ts";
import { testApp } from "../../support/test_app.ts";

interface Work {
  reads: number;
  commits: number;
}

/** Counts calls of storage while something is done. */
async function workOf(db: Database, work: () => Promise<unknown>): Promise<Work> {
  const counted: Work = { reads: 0, commits: 0 };
  const names = ["get", "getMany", "list", "commit"] as const;
  for (const name of names) {
    const method = db[name] as (...args: unknown[]) => unknown;
    Object.defineProperty(db, name, {
      configurable: true,
      value: (...args: unknown[]) => {
        if (name === "commit") counted.commits++;
        else counted.reads++;
        return Reflect.apply(method, db, args);
      },
    });
  }
  try {
    await work();
  } finally {
    // Restores the methods of the class.
    for (const name of names) Reflect.deleteProperty(db, name);
  }
  return counted;
}

describe("the work of calls", () => {
  it("CWORK1 is bounded: signals cost nothing in storage, and every change one commit", async () => {
    await using app = await testApp();
    const [ana, ben] = [app.owner, await app.person("Ben")];
    const roomId = await directRoom(ana, ben);
    const [one, two] = [await tabOf(app, ana), await tabOf(app, ben)];
    const { db } = app.services;
    const names = new Map<string, Work>();
    const measure = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
      // The rights of both are read before, as they are once a second anyway.
      await Promise.all([one, two].map(({ api }) => api.calls.current.query({ roomId })));
      let result: T | undefined;
      names.set(name, await workOf(db, async () => void (result = await work())));
      return result as T;
    };
    const { call, participantId: from } = await measure("start", () => one.start(roomId));
    await two.next("ring");
    const { callId } = call;
    await measure("rang", () => two.api.calls.rang.mutate({ callId, tabId: two.tabId }));
    const { participantId: to } = await measure("accept", () => two.accept(call));
    await one.until(2);
    await measure("20 signals", async () => {
      for (let seq = 0; seq < 10; seq++) {
        for (const [tab, receiver] of [[one, to], [two, from]] as const) {
          const signal = {
            callId,
            to: receiver,
            tabId: tab.tabId,
            epoch: 0,
            seq,
            kind: "offer",
            payload: "x",
          };
          await tab.api.calls.signal.mutate(signal as never);
        }
      }
    });
    const media = { callId, tabId: two.tabId, mic: true, screen: false, screenAudio: false, hand: false };
    await measure("media", () => two.api.calls.media.mutate({ ...media, cam: true }));
    await measure("the same media", () => two.api.calls.media.mutate({ ...media, cam: true }));
    await measure("leave", () => two.leave(call));
    await one.next("call_ended");
    const commits = Object.fromEntries([...names].map(([name, work]) => [name, work.commits]));
    expect(commits).toEqual({
      start: 1,
      rang: 1,
      accept: 1,
      "20 signals": 0,
      media: 1,
      "the same media": 0,
      leave: 1,
    });
    // Measured: 5, 1, 3, 0, 1, 1, 3. Rights that are more than a second old are read once more.
    for (const [name, { reads }] of names) expect(reads, name).toBeLessThanOrEqual(9);
  });
});
