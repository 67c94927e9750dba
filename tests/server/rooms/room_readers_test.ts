import { describe, expect, it } from "vitest";
import { RoomReaders } from "../../../server/rooms/room_readers.ts";
import { roomTopic } from "../../../server/rooms/room_stream.ts";
import { AccountKit } from "../../support/account_kit.ts";

describe("RoomReaders", () => {
  it("RIGHT7 revokes a demoted reader when the new role cannot be read", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const ben = await kit.member(owner, "Ben");
    const roomId = await kit.room(owner, "Plans");
    const { hub, feed, signals, rooms: { access } } = kit.services;
    const asked = Promise.withResolvers<void>();
    const readers = new RoomReaders({
      hub,
      feed,
      signals,
      access,
      roleOf: () => {
        asked.resolve();
        return Promise.reject(new Error("Storage is away"));
      },
    });
    const topic = roomTopic(roomId);
    const actor = { userId: ben.me.id, role: ben.me.role, isBot: false };
    const { signal } = new AbortController();
    const reader = readers.open({ topic, actor, roomId, connection: null, signal });
    await reader.authorize(actor);
    const received = reader.subscription.live(0).next().catch((error: unknown) => error);
    await owner.api.users.setRole({ userId: ben.me.id, role: "guest" });
    await asked.promise;
    // One turn of the event loop, after which the failure has been handled.
    await new Promise((resolve) => setImmediate(resolve));
    hub.publish(topic, { value: "For members", offset: 1 });
    expect(await received).toMatchObject({
      appCode: "storage_unavailable",
      message: "Access could not be checked",
    });
    reader.release();
    readers.close();
  });
});
