import { describe, expect, it } from "vitest";
import type { RoomId } from "../../../shared/ids.ts";
import { keys } from "../../../server/kv/keys.ts";
import { LoadedRooms } from "../../../server/rooms/loaded_rooms.ts";
import { isRoomNotice } from "../../../server/rooms/room_stream.ts";
import type { RoomNotice } from "../../../server/rooms/room_stream.ts";
import { ChatKit } from "../../support/chat_kit.ts";
import type { Somebody } from "../../support/chat_kit.ts";
import { HeldDatabase } from "../../support/held_database.ts";

interface Place {
  readonly kit: ChatKit;
  readonly ana: Somebody;
  readonly ben: Somebody;
  /** Holds a message that mentions Ben. */
  readonly roomId: RoomId;
  readonly otherId: RoomId;
  readonly mentionOffset: number;
}

/** What happens while Ben's rooms are read, and after which read. */
const CHANGES: Readonly<Record<string, readonly [(place: Place) => Deno.KvKey, (place: Place) => unknown]>> =
  {
    "a mention after his memberships": [
      ({ ben }) => keys.memberOfAll(ben.userId),
      ({ kit, ana, roomId }) => kit.send(ana, roomId, "@Ben once more"),
    ],
    "a mention after his mentions": [
      ({ ben }) => keys.mentionsAll(ben.userId),
      ({ kit, ana, roomId }) => kit.send(ana, roomId, "@Ben once more"),
    ],
    "the end of a mention after his mentions": [
      ({ ben }) => keys.mentionsAll(ben.userId),
      ({ kit, ana, roomId, mentionOffset }) =>
        kit.services.messages.delete(ana, { roomId, offset: mentionOffset }),
    ],
    "a mark after his memberships": [
      ({ ben }) => keys.memberOfAll(ben.userId),
      ({ kit, ben, roomId }) =>
        kit.services.rooms.readStates.mark({ userId: ben.userId, roomId, offset: 9e9, unread: false }),
    ],
    "a message after the heads": [
      ({ otherId }) => keys.streamHead(otherId),
      ({ kit, ana, otherId }) => kit.send(ana, otherId, "hello"),
    ],
    "a new name after the rows": [
      ({ otherId }) => keys.room(otherId),
      ({ kit, ana, otherId }) =>
        kit.services.rooms.update({ roomId: otherId, name: "Newer", by: ana.userId }),
    ],
    "his removal after the rows": [
      ({ otherId }) => keys.room(otherId),
      ({ kit, ana, ben, otherId }) =>
        kit.services.rooms.members.leave({ roomId: otherId, userId: ben.userId, by: ana.userId }),
    ],
  };

/** Two rooms of Ben, the second without anything unread, on services that have read nothing yet. */
async function withPlace(run: (place: Place, held: HeldDatabase) => Promise<void>): Promise<void> {
  await using kit = await ChatKit.open();
  const [ana, ben] = [await kit.person("Ana"), await kit.person("Ben")];
  const [roomId, otherId] = [await kit.room(ana, { with: [ben] }), await kit.room(ana, { with: [ben] })];
  const { offset: mentionOffset } = await kit.send(ana, roomId, "@Ben look");
  await kit.send(ana, roomId, "unread too");
  // Two rooms with something unread are read in one list of mentions.
  await kit.send(ana, await kit.room(ana, { with: [ben] }), "more");
  const held: HeldDatabase[] = [];
  await using fresh = await kit.again((db) => held[0] = new HeldDatabase(db));
  await run({ kit: fresh, ana, ben, roomId, otherId, mentionOffset }, held[0] as HeldDatabase);
}

describe("RoomSummaryCache", () => {
  for (const [name, [keyOf, change]] of Object.entries(CHANGES)) {
    it(`CACHE1 gives rooms as they are, whatever overtakes the read: ${name}`, async () => {
      await withPlace(async (place, held) => {
        const { kit, ben } = place;
        held.afterRead(keyOf(place), async () => void await change(place));
        const watch = await kit.watch(ben);
        expect(held.heldCount).toBe(1);
        const listed = await kit.services.roomsSubscription.list(ben.userId);
        await using fresh = await kit.again();
        expect(listed).toEqual(await fresh.services.roomsSubscription.list(ben.userId));
        await watch.stop();
      });
    });
  }

  it("CACHE2 finds one room as it is, whatever overtakes the read", async () => {
    await withPlace(async ({ kit, ana, ben, roomId, mentionOffset }, held) => {
      held.afterRead(
        keys.mentions(ben.userId, roomId),
        () => kit.services.messages.delete(ana, { roomId, offset: mentionOffset }),
      );
      expect(await kit.summary(ben, roomId)).toMatchObject({ mentions: 0, unread: 2 });
      expect(held.heldCount).toBe(1);
    });
  });
});

describe("LoadedRooms", () => {
  it("CACHE3 reads a row again when its room has gone on unheard", async () => {
    await using kit = await ChatKit.open();
    const ana = await kit.person("Ana");
    const roomId = await kit.room(ana, { name: "Tea" });
    await using other = await kit.again();
    const loaded = new LoadedRooms(kit.services.roomLog, other.services.rooms.access);
    const nameOf = async () => {
      const name = (await loaded.hold([roomId])).get(roomId)?.row.name;
      loaded.release([roomId]);
      // What is known of rows for a second is not what is tested.
      other.clock.now += 1_001;
      return name;
    };
    expect(await nameOf()).toBe("Tea");
    await kit.services.rooms.update({ roomId, name: "Coffee", by: ana.userId });
    expect(await nameOf()).toBe("Coffee");
  });

  it("CACHE3 reads a row again after a hole in what it has heard", async () => {
    await using kit = await ChatKit.open();
    const ana = await kit.person("Ana");
    const roomId = await kit.room(ana, { name: "Tea" });
    await using other = await kit.again();
    const loaded = new LoadedRooms(kit.services.roomLog, other.services.rooms.access);
    await loaded.hold([roomId]);
    loaded.release([roomId]);
    other.clock.now += 1_001;
    const notices: RoomNotice[] = [];
    kit.services.feed.subscribe("view", (notice) => void (isRoomNotice(notice) && notices.push(notice)));
    await kit.services.rooms.update({ roomId, name: "Coffee", by: ana.userId });
    await kit.send(ana, roomId, "hello");
    loaded.apply(notices.at(-1) as RoomNotice);
    expect((await loaded.hold([roomId])).get(roomId)).toMatchObject({
      row: { name: "Coffee" },
      head: { offset: 3 },
    });
  });

  it("CACHE4 reads nothing of a room that rests and has not changed", async () => {
    await using kit = await ChatKit.open();
    const ana = await kit.person("Ana");
    const roomId = await kit.room(ana);
    const loaded = new LoadedRooms(kit.services.roomLog, kit.services.rooms.access);
    await loaded.hold([roomId]);
    loaded.release([roomId]);
    expect(loaded.get(roomId)).toBeNull();
    kit.clock.now += 3_600_000;
    kit.db.reset();
    await loaded.hold([roomId]);
    expect(loaded.get(roomId)).not.toBeNull();
    expect(kit.db.reads).toBe(0);
  });
});
