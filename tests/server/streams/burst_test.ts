import { describe, expect, it, vi } from "vitest";
import { keys } from "../../../server/kv/keys.ts";
import { roomTopic } from "../../../server/rooms/room_stream.ts";
import { deliverEvents } from "../../../server/streams/delivery.ts";
import { Hub } from "../../../server/streams/hub.ts";
import { Signals } from "../../../server/streams/signals.ts";
import { HeldDatabase } from "../../support/held_database.ts";
import { RecordingConnection } from "../../support/recording_connection.ts";
import { ANA, BEN, logOn, openTestDatabase, ROOM, roomsOn, sendRequest } from "../../support/stream_kit.ts";

describe("a burst in one room", () => {
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
