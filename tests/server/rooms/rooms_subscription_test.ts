import { describe, expect, it } from "vitest";
import type { RoomsChange } from "../../../shared/event.ts";
import type { RoomId } from "../../../shared/ids.ts";
import { ROOM_CHANGED_INTERVAL_MS } from "../../../shared/limits.ts";
import type { RoomSummary } from "../../../shared/room.ts";
import { SIGNALS } from "../../../shared/signals.ts";
import { RoomPacer } from "../../../server/rooms/room_pacer.ts";
import { RoomsSubscription } from "../../../server/rooms/rooms_subscription.ts";
import { ChatKit, Reader, roomsAfter } from "../../support/chat_kit.ts";
import { waitFor } from "../../support/wait.ts";

function changesOf(reader: Reader<RoomsChange>, roomId: RoomId): RoomSummary[] {
  return reader.items.flatMap((change) =>
    change.type === "room_changed" && change.room.id === roomId ? [change.room] : []
  );
}

describe("rooms.onChange", () => {
  it("WATCH1 begins with a snapshot and tells of every field that changes", async () => {
    await using kit = await ChatKit.open();
    const [ana, ben] = [await kit.person("Ana"), await kit.person("Ben")];
    const roomId = await kit.room(ana, { name: "Tea", with: [ben] });
    const reader = await kit.watch(ben);
    expect(reader.items[0]).toEqual({ type: "snapshot", rooms: [await kit.summary(ben, roomId)] });
    const { rooms } = kit.services;
    const last = () => roomsAfter(reader.items).get(roomId);
    await kit.send(ana, roomId, "@Ben");
    await waitFor(() => last()?.unread === 1 && last()?.mentions === 1);
    await rooms.readStates.mark({ userId: ben.userId, roomId, offset: 99, unread: false });
    await waitFor(() => last()?.unread === 0 && last()?.mentions === 0);
    await rooms.readStates.setLevel({ userId: ben.userId, roomId, level: "none" });
    await waitFor(() => last()?.level === "none");
    await rooms.readStates.setLevel({ userId: ben.userId, roomId, level: null });
    await waitFor(() => last()?.level === "all" && last()?.ownLevel === null);
    await kit.services.settings.change(ben.userId, { level: "mentions" });
    await waitFor(() => last()?.level === "mentions");
    await rooms.update({ roomId, name: "Coffee", topic: "black", by: ana.userId });
    await waitFor(() => last()?.name === "Coffee" && last()?.topic === "black");
    await rooms.update({ roomId, isArchived: true, by: ana.userId });
    await waitFor(() => last()?.archivedAt !== null);
    expect(last()).toEqual(await kit.summary(ben, roomId));
  });

  it("WATCH2 tells of rooms that one comes to, makes, and loses", async () => {
    await using kit = await ChatKit.open();
    const [ana, ben] = [await kit.person("Ana"), await kit.person("Ben")];
    const reader = await kit.watch(ben);
    expect(reader.items[0]).toEqual({ type: "snapshot", rooms: [] });
    const { rooms } = kit.services;
    const added = await kit.room(ana, { kind: "private", with: [ben] });
    const made = await kit.room(ben);
    const { id: direct } = await rooms.openDirect(ana.userId, ben.userId);
    const known = () => [...roomsAfter(reader.items).keys()].toSorted();
    await waitFor(() => known().length === 3);
    expect(known()).toEqual([added, made, direct].toSorted());
    await rooms.members.leave({ roomId: added, userId: ben.userId, by: ana.userId });
    const removals = () => reader.items.filter((change) => change.type === "room_removed");
    await waitFor(() => removals().length > 0);
    expect(removals()).toEqual([{ type: "room_removed", roomId: added }]);
    await kit.send(ana, added, "not for Ben");
    await rooms.members.join({ roomId: added, userId: ben.userId, by: ana.userId });
    await waitFor(() => known().length === 3);
    expect(roomsAfter(reader.items).get(added)).toEqual(await kit.summary(ben, added));
    const heads = changesOf(reader, added).map(({ head }) => head);
    // 3 was the removal, 4 the message that he was not there for.
    expect(heads).not.toContain(4);
  });

  it("WATCH3 tells of a room at most four times a second, and always of its last state", async () => {
    await using kit = await ChatKit.open();
    const [ana, ben] = [await kit.person("Ana"), await kit.person("Ben")];
    const roomId = await kit.room(ana, { with: [ben] });
    const reader = await kit.watch(ben);
    const began = performance.now();
    for (let index = 0; index < 120; index++) await kit.send(ana, roomId, `${index}`);
    await waitFor(() => roomsAfter(reader.items).get(roomId)?.unread === 120);
    const intervals = Math.ceil((performance.now() - began) / ROOM_CHANGED_INTERVAL_MS);
    expect(changesOf(reader, roomId).length).toBeLessThanOrEqual(intervals + 1);
  });

  it("WATCH4 loses nothing between snapshot and changes, whatever happens meanwhile", async () => {
    await using kit = await ChatKit.open();
    const [ana, ben] = [await kit.person("Ana"), await kit.person("Ben")];
    const ids = await Promise.all(Array.from({ length: 5 }, () => kit.room(ana, { with: [ben] })));
    for (let round = 0; round < 20; round++) {
      const [first, second] = [ids[round % 3] as RoomId, ids[3 + round % 2] as RoomId];
      const isMember = (await kit.services.rooms.members.roomsOf(ben.userId)).includes(second);
      const join = { roomId: second, userId: ben.userId };
      const [reader] = await Promise.all([
        kit.watch(ben),
        kit.send(ana, first, "@Ben"),
        kit.send(ben, first, "here"),
        isMember ? kit.services.rooms.members.leave(join) : kit.services.rooms.members.join(join),
        kit.services.rooms.readStates.mark({ userId: ben.userId, roomId: first, offset: 9e9, unread: false }),
      ]);
      const expected = await kit.services.roomsSubscription.list(ben.userId);
      const byId = (rooms: Iterable<RoomSummary>) =>
        JSON.stringify([...rooms].toSorted((a, b) => a.id.localeCompare(b.id)));
      await waitFor(() => byId(roomsAfter(reader.items).values()) === byId(expected));
      await reader.stop();
    }
  });

  it("WATCH5 a post in a room of many connected members reads nothing, and most share one item", async () => {
    await using kit = await ChatKit.open();
    const ana = await kit.person("Ana");
    const others = await Promise.all(Array.from({ length: 60 }, (_, index) => kit.person(`Person ${index}`)));
    const roomId = await kit.room(ana, { with: others });
    const { offset } = await kit.send(ana, roomId, "warm");
    const { readStates } = kit.services.rooms;
    await Promise.all(
      others.map(({ userId }) => readStates.mark({ userId, roomId, offset, unread: false })),
    );
    const readers = await Promise.all(others.map((person) => kit.watch(person)));
    kit.db.reset();
    await kit.send(ana, roomId, "to all");
    await waitFor(() => readers.every((reader) => roomsAfter(reader.items).get(roomId)?.unread === 1));
    expect({ ...kit.db }).toMatchObject({ reads: 0, lists: 0, commits: 1 });
    expect(new Set(readers.map((reader) => roomsAfter(reader.items).get(roomId))).size).toBe(1);
  });

  it("WATCH6 beats with the heads: on a connection of its open rooms, elsewhere of all", async () => {
    await using kit = await ChatKit.open();
    const ben = await kit.person("Ben");
    const ids = [await kit.room(ben), await kit.room(ben)] as const;
    const { feed, hub, signals, roomLog, rooms } = kit.services;
    const watch = new RoomsSubscription({
      feed,
      hub,
      signals,
      roomLog,
      rooms,
      defaultLevelOf: () => Promise.resolve("all"),
      headsIntervalMs: 5,
    });
    const reader = new Reader<RoomsChange>((signal) =>
      watch.changes({ userId: ben.userId, key: "phone", connection: null, signal, also: [] })
    );
    const beats = () => reader.items.filter((change) => change.type === "heads");
    await waitFor(() => beats().length > 0);
    expect(beats()[0]).toEqual({ type: "heads", heads: { [ids[0]]: 1, [ids[1]]: 1 } });
    await kit.send(ben, ids[1], "more");
    await waitFor(() => beats().at(-1)?.heads[ids[1]] === 2);
    await reader.stop();
    watch.close();
  });

  it("WATCH7 carries typing of one's rooms, never one's own, and presence, when asked for", async () => {
    await using kit = await ChatKit.open();
    const [ana, ben, cleo] = [await kit.person("Ana"), await kit.person("Ben"), await kit.person("Cleo")];
    const roomId = await kit.room(ana, { with: [ben] });
    const [both, plain, foreign] = await Promise.all([
      kit.watch(ben, ["typing", "presence"]),
      kit.watch(ben),
      kit.watch(cleo, ["typing"]),
    ]);
    const { signals, presence } = kit.services;
    await waitFor(() => both.items.some((change) => change.type === "presence"));
    signals.send(SIGNALS.typing, roomId, { userId: ben.userId, isTyping: true });
    signals.send(SIGNALS.typing, roomId, { userId: ana.userId, isTyping: true });
    presence.hold({ userId: ana.userId, connection: null, key: "phone" }, "online");
    kit.clock.now += 1_000;
    const typing = (reader: Reader<RoomsChange>) =>
      reader.items.filter((change) => change.type === "typing" || change.type === "presence");
    await waitFor(() => typing(both).length === 3);
    expect(typing(both)).toEqual(expect.arrayContaining([
      { type: "typing", roomId, userId: ana.userId, isTyping: true },
      {
        type: "presence",
        update: {
          type: "diff",
          states: [expect.objectContaining({ userId: ana.userId, status: "online" })],
        },
      },
    ]));
    expect([typing(plain), typing(foreign)]).toEqual([[], []]);
  });

  it("WATCH10 tells late comers who is typing in their rooms, after the snapshot", async () => {
    await using kit = await ChatKit.open();
    const [ana, ben, cleo] = [await kit.person("Ana"), await kit.person("Ben"), await kit.person("Cleo")];
    const roomId = await kit.room(ana, { with: [ben] });
    const { typing } = kit.services;
    for (const { userId } of [ana, ben]) typing.set({ userId, connection: null, key: "phone" }, roomId, true);
    const [late, plain, foreign] = await Promise.all([
      kit.watch(ben, ["typing"]),
      kit.watch(ben),
      kit.watch(cleo, ["typing"]),
    ]);
    await waitFor(() => late.items.length > 1);
    expect(late.items.slice(1)).toEqual([{ type: "typing", roomId, userId: ana.userId, isTyping: true }]);
    typing.set({ userId: ana.userId, connection: null, key: "phone" }, roomId, false);
    await waitFor(() => late.items.length > 2);
    expect(late.items.slice(2)).toEqual([{ type: "typing", roomId, userId: ana.userId, isTyping: false }]);
    expect(plain.items.map(({ type }) => type)).toEqual(["snapshot"]);
    expect(foreign.items.map(({ type }) => type)).toEqual(["snapshot"]);
  });

  it("WATCH9 gives presence as one object to all who see the same people, so that it is encoded once", async () => {
    await using kit = await ChatKit.open();
    const [ana, ben] = [await kit.person("Ana"), await kit.person("Ben")];
    const { presence } = kit.services;
    const readers = await Promise.all([kit.watch(ana, ["presence"]), kit.watch(ben, ["presence"])]);
    const heard = () => readers.map((reader) => reader.items.filter((change) => change.type === "presence"));
    await waitFor(() => heard().every((changes) => changes.length === 1));
    presence.hold({ userId: ana.userId, connection: null, key: "phone" }, "online");
    kit.clock.now += 1_000;
    await waitFor(() => heard().every((changes) => changes.length === 2));
    const [first, second] = heard();
    expect(first?.[0]).toBe(second?.[0]);
    expect(first?.[1]).toBe(second?.[1]);
  });

  it("WATCH8 keeps nothing in memory once nobody watches", async () => {
    await using kit = await ChatKit.open();
    const ben = await kit.person("Ben");
    const roomId = await kit.room(ben);
    const reader = await kit.watch(ben);
    expect(kit.services.roomsSubscription.summaries.room(roomId)?.members.size).toBe(1);
    await reader.stop();
    expect(kit.services.roomsSubscription.summaries.room(roomId)).toBeNull();
  });
});

describe("RoomPacer", () => {
  it("tells of one member, or of all, and merges what comes within an interval", async () => {
    const told: (string[] | null)[] = [];
    const pacer = new RoomPacer(20, (_roomId, userIds) => told.push(userIds === null ? null : [...userIds]));
    const roomId = "room" as RoomId;
    pacer.mark(roomId, "ana" as never);
    pacer.mark(roomId, "ben" as never);
    await waitFor(() => told.length === 1);
    pacer.mark(roomId, "ana" as never);
    pacer.mark(roomId, null);
    pacer.mark(roomId, "ben" as never);
    await waitFor(() => told.length === 2);
    expect(told).toEqual([["ana", "ben"], null]);
    pacer.close();
  });
});
