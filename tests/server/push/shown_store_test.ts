import { describe, expect, it } from "vitest";
import { IN_MEMORY, openDatabase } from "../../../server/kv/open_database.ts";
import { ShownStore } from "../../../server/push/shown_store.ts";
import { newId } from "../../../shared/ids.ts";
import type { RoomId, UserId } from "../../../shared/ids.ts";

const ROOMS_MAX_COUNT = 30;

describe("ShownStore", () => {
  it("knows the 30 rooms that a person was told of last", async () => {
    const { db } = await openDatabase(IN_MEMORY);
    const store = new ShownStore(db);
    const userId = newId<UserId>();
    const rooms = Array.from({ length: ROOMS_MAX_COUNT + 2 }, () => newId<RoomId>());
    for (const roomId of rooms) await store.note(userId, { roomId, offset: 1 }, () => Promise.resolve(false));
    const read = await store.note(
      userId,
      { roomId: newId<RoomId>(), offset: 1 },
      () => Promise.resolve(true),
    );
    expect(read).toEqual(rooms.slice(-ROOMS_MAX_COUNT));
    await db.close();
  });

  it("names what is read again for the next messages, which may be the first that arrive", async () => {
    const { db } = await openDatabase(IN_MEMORY);
    const store = new ShownStore(db);
    const userId = newId<UserId>();
    const [first, second, third] = [newId<RoomId>(), newId<RoomId>(), newId<RoomId>()];
    const note = (roomId: RoomId) =>
      store.note(userId, { roomId, offset: 1 }, (id) => Promise.resolve(id === first));
    await note(first);
    expect([await note(second), await note(third), await note(first)]).toEqual([[first], [first], []]);
    await db.close();
  });
});
