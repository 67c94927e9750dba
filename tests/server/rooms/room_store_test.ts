import { describe, expect, it } from "vitest";
import type { RoomId, UserId } from "../../../shared/ids.ts";
import type { Room } from "../../../shared/room.ts";
import { ChatKit } from "../../support/chat_kit.ts";

async function outcomes(work: readonly Promise<unknown>[]): Promise<string[]> {
  const results = await Promise.allSettled(work);
  return results.map((result) => result.status === "fulfilled" ? "ok" : result.reason.appCode);
}

describe.each([["memory"], ["file"]] as const)("rooms on %s", (kind) => {
  it("ROOM1 makes a room with its maker as moderator, as the first event of its log", async () => {
    await using kit = await ChatKit.open(kind);
    const ana = await kit.person("Ana");
    const room = await kit.services.rooms.create({
      name: "Tea",
      kind: "private",
      topic: "hot",
      by: ana.userId,
    });
    expect(room).toMatchObject({ name: "Tea", kind: "private", topic: "hot", archivedAt: null });
    expect(await kit.services.rooms.members.page(room.id, undefined, 10)).toEqual({
      items: [{ userId: ana.userId, role: "moderator", joinedAt: expect.any(String) }],
      cursor: null,
    });
    const { rows } = await kit.services.roomLog.read(room.id, 0, 10);
    expect(rows).toEqual([{
      offset: 1,
      row: expect.objectContaining({ type: "member_joined", userId: ana.userId, role: "moderator" }),
    }]);
  });

  it("ROOM2 gives a public name once, also to look-alikes and to concurrent makers", async () => {
    await using kit = await ChatKit.open(kind);
    const ana = await kit.person("Ana");
    const make = (name: string, kind: "public" | "private" = "public") =>
      kit.services.rooms.create({ name, kind, topic: "", by: ana.userId });
    expect((await outcomes([make("Coffee"), make("coffee"), make("Соffee"), make("Coffee")])).toSorted())
      .toEqual(["name_taken", "name_taken", "name_taken", "ok"]);
    expect(await outcomes([make("Coffee", "private"), make("Coffee", "private")])).toEqual(["ok", "ok"]);
  });

  it("ROOM3 frees the old name at a rename and takes the new one once", async () => {
    await using kit = await ChatKit.open(kind);
    const ana = await kit.person("Ana");
    const rooms = await Promise.all(["One", "Two", "Three"].map((name) => kit.room(ana, { name })));
    const rename = (index: number, name: string) =>
      kit.services.rooms.update({ roomId: rooms[index] as RoomId, name, by: ana.userId });
    expect(await outcomes([rename(0, "Two")])).toEqual(["name_taken"]);
    expect((await outcomes([rename(0, "Four"), rename(1, "four")])).toSorted()).toEqual(["name_taken", "ok"]);
    expect(await outcomes([rename(2, "THREE")])).toEqual(["ok"]);
    const names = (await kit.services.rooms.directory.browse({ limit: 10 })).items.map(({ name }) => name);
    expect(names.map((name) => name.toLowerCase()).toSorted()).toEqual(
      names.includes("Two") ? ["four", "three", "two"] : ["four", "one", "three"],
    );
    const freed = names.includes("Two") ? "One" : "Two";
    await kit.room(ana, { name: freed });
  });

  it("ROOM4 makes one direct room for a pair, whoever is first and however many try", async () => {
    await using kit = await ChatKit.open(kind);
    const [ana, ben] = [await kit.person("Ana"), await kit.person("Ben")];
    const open = (a: UserId, b: UserId) => kit.services.rooms.openDirect(a, b);
    const rooms: Room[] = await Promise.all(
      Array.from(
        { length: 20 },
        (_, index) => index % 2 === 0 ? open(ana.userId, ben.userId) : open(ben.userId, ana.userId),
      ),
    );
    const ids = new Set(rooms.map(({ id }) => id));
    expect(ids.size).toBe(1);
    const [roomId] = [...ids];
    if (roomId === undefined) throw new Error("There must be a room");
    const { items } = await kit.services.rooms.members.page(roomId, undefined, 10);
    expect(items.map(({ userId }) => userId).toSorted()).toEqual([ana.userId, ben.userId].toSorted());
    const { rows } = await kit.services.roomLog.read(roomId, 0, 10);
    expect(rows.map(({ row }) => row.type)).toEqual(["member_joined", "member_joined"]);
    const [ofAna] = await kit.services.roomsSubscription.list(ana.userId);
    expect(ofAna).toMatchObject({ kind: "direct", name: "", otherUserId: ben.userId, unread: 0 });
  });

  it("ROOM5 keeps a direct room as it is", async () => {
    await using kit = await ChatKit.open(kind);
    const [ana, ben, cleo] = [await kit.person("Ana"), await kit.person("Ben"), await kit.person("Cleo")];
    const { id: roomId } = await kit.services.rooms.openDirect(ana.userId, ben.userId);
    const { rooms } = kit.services;
    expect(
      await outcomes([
        rooms.members.join({ roomId, userId: cleo.userId, by: ana.userId }),
        rooms.members.leave({ roomId, userId: ana.userId }),
        rooms.members.setRole({ roomId, userId: ben.userId, role: "moderator", by: ana.userId }),
        rooms.update({ roomId, name: "Us", by: ana.userId }),
        rooms.update({ roomId, isArchived: true, by: ana.userId }),
      ]),
    ).toEqual(Array(5).fill("not_allowed"));
    expect((await kit.services.roomLog.head(roomId)).offset).toBe(2);
  });

  it("ROOM6 joins, leaves and changes roles once, whatever is repeated", async () => {
    await using kit = await ChatKit.open(kind);
    const [ana, ben] = [await kit.person("Ana"), await kit.person("Ben")];
    const roomId = await kit.room(ana);
    const { members } = kit.services.rooms;
    const userId = ben.userId;
    await Promise.all([members.join({ roomId, userId }), members.join({ roomId, userId })]);
    await Promise.all(
      [1, 2].map(() => members.setRole({ roomId, userId, role: "moderator", by: ana.userId })),
    );
    await Promise.all([members.leave({ roomId, userId }), members.leave({ roomId, userId, by: ana.userId })]);
    const { rows } = await kit.services.roomLog.read(roomId, 1, 10);
    expect(rows.map(({ row }) => row.type)).toEqual(["member_joined", "member_role_changed", "member_left"]);
    expect(await members.roomsOf(userId)).toEqual([]);
    expect(await outcomes([members.setRole({ roomId, userId, role: "member", by: ana.userId })])).toEqual([
      "not_found",
    ]);
  });

  it("ROOM7 knows who shares a room with whom", async () => {
    await using kit = await ChatKit.open(kind);
    const [ana, ben, cleo] = [await kit.person("Ana"), await kit.person("Ben"), await kit.person("Cleo")];
    await kit.room(ana, { with: [ben] });
    const roomId = await kit.room(ben, { with: [cleo] });
    const { rooms } = kit.services;
    expect(await rooms.members.sharesRoom(ana.userId, ben.userId)).toBe(true);
    expect(await rooms.members.sharesRoom(ana.userId, cleo.userId)).toBe(false);
    expect((await rooms.members.neighboursOf(cleo.userId)).userIds).toEqual(
      new Set([ben.userId, cleo.userId]),
    );
    await rooms.members.leave({ roomId, userId: cleo.userId });
    expect((await rooms.members.neighboursOf(cleo.userId)).userIds).toEqual(new Set([cleo.userId]));
  });

  it("ROOM8 brings new members into General, unless it is archived", async () => {
    await using kit = await ChatKit.open(kind);
    const [ana, ben, cleo] = [await kit.person("Ana"), await kit.person("Ben"), await kit.person("Cleo")];
    const { rooms } = kit.services;
    await rooms.joinGeneral(ben.userId);
    expect(await rooms.members.roomsOf(ben.userId)).toEqual([]);
    const general = await rooms.ensureGeneral(ana.userId);
    expect(await rooms.ensureGeneral(ana.userId)).toBe(general);
    await rooms.joinGeneral(ben.userId);
    expect(await rooms.members.roomsOf(ben.userId)).toEqual([general]);
    await rooms.update({ roomId: general, isArchived: true, by: ana.userId });
    await rooms.joinGeneral(cleo.userId);
    expect(await rooms.members.roomsOf(cleo.userId)).toEqual([]);
  });
});

