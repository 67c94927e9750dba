import { describe, expect, it, vi } from "vitest";
import { keys } from "../../../server/kv/keys.ts";
import { roomTopic } from "../../../server/rooms/room_stream.ts";
import { deliverEvents } from "../../../server/streams/delivery.ts";
import { Hub } from "../../../server/streams/hub.ts";
import { Signals } from "../../../server/streams/signals.ts";
import { RecordingDatabase } from "../../support/many_streams.ts";
import { HeldDatabase } from "../../support/held_database.ts";
import { RecordingConnection } from "../../support/recording_connection.ts";
import { ANA, BEN, logOn, openTestDatabase, ROOM, roomsOn, sendRequest } from "../../support/stream_kit.ts";

describe("a burst in one room", () => {
  it("is one commit, though its first sender's rights have yet to be read", async () => {
    await using inner = await openTestDatabase("memory");
    const db = new RecordingDatabase(inner);
    const { eventLog } = logOn(db);
    const { promise: prepared, resolve: letGo } = Promise.withResolvers<void>();
    const first = sendRequest(ANA, "first");
    const appends = [
      eventLog.append(ROOM, {
        ...first,
        prepared,
        build: async (slot) => {
          await prepared;
          return first.build(slot);
        },
      }),
    ];
    await new Promise((resolve) => setImmediate(resolve));
    for (let index = 0; index < 5; index++) appends.push(eventLog.append(ROOM, sendRequest(BEN, `${index}`)));
    letGo();
    const offsets = (await Promise.all(appends)).map((one) => one.isDuplicate ? 0 : one.event.offset);
    expect(offsets).toEqual([1, 2, 3, 4, 5, 6]);
    expect(db.commits.length).toBe(1);
  });

  it("loses only the send whose rights cannot be read", async () => {
    await using db = await openTestDatabase("memory");
    const { eventLog } = logOn(db);
    const prepared = Promise.reject(new Error("Storage is away"));
    const results = await Promise.allSettled([
      eventLog.append(ROOM, { ...sendRequest(ANA, "first"), prepared, build: () => prepared }),
      eventLog.append(ROOM, sendRequest(BEN, "second")),
    ]);
    expect(results.map(({ status }) => status)).toEqual(["rejected", "fulfilled"]);
  });

  it("that takes two commits is one write to each reader", async () => {
    await using inner = await openTestDatabase("memory");
    const db = new HeldDatabase(inner);
    const { eventLog, feed } = logOn(db);
    const hub = new Hub();
    const signals = new Signals({ feed, hub, signals: [] });
    const stop = deliverEvents({ feed, hub, signals, epoch: "test", kindOf: () => roomsOn(db) });
    const connection = new RecordingConnection();
    const controller = new AbortController();
    const subscription = hub.open({
      topic: roomTopic(ROOM),
      userId: BEN,
      connection,
      signal: controller.signal,
    });
    const encoder = hub.encoder();
    const live = (async () => {
      for await (const data of subscription.live(0)) {
        encoder.encode({ id: 1, result: { type: "data", data } });
      }
    })();
    // The hold may end only by the second commit, however slow the machine is.
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      const others: Promise<unknown>[] = [];
      db.beforeCommit(keys.events(ROOM), () => {
        for (let index = 0; index < 15; index++) {
          others.push(eventLog.append(ROOM, sendRequest(ANA, `${index}`)));
        }
        return Promise.resolve();
      });
      await eventLog.append(ROOM, sendRequest(ANA, "first"));
      await Promise.all(others);
      await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    } finally {
      vi.useRealTimers();
    }
    expect([connection.writeCount, connection.payloads.length]).toEqual([1, 16]);
    controller.abort();
    await live;
    subscription.release();
    stop();
    signals.close();
  });
});
