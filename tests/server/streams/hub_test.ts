import { describe, expect, it, vi } from "vitest";
import fc from "fast-check";
import type { UserId } from "../../../shared/ids.ts";
import { AppError } from "../../../shared/errors.ts";
import { EPHEMERAL_SKIP_BYTES } from "../../../shared/limits.ts";
import { Hub } from "../../../server/streams/hub.ts";
import { GapError } from "../../../server/streams/sink.ts";
import { RecordingConnection } from "../../support/recording_connection.ts";
import { ANA, BEN } from "../../support/stream_kit.ts";

interface Setup {
  readonly hub: Hub;
  /** Opens a subscription, goes live the way the tRPC adapter does, and gives the end of its generator. */
  subscribe(
    options?: {
      connection?: RecordingConnection;
      userId?: UserId;
      after?: number;
      id?: number;
      exceptOwn?: boolean;
    },
  ): {
    connection: RecordingConnection;
    ended: Promise<unknown>;
    abort: () => void;
  };
  publish(offset: number, extra?: { by?: UserId; ephemeral?: boolean; isMoreComing?: boolean }): void;
}

function setup(): Setup {
  const hub = new Hub();
  return {
    hub,
    publish: (offset, { isMoreComing = false, ...extra } = {}) =>
      hub.publish(
        "room:x",
        { value: { offset }, offset, position: `e.${offset}`, ...extra },
        { isMoreComing },
      ),
    subscribe(
      { connection = new RecordingConnection(), userId = ANA, after = 0, id = 1, exceptOwn = false } = {},
    ) {
      const controller = new AbortController();
      const subscription = hub.open<unknown>({
        topic: "room:x",
        userId,
        connection,
        exceptOwn,
        signal: controller.signal,
      });
      const encoder = hub.encoder();
      const run = async () => {
        try {
          for await (const data of subscription.live(after)) {
            const text = encoder.encode({ id, result: { type: "data", data } });
            expect(text).toBe("");
          }
        } finally {
          subscription.release();
        }
      };
      return { connection, ended: run().catch((error) => error), abort: () => controller.abort() };
    },
  };
}

