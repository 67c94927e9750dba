import { describe, expect, it, vi } from "vitest";
import { keys } from "../../../server/kv/keys.ts";
import { hasDenokv, startDenokv } from "../../support/denokv.ts";
import { startStreams } from "../../support/instance_kit.ts";
import type { StreamInstance } from "../../support/instance_kit.ts";
import { ANA, BEN, ROOM, sendRequest } from "../../support/stream_kit.ts";

const isPossible = await hasDenokv();

/** Sends with retries until each has an answer, one after the other. */
async function sendAll(instance: StreamInstance, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    await vi.waitFor(() => instance.eventLog.append(ROOM, sendRequest(ANA, id)), {
      timeout: 20_000,
      interval: 100,
    });
  }
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}

function offsets(instance: StreamInstance): number[] {
  return instance.published.map((event) => event.offset);
}

describe.skipIf(!isPossible)("feed between instances", () => {
  it("FEED1 publishes every append of two instances on both, once and in order", async () => {
    await using kv = await startDenokv();
    await using a = await startStreams(kv, "a");
    await using b = await startStreams(kv, "b");
    const ids = (name: string) => Array.from({ length: 150 }, (_, index) => `${name}${index}`);
    await Promise.all([
      ...ids("a").map((id) => a.eventLog.append(ROOM, sendRequest(ANA, id))),
      ...ids("b").map((id) => b.eventLog.append(ROOM, sendRequest(BEN, id))),
    ]);
    await vi.waitFor(() => expect([offsets(a).length, offsets(b).length]).toEqual([300, 300]), {
      timeout: 10_000,
    });
    expect(offsets(a)).toEqual(upTo(300));
    expect(offsets(b)).toEqual(upTo(300));
    expect(b.published.map((event) => event.by)).toEqual(a.published.map((event) => event.by));
  });

  it("FEED2 knows the head of another instance's append without a read, and appends on it", async () => {
    await using kv = await startDenokv();
    await using a = await startStreams(kv, "a");
    await using b = await startStreams(kv, "b");
    await b.eventLog.append(ROOM, sendRequest(BEN, "first"));
    await vi.waitFor(() => expect(offsets(a)).toEqual([1]));
    await a.eventLog.append(ROOM, sendRequest(ANA, "second"));
    await vi.waitFor(() => expect(offsets(b)).toEqual([1, 2]));
    const reads = vi.spyOn(b.db, "get");
    await b.eventLog.append(ROOM, sendRequest(BEN, "third"));
    expect(reads).not.toHaveBeenCalled();
  });

  it("FEED3 carries notices in order, and tells the own instance at once", async () => {
    await using kv = await startDenokv();
    await using a = await startStreams(kv, "a");
    await using b = await startStreams(kv, "b");
    for (let index = 0; index < 20; index++) {
      a.feed.publish({
        type: "signal",
        row: { type: "typing", roomId: ROOM, userId: ANA, isTyping: index % 2 === 0 },
      });
    }
    const typing = ({ notices }: StreamInstance) => notices.filter(({ type }) => type === "signal");
    expect(typing(a).length).toBe(20);
    await vi.waitFor(() => expect(typing(b).length).toBe(20));
    expect(typing(b)).toEqual(typing(a));
  });

  it("FEED4 hears without any bell, by looking", async () => {
    await using kv = await startDenokv();
    await using a = await startStreams(kv, "a");
    await using deaf = await startStreams(kv, "deaf", { isWatching: false });
    await a.eventLog.append(ROOM, sendRequest(ANA, "one"));
    await vi.waitFor(() => expect(offsets(deaf)).toEqual([1]), { timeout: 5_000 });
  });

  it("FEED5 loses and doubles nothing when the storage server is killed or frozen", async () => {
    await using kv = await startDenokv();
    await using a = await startStreams(kv, "a", { callTimeoutMs: 500 });
    await using b = await startStreams(kv, "b", { callTimeoutMs: 500 });
    const sending = Promise.all([
      sendAll(a, Array.from({ length: 200 }, (_, index) => `a${index}`)),
      sendAll(b, Array.from({ length: 200 }, (_, index) => `b${index}`)),
    ]);
    await vi.waitFor(() => expect(offsets(a).length).toBeGreaterThan(40), { timeout: 10_000 });
    await kv.restart();
    await vi.waitFor(() => expect(offsets(a).length).toBeGreaterThan(120), { timeout: 20_000 });
    kv.signal("SIGSTOP");
    await vi.waitFor(() => expect(a.renewalCount()).toBeGreaterThan(0), { timeout: 5_000 });
    kv.signal("SIGCONT");
    await sending;
    await vi.waitFor(() => expect([offsets(a).length, offsets(b).length]).toEqual([400, 400]), {
      timeout: 15_000,
    });
    expect(offsets(a)).toEqual(upTo(400));
    expect(offsets(b)).toEqual(upTo(400));
    await vi.waitFor(() => expect([a.db.abandonedCount, b.db.abandonedCount]).toEqual([0, 0]), {
      timeout: 15_000,
    });
  }, 60_000);

  it("FEED6 notices a restored database by its epoch", async () => {
    await using kv = await startDenokv();
    await using a = await startStreams(kv, "a");
    await using other = await startStreams(kv, "other");
    await other.db.commit({ sets: [[keys.epoch(), "second"]] });
    await vi.waitFor(() => expect(a.lost).toContain("restored"), { timeout: 5_000 });
  });

  it("FEED7 collects old rows", async () => {
    await using kv = await startDenokv();
    let skippedMs = 0;
    await using a = await startStreams(kv, "a", { elapsed: () => performance.now() + skippedMs });
    await a.eventLog.append(ROOM, sendRequest(ANA, "one"));
    const rows = () => a.db.list(["feed", "first"], { limit: 10 });
    a.feed.publish({ type: "signal", row: { type: "presence_wanted" } });
    // The append, and the signal.
    await vi.waitFor(async () => expect((await rows()).length).toBe(2));
    // Again and again: what counts is the time since the rows were read, and they may be read only now.
    const isEmpty = async () => {
      skippedMs += 10_000;
      expect((await rows()).length).toBe(0);
    };
    await vi.waitFor(isEmpty, { timeout: 25_000, interval: 200 });
  }, 40_000);

  it("FEED8 leaves no hole before an instance's first own append", async () => {
    await using kv = await startDenokv();
    await using deaf = await startStreams(kv, "deaf", { isWatching: false });
    await using other = await startStreams(kv, "other");
    for (const id of ["one", "two"]) await other.eventLog.append(ROOM, sendRequest(BEN, id));
    await deaf.eventLog.append(ROOM, sendRequest(ANA, "three"));
    await vi.waitFor(() => expect(offsets(deaf).length).toBe(3), { timeout: 5_000 });
    expect(offsets(deaf)).toEqual([1, 2, 3]);
  });

  it("FEED9 tells the own instance of a change whose commit got no answer", async () => {
    await using kv = await startDenokv();
    await using a = await startStreams(kv, "a", { callTimeoutMs: 300 });
    await using b = await startStreams(kv, "b");
    const changed = { type: "user_changed", userId: ANA } as const;
    const told = ({ notices }: StreamInstance) =>
      notices.filter(({ type }) => type === "user_changed").length;
    await a.feed.commit(a.db, { sets: [[keys.user(ANA), 1]] }, [changed]);
    await vi.waitFor(() => expect([told(a), told(b)]).toEqual([1, 1]));
    kv.signal("SIGSTOP");
    await expect(a.feed.commit(a.db, { sets: [[keys.user(ANA), 2]] }, [changed])).rejects.toThrow();
    kv.signal("SIGCONT");
    // What was sent before the stop happened after all.
    await vi.waitFor(() => expect([told(a), told(b)]).toEqual([2, 2]), { timeout: 15_000 });
    await vi.waitFor(() => expect(a.db.abandonedCount).toBe(0), { timeout: 15_000 });
  }, 40_000);

  it("FEED15 tells last what was committed last, where a notice carries the state", async () => {
    await using kv = await startDenokv();
    await using deaf = await startStreams(kv, "deaf", { isWatching: false });
    await using other = await startStreams(kv, "other");
    const say = ({ feed, db }: StreamInstance, text: string) => {
      const statusText = { text, textUntil: null, doNotDisturb: false };
      const changed = { type: "status_text_changed", userId: ANA, statusText } as const;
      return feed.commit(db, { sets: [[keys.statusText(ANA), statusText]] }, [changed]);
    };
    await say(other, "first");
    await say(deaf, "second");
    const texts = ({ notices }: StreamInstance) =>
      notices.flatMap((notice) => notice.type === "status_text_changed" ? [notice.statusText.text] : []);
    // The own one at once, then both as they stand in the feed.
    await vi.waitFor(() => expect(texts(deaf)).toContain("first"), { timeout: 5_000 });
    await vi.waitFor(() => expect([texts(deaf).at(-1), texts(other).at(-1)]).toEqual(["second", "second"]));
  });

  it("FEED16 tells the own instance once when the feed is faster than the answer to the commit", async () => {
    await using kv = await startDenokv();
    await using a = await startStreams(kv, "a");
    const told = () => a.notices.filter(({ type }) => type === "user_changed").length;
    const commit = a.db.commit.bind(a.db);
    const slow = vi.spyOn(a.db, "commit").mockImplementationOnce(async (...asked) => {
      const versionstamp = await commit(...asked);
      await vi.waitFor(() => expect(told()).toBe(1));
      return versionstamp;
    });
    await a.feed.commit(a.db, { sets: [[keys.user(ANA), 1]] }, [{ type: "user_changed", userId: ANA }]);
    slow.mockRestore();
    expect(told()).toBe(1);
  });

  it("FEED17 says that it is not current when rows cannot be read, whatever else can", async () => {
    await using kv = await startDenokv();
    let skippedMs = 0;
    await using a = await startStreams(kv, "a", { elapsed: () => performance.now() + skippedMs });
    expect(a.feed.isCurrent).toBe(true);
    const list = vi.spyOn(a.db, "list").mockRejectedValue(new Error("Rows cannot be read"));
    skippedMs = 60_000;
    const shardCount = 5;
    await vi.waitFor(() => expect(list.mock.calls.length).toBeGreaterThan(2 * shardCount), {
      timeout: 8_000,
    });
    expect(a.feed.isCurrent).toBe(false);
    list.mockRestore();
    await vi.waitFor(() => expect(a.feed.isCurrent).toBe(true), { timeout: 5_000 });
  });
});
