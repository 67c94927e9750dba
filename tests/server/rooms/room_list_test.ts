import { describe, expect, it } from "vitest";
import type { RoomId, UserId } from "../../../shared/ids.ts";
import { keys } from "../../../server/kv/keys.ts";
import { ChatKit } from "../../support/chat_kit.ts";
import type { Somebody } from "../../support/chat_kit.ts";

const ROOM_COUNT = 40;
/** The settings of a person. */
const OWN_READ_COUNT = 1;
/** Those, and heads and rows, of which storage gives ten at a time. */
const COLD_READ_COUNT = OWN_READ_COUNT + 2 * ROOM_COUNT / 10;

async function roomsOf(kit: ChatKit, maker: Somebody, reader: Somebody, count: number): Promise<RoomId[]> {
  return await Promise.all(Array.from({ length: count }, () => kit.room(maker, { with: [reader] })));
}

/** Calls to storage for one list: reads of rows, and lists. */
async function callsOf(kit: ChatKit, userId: UserId): Promise<{ reads: number; lists: number }> {
  kit.db.reset();
  await kit.services.roomsSubscription.list(userId);
  const { reads, lists } = kit.db;
  return { reads, lists };
}

describe("rooms.list", () => {
  it("LIST1 takes two lists, and reads of ten rooms each for what is not known, however much is unread", async () => {
    await using kit = await ChatKit.open();
    const [ana, ben, cleo] = [await kit.person("Ana"), await kit.person("Ben"), await kit.person("Cleo")];
    const ids = await roomsOf(kit, ana, ben, ROOM_COUNT);
    for (const roomId of ids) await kit.send(ana, roomId, "@Ben look");
    const [one] = await roomsOf(kit, ana, cleo, 1);
    await kit.send(ana, one as RoomId, "@Cleo look");
    await using fresh = await kit.again();
    const cold = await callsOf(fresh, ben.userId);
    expect(cold).toEqual({ reads: COLD_READ_COUNT, lists: 2 });
    expect(await callsOf(fresh, cleo.userId)).toEqual({ reads: OWN_READ_COUNT + 2, lists: 2 });
    // What nobody looks at is known for as long as it does not change: only what is one's own is read again.
    fresh.clock.now += 3_600_000;
    expect(await callsOf(fresh, ben.userId)).toEqual({ reads: 0, lists: 2 });
    const list = await fresh.services.roomsSubscription.list(ben.userId);
    expect(list.length).toBe(ROOM_COUNT);
    expect(list.every(({ unread, mentions }) => unread === 1 && mentions === 1)).toBe(true);
  });

  it("LIST1 takes no more for the snapshot of a watch, and nothing while one is watching", async () => {
    await using kit = await ChatKit.open();
    const [ana, ben] = [await kit.person("Ana"), await kit.person("Ben")];
    await roomsOf(kit, ana, ben, ROOM_COUNT);
    await using fresh = await kit.again();
    fresh.db.reset();
    await fresh.watch(ben);
    expect({ ...fresh.db }).toMatchObject({ reads: COLD_READ_COUNT, lists: 1 });
    expect(await callsOf(fresh, ben.userId)).toEqual({ reads: 0, lists: 0 });
  });

  it("LIST2 shows what happened to rooms while nobody looked at them", async () => {
    await using kit = await ChatKit.open();
    const [ana, ben] = [await kit.person("Ana"), await kit.person("Ben")];
    const ids = await roomsOf(kit, ana, ben, 5);
    const [renamed, archived, posted, left, plain] = ids as [RoomId, RoomId, RoomId, RoomId, RoomId];
    const { id: direct } = await kit.services.rooms.openDirect(ana.userId, ben.userId);
    // As after a restart: what was read once is all that is known.
    await using started = await kit.again();
    const { rooms, roomsSubscription } = started.services;
    const before = await roomsSubscription.list(ben.userId);
    await rooms.update({ roomId: renamed, by: ana.userId, name: "Newer", topic: "of today" });
    await rooms.update({ roomId: archived, by: ana.userId, isArchived: true });
    await started.send(ana, posted, "@Ben look");
    await started.send(ana, direct, "hello");
    await rooms.members.leave({ userId: ben.userId, roomId: left, by: ana.userId });
    const after = new Map((await roomsSubscription.list(ben.userId)).map((room) => [room.id, room]));
    expect(after.get(renamed)).toMatchObject({ name: "Newer", topic: "of today", unread: 0 });
    expect(after.get(archived)?.archivedAt).not.toBeNull();
    expect(after.get(posted)).toMatchObject({ unread: 1, mentions: 1 });
    expect(after.get(direct)).toMatchObject({ unread: 1, mentions: 0, otherUserId: ana.userId });
    expect(after.has(left)).toBe(false);
    expect(after.get(plain)).toEqual(before.find(({ id }) => id === plain));
    await using fresh = await kit.again();
    expect(await fresh.services.roomsSubscription.list(ben.userId)).toEqual([...after.values()]);
  });

  it("LIST3 counts mentions of every room, however many were read long ago", async () => {
    await using kit = await ChatKit.open();
    const [ana, ben] = [await kit.person("Ana"), await kit.person("Ben")];
    const ids = (await roomsOf(kit, ana, ben, 4)).toSorted();
    const { db, rooms, roomsSubscription } = kit.services;
    for (const roomId of ids) {
      const { offset } = await kit.send(ana, roomId, "@Ben read");
      await rooms.readStates.mark({ userId: ben.userId, roomId, offset, unread: false });
    }
    for (const roomId of ids) await kit.send(ana, roomId, "@Ben unread");
    // Far more than one list gives, in the second room, as after years.
    const sets = Array.from(
      { length: 700 },
      (_, index) => [keys.mention(ben.userId, ids[1] as RoomId, index / 1_000), 0] as const,
    );
    for (let from = 0; from < sets.length; from += 100) {
      await db.commit({ sets: sets.slice(from, from + 100) });
    }
    const list = await roomsSubscription.list(ben.userId);
    expect(list.map(({ unread, mentions }) => [unread, mentions])).toEqual(ids.map(() => [1, 1]));
  });
});