/** One turn of the event loop, after which everything published before it was written. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(() => resolve())));
}

function offsetsOf(connection: RecordingConnection): unknown[] {
  return connection.payloads.map((payload) =>
    (payload as { result: { data: { data: { offset: number } } } }).result.data.data.offset
  );
}

describe("Hub", () => {
  it("HUB1 writes what is published in one turn as one write, encoded once for equal request ids", async () => {
    const { hub, subscribe, publish } = setup();
    const readers = Array.from({ length: 50 }, (_, index) => subscribe({ id: index % 2 }));
    await turn();
    for (let offset = 1; offset <= 16; offset++) publish(offset);
    await turn();
    for (const { connection } of readers) {
      expect(connection.writeCount).toBe(1);
      expect(offsetsOf(connection)).toEqual(Array.from({ length: 16 }, (_, index) => index + 1));
    }
    expect(hub.stats).toMatchObject({ deliveries: 800, encodes: 2, writes: 50 });
    for (const reader of readers) reader.abort();
    await Promise.all(readers.map((reader) => reader.ended));
    expect(hub.hasSubscribers("room:x")).toBe(false);
  });

  it("HUB2 frames a response as tRPC's own JSON, at every length of header", async () => {
    const { hub, subscribe } = setup();
    const { connection, abort, ended } = subscribe({ id: 7 });
    await turn();
    const values = ["a", "b".repeat(200), "ü".repeat(70_000)];
    for (const value of values) hub.publish("room:x", { value, offset: 0, position: "e.1" });
    await turn();
    const stock = values.map((data) =>
      JSON.stringify({ id: 7, result: { type: "data", data: { id: "e.1", data }, id: "e.1" } })
    );
    expect(connection.texts).toEqual(stock);
    abort();
    await ended;
  });

  it("HUB3 gives each reader everything after its offset exactly once, whenever it goes live", async () => {
    const step = fc.oneof(
      fc.constant("publish" as const),
      fc.constant("turn" as const),
      fc.record({ after: fc.nat(400) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.nat(300), async (steps, before) => {
        const { subscribe, publish } = setup();
        // Keeps the topic, as another reader would.
        const keeper = subscribe();
        await turn();
        let head = 0;
        for (; head < before; head++) publish(head + 1);
        const readers: { reader: ReturnType<Setup["subscribe"]>; after: number }[] = [];
        for (const next of steps) {
          if (next === "publish") publish(++head);
          else if (next === "turn") await turn();
          else {
            const after = Math.min(next.after, head);
            readers.push({ reader: subscribe({ after }), after });
            await Promise.resolve();
          }
        }
        await turn();
        for (const { reader, after } of readers) {
          const got = offsetsOf(reader.connection);
          reader.abort();
          const end = await reader.ended;
          if (end instanceof GapError) expect(got).toEqual([]);
          else expect(got).toEqual(Array.from({ length: head - after }, (_, index) => after + index + 1));
        }
        keeper.abort();
        await keeper.ended;
      }),
      { numRuns: 200, seed: 7 },
    );
  });

  it("HUB4 says so when it no longer holds what a reader missed", async () => {
    const { subscribe, publish } = setup();
    const keeper = subscribe();
    await turn();
    for (let offset = 1; offset <= 300; offset++) publish(offset);
    await turn();
    expect(await subscribe({ after: 10 }).ended).toBeInstanceOf(GapError);
    keeper.abort();
    await keeper.ended;
  });

  it("HUB5 ends a person's subscriptions with the error, and delivers nothing after it", async () => {
    const { hub, subscribe, publish } = setup();
    const ana = subscribe({ userId: ANA });
    const ben = subscribe({ userId: BEN });
    await turn();
    publish(1);
    hub.revoke("room:x", BEN, new AppError("not_found", "Room does not exist"));
    publish(2);
    await turn();
    expect(offsetsOf(ben.connection)).toEqual([1]);
    expect(offsetsOf(ana.connection)).toEqual([1, 2]);
    expect(await ben.ended).toMatchObject({ appCode: "not_found" });
    ana.abort();
    await ana.ended;
  });

  it("HUB6 refuses to go live when the topic was lost while history was read", async () => {
    const hub = new Hub();
    const { signal } = new AbortController();
    const subscription = hub.open({
      topic: "room:x",
      userId: BEN,
      connection: new RecordingConnection(),
      signal,
    });
    hub.revoke("room:x", BEN, new AppError("not_found", "Room does not exist"));
    expect(() => subscription.throwIfRevoked()).toThrow("Room does not exist");
    await expect(subscription.live(0).next()).rejects.toMatchObject({ appCode: "not_found" });
    subscription.release();
  });

  it("HUB7 leaves out what a subscription asked to leave out: its own", async () => {
    const { subscribe, publish } = setup();
    const ana = subscribe({ userId: ANA, exceptOwn: true });
    const ben = subscribe({ userId: BEN, exceptOwn: true });
    await turn();
    publish(1, { by: ANA });
    publish(2);
    await turn();
    expect(offsetsOf(ana.connection)).toEqual([2]);
    expect(offsetsOf(ben.connection)).toEqual([1, 2]);
    ana.abort();
    ben.abort();
    await Promise.all([ana.ended, ben.ended]);
  });

  it("HUB8 drops what is ephemeral for a slow reader, never what is durable", async () => {
    const { hub, subscribe, publish } = setup();
    const { connection, abort, ended } = subscribe();
    await turn();
    connection.bufferedBytes = EPHEMERAL_SKIP_BYTES + 1;
    hub.publish("room:x", { value: { offset: 0 }, offset: 0, position: "x", ephemeral: true });
    await turn();
    expect(connection.writeCount).toBe(0);
    publish(1);
    await turn();
    expect(offsetsOf(connection)).toEqual([1]);
    expect(hub.stats.skipped).toBe(1);
    abort();
    await ended;
  });

  it("HUB9 asks a reader that went without a part of a picture to begin again once it has caught up", async () => {
    const { subscribe, publish } = setup();
    const { connection, ended } = subscribe();
    await turn();
    connection.bufferedBytes = EPHEMERAL_SKIP_BYTES + 1;
    publish(1, { ephemeral: true });
    await turn();
    connection.drain();
    expect(await ended).toBeInstanceOf(GapError);
    expect(connection.writeCount).toBe(0);
  });

  it("HUB10 yields tracked values over HTTP, in order, and ends on abort", async () => {
    const { hub, publish } = setup();
    const controller = new AbortController();
    const subscription = hub.open<[string, { offset: number }]>({
      topic: "room:x",
      userId: ANA,
      connection: null,
      signal: controller.signal,
    });
    const seen: unknown[] = [];
    const run = async () => {
      for await (const [position, { offset }] of subscription.live(1)) {
        seen.push([position, offset]);
        if (offset === 3) controller.abort();
      }
      subscription.release();
    };
    const done = run();
    for (let offset = 1; offset <= 3; offset++) publish(offset);
    await done;
    expect(seen).toEqual([["e.2", 2], ["e.3", 3]]);
  });

  it("HUB11 keeps a bounded queue for an HTTP reader that takes nothing, and asks it to begin again", async () => {
    const { hub, publish } = setup();
    const { signal } = new AbortController();
    const subscription = hub.open<unknown>({ topic: "room:x", userId: ANA, connection: null, signal });
    const live = subscription.live(0);
    const first = live.next();
    const turnsOf = async (from: number, count: number) => {
      for (let offset = from; offset < from + count; offset++) publish(offset);
      await turn();
    };
    for (let from = 1; from <= 2_000; from += 100) await turnsOf(from, 100);
    expect((await first).value).toMatchObject({ 0: "e.1", 1: { offset: 1 } });
    let taken = 1;
    const rest = async () => {
      for (;; taken++) if ((await live.next()).done) return "ended";
    };
    expect(await rest().catch((error: unknown) => error)).toBeInstanceOf(GapError);
    expect(taken).toBeLessThanOrEqual(1_001);
    subscription.release();
  });

  it("HUB12 ends a channel over HTTP whose reader takes nothing", async () => {
    const { hub } = setup();
    const { signal } = new AbortController();
    const channel = hub.channel<number>({ connection: null, signal });
    const stream = channel.stream();
    channel.push(1);
    const first = await stream.next();
    for (let value = 2; value <= 2_000; value++) {
      channel.push(value);
      if (value % 100 === 0) await turn();
    }
    const taken = [first.value];
    for await (const value of stream) taken.push(value);
    expect(taken.length).toBeLessThanOrEqual(1_001);
    expect(taken).toEqual(taken.map((_, index) => index + 1));
  });

  it("HUB13 waits for what follows at once, a few ms at most", async () => {
    const { hub, subscribe, publish } = setup();
    const { connection, abort, ended } = subscribe();
    await turn();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      publish(1, { isMoreComing: true });
      await turn();
      expect(connection.writeCount).toBe(0);
      publish(2, { isMoreComing: true });
      publish(3);
      await turn();
      expect([connection.writeCount, ...offsetsOf(connection)]).toEqual([1, 1, 2, 3]);
      publish(4, { isMoreComing: true });
      // Nothing follows after all.
      vi.advanceTimersByTime(4);
      expect([connection.writeCount, ...offsetsOf(connection)]).toEqual([2, 1, 2, 3, 4]);
      publish(5, { isMoreComing: true });
      hub.revoke("room:x", ANA, new AppError("not_found", "Gone"));
      expect(offsetsOf(connection)).toEqual([1, 2, 3, 4, 5]);
    } finally {
      vi.useRealTimers();
    }
    abort();
    await ended;
  });
});