describe("room directory", () => {
  it("ROOM9 pages through public rooms by name, with their member counts, and finds parts of names", async () => {
    await using kit = await ChatKit.open();
    const [ana, ben] = [await kit.person("Ana"), await kit.person("Ben")];
    for (let index = 10; index < 35; index++) await kit.room(ana, { name: `Topic ${index}` });
    await kit.room(ana, { name: "Secret topic", kind: "private" });
    const full = await kit.room(ana, { name: "Full", with: [ben] });
    const { directory, members } = kit.services.rooms;
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await directory.browse({ cursor, limit: 10 });
      expect(page.items.length).toBeLessThanOrEqual(10);
      seen.push(...page.items.map(({ name }) => name));
      cursor = page.cursor ?? undefined;
    } while (cursor !== undefined);
    // Digits fold to the letters that they look like, so they stand in another order.
    expect(seen.toSorted()).toEqual([
      "Full",
      ...Array.from({ length: 25 }, (_, index) => `Topic ${index + 10}`),
    ]);
    expect((await directory.browse({ query: "PIC 1", limit: 50 })).items).toHaveLength(10);
    const count = async () =>
      (await directory.browse({ query: "full", limit: 1 })).items.map((room) => room.memberCount);
    expect(await count()).toEqual([2]);
    await members.leave({ roomId: full, userId: ben.userId });
    expect(await count()).toEqual([1]);
    await members.join({ roomId: full, userId: ben.userId });
    expect(await count()).toEqual([2]);
  });
});
