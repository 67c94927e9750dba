import { describe, expect, it } from "vitest";
import fc from "fast-check";
import type { RoomEvent } from "../../../shared/event.ts";
import type { RoomId } from "../../../shared/ids.ts";
import { REPLAY_MAX_COUNT } from "../../../shared/limits.ts";
import { ChatKit } from "../../support/chat_kit.ts";
import type { Followed, Reader, Somebody } from "../../support/chat_kit.ts";
import { applyEvent, freshState } from "../../support/room_state.ts";
import type { RoomState } from "../../support/room_state.ts";
import { waitFor } from "../../support/wait.ts";

function eventsOf(reader: Reader<Followed>): RoomEvent[] {
  return reader.items.flatMap(({ event }) => "by" in event ? [event] : []);
}

type Step =
  | { readonly type: "send" | "rename" | "archive" | "unarchive"; readonly who: number }
  | { readonly type: "edit" | "delete" | "react" | "unreact"; readonly who: number; readonly at: number }
  | { readonly type: "join" | "leave" | "promote" | "demote"; readonly who: number };

const who = fc.nat(2);
const steps = fc.array(
  fc.oneof<fc.Arbitrary<Step>[]>(
    fc.record({ type: fc.constantFrom("send", "send", "rename", "archive", "unarchive", "unarchive"), who }),
    fc.record({
      type: fc.constantFrom("edit", "delete", "react", "unreact"),
      who,
      at: fc.integer({ min: 4, max: 10 }),
    }),
    fc.record({ type: fc.constantFrom("join", "leave", "promote", "demote"), who }),
  ),
  { maxLength: 25 },
);

async function perform(kit: ChatKit, roomId: RoomId, people: Somebody[], step: Step): Promise<unknown> {
  const { messages, rooms } = kit.services;
  const actor = people[step.who] as Somebody;
  const member = { roomId, userId: actor.userId, by: actor.userId };
  switch (step.type) {
    case "send":
      return await kit.send(actor, roomId, "Hello @Ben");
    case "edit":
      return await messages.edit(actor, { roomId, offset: step.at }, crypto.randomUUID());
    case "delete":
      return await messages.delete(actor, { roomId, offset: step.at });
    case "react":
    case "unreact":
      return await messages.react(actor, { roomId, offset: step.at, emoji: "👍", on: step.type === "react" });
    case "join":
      return await rooms.members.join(member);
    case "leave":
      return await rooms.members.leave(member);
    case "promote":
    case "demote":
      return await rooms.members.setRole({
        ...member,
        role: step.type === "promote" ? "moderator" : "member",
      });
    case "rename":
      return await rooms.update({ roomId, name: crypto.randomUUID(), by: actor.userId });
    default:
      return await rooms.update({ roomId, isArchived: step.type === "archive", by: actor.userId });
  }
}

describe("events of a room", () => {
  it("SYNC1 applied to a snapshot give a fresh snapshot: live, replayed, and over since, for every type", async () => {
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(steps, steps, async (before, after) => {
        await using kit = await ChatKit.open();
        const people = [await kit.person("Ana"), await kit.person("Ben"), await kit.person("Cleo")];
        const [ana] = people as [Somebody];
        const roomId = await kit.room(ana, { with: people.slice(1) });
        for (const person of [...people, ...people]) await kit.send(person, roomId, "first");
        await Promise.allSettled(before.map((step) => perform(kit, roomId, people, step)));
        const snapshot = await freshState(kit, roomId);
        // Who is not in a public room follows it whoever comes and goes.
        const reader = await kit.person("Reader");
        const position = kit.position(snapshot.offset);
        const live = kit.follow(reader, roomId, position);
        await Promise.allSettled(after.map((step) => perform(kit, roomId, people, step)));
        const expected = await freshState(kit, roomId);
        await waitFor(() => (eventsOf(live).at(-1)?.offset ?? snapshot.offset) === expected.offset);
        expect(eventsOf(live).reduce<RoomState>(applyEvent, snapshot)).toEqual(expected);
        const replayed = kit.follow(reader, roomId, position);
        await waitFor(() => (eventsOf(replayed).at(-1)?.offset ?? snapshot.offset) === expected.offset);
        expect(eventsOf(replayed).reduce<RoomState>(applyEvent, snapshot)).toEqual(expected);
        const { signal } = new AbortController();
        const since = await kit.since({
          actor: reader,
          roomId,
          position,
          waitMs: 0,
          signal,
        });
        expect(since.events).toEqual(eventsOf(replayed));
        expect(since.position).toBe(kit.position(expected.offset));
        for (const event of eventsOf(live)) seen.add(event.type);
      }),
      { numRuns: 40, seed: 20260103, endOnFailure: true },
    );
    expect([...seen].toSorted()).toEqual([
      "member_joined",
      "member_left",
      "member_role_changed",
      "message_deleted",
      "message_edited",
      "message_sent",
      "reaction_changed",
      "room_updated",
    ]);
  });

  it("SYNC2 begin with a position of their own when the reader has none", async () => {
    await using kit = await ChatKit.open();
    const ana = await kit.person("Ana");
    const roomId = await kit.room(ana);
    for (const lastEventId of [null, ""]) {
      const reader = kit.follow(ana, roomId, lastEventId);
      await waitFor(() => reader.items.length === 1);
      const { offset } = await kit.services.roomLog.head(roomId);
      expect(reader.items[0]).toEqual({
        position: kit.position(offset),
        event: { type: "subscribed", offset },
      });
      const sent = await kit.send(ana, roomId, "first");
      await waitFor(() => reader.items.length === 2);
      expect(reader.items[1]).toMatchObject({
        position: kit.position(sent.offset),
        event: { type: "message_sent", offset: sent.offset, message: sent },
      });
    }
  });

  it("SYNC3 are replayed up to 500 behind; beyond, or from nowhere, comes one resync and then live", async () => {
    await using kit = await ChatKit.open();
    const ana = await kit.person("Ana");
    const roomId = await kit.room(ana);
    await Promise.all(
      Array.from({ length: REPLAY_MAX_COUNT + 20 }, (_, index) => kit.send(ana, roomId, `${index}`)),
    );
    const { offset: head } = await kit.services.roomLog.head(roomId);
    const full = kit.follow(ana, roomId, kit.position(head - REPLAY_MAX_COUNT));
    await waitFor(() => full.items.length === REPLAY_MAX_COUNT);
    expect(eventsOf(full).map(({ offset }) => offset)).toEqual(
      Array.from({ length: REPLAY_MAX_COUNT }, (_, index) => head - REPLAY_MAX_COUNT + 1 + index),
    );
    const lost = [
      kit.position(head - REPLAY_MAX_COUNT - 1),
      kit.position(head + 1),
      `another.${head}`,
      kit.position(0),
    ];
    const readers = lost.map((position) => kit.follow(ana, roomId, position));
    await waitFor(() => readers.every((reader) => reader.items.length === 1));
    await kit.send(ana, roomId, "live");
    await waitFor(() => readers.every((reader) => reader.items.length === 2));
    for (const reader of readers) {
      expect(reader.items.map(({ position, event }) => [position, event.type, event.offset])).toEqual([
        [kit.position(head), "resync_required", head],
        [kit.position(head + 1), "message_sent", head + 1],
      ]);
    }
  });

  it.each(["nonsense", "a", "a.", ".1", "a.-1", "a.01", "a.1.2", "a.99999999999999999", " a.1"])(
    "SYNC4 refuse %j as a position",
    async (position) => {
      await using kit = await ChatKit.open();
      const ana = await kit.person("Ana");
      const roomId = await kit.room(ana);
      const reader = kit.follow(ana, roomId, position);
      await waitFor(() => reader.isEnded);
      expect(reader.error).toMatchObject({ appCode: "invalid_position" });
      const { signal } = new AbortController();
      await expect(
        kit.since({ actor: ana, roomId, position, waitMs: 0, signal }),
      ).rejects.toMatchObject({ appCode: "invalid_position" });
    },
  );

  it("SYNC5 carry the current state of their message: a deleted text is replayed nowhere", async () => {
    await using kit = await ChatKit.open();
    const ana = await kit.person("Ana");
    const roomId = await kit.room(ana);
    const { offset } = await kit.send(ana, roomId, "a secret");
    await kit.services.messages.edit(ana, { roomId, offset }, "another secret");
    await kit.services.messages.delete(ana, { roomId, offset });
    const reader = kit.follow(ana, roomId, kit.position(0));
    await waitFor(() => reader.items.length === 4);
    expect(reader.items.map(({ event }) => event.type)).toEqual([
      "member_joined",
      "message_sent",
      "message_edited",
      "message_deleted",
    ]);
    expect(JSON.stringify(reader.items)).not.toContain("secret");
  });
});

describe("losing a room", () => {
  it("SYNC6 kick ∥ send, 200 rounds: nothing above the removal reaches who was removed, nothing below is wrong", async () => {
    await using kit = await ChatKit.open();
    const [ana, ben] = [await kit.person("Ana"), await kit.person("Ben")];
    const roomId = await kit.room(ana, { kind: "private" });
    const { rooms, roomLog } = kit.services;
    const userId = ben.userId;
    for (let round = 0; round < 200; round++) {
      await rooms.members.join({ roomId, userId, by: ana.userId });
      const start = (await roomLog.head(roomId)).offset;
      const reader = kit.follow(ben, roomId, kit.position(start - (round % 3)));
      const { signal } = new AbortController();
      const position = kit.position(start);
      const polled = kit.since({ actor: ben, roomId, position, waitMs: 5_000, signal })
        .then(({ events }) => events, () => []);
      const work = [
        kit.send(ana, roomId, "before"),
        rooms.members.leave({ roomId, userId, by: ana.userId }),
        kit.send(ana, roomId, "after"),
        kit.send(ben, roomId, "by the removed").catch(() => null),
      ];
      if (round % 2 === 1) work.reverse();
      await Promise.all(work);
      await waitFor(() => reader.isEnded);
      expect(reader.error).toMatchObject({ appCode: "not_found" });
      const { rows } = await roomLog.read(roomId, start, 100);
      const removal = rows.find(({ row }) => row.type === "member_left")?.offset ?? 0;
      for (const event of [...eventsOf(reader), ...await polled]) {
        expect(event.offset).toBeLessThanOrEqual(removal);
      }
      const byRemoved = rows.filter(({ row }) => row.by === userId && row.type === "message_sent");
      for (const { offset } of byRemoved) expect(offset).toBeLessThan(removal);
    }
  });

  it("SYNC7 an old position opens nothing after it, and in a public room a new subscription may begin", async () => {
    await using kit = await ChatKit.open();
    const [ana, ben] = [await kit.person("Ana"), await kit.person("Ben")];
    const guest = await kit.person("Guy", "guest");
    const [open, hidden] = [
      await kit.room(ana, { with: [ben, guest] }),
      await kit.room(ana, { kind: "private", with: [ben] }),
    ];
    const follow = () => [
      kit.follow(ben, open, kit.position(1)),
      kit.follow(guest, open, kit.position(1)),
      kit.follow(ben, hidden, kit.position(1)),
    ];
    const readers = follow();
    await waitFor(() => readers.every((reader) => reader.items.length > 0));
    const { members } = kit.services.rooms;
    await members.leave({ roomId: open, userId: ben.userId });
    await members.leave({ roomId: open, userId: guest.userId, by: ana.userId });
    await members.leave({ roomId: hidden, userId: ben.userId, by: ana.userId });
    await waitFor(() => readers.every((reader) => reader.isEnded));
    expect(readers.map((reader) => reader.error?.appCode)).toEqual([
      "membership_ended",
      "membership_ended",
      "not_found",
    ]);
    const again = follow();
    await waitFor(() => again.slice(1).every((reader) => reader.isEnded));
    expect(again.slice(1).map(({ error, items }) => [error?.appCode, items.length])).toEqual([
      ["not_found", 0],
      ["not_found", 0],
    ]);
    await waitFor(() => (again[0]?.items.length ?? 0) > 0);
    expect(again[0]?.error).toBeNull();
  });

  it("SYNC8 who becomes a guest loses the public rooms that it merely read", async () => {
    await using kit = await ChatKit.open();
    const [ana, ben] = [await kit.person("Ana", "owner"), await kit.person("Ben")];
    const [joined, read] = [await kit.room(ana, { with: [ben] }), await kit.room(ana)];
    const readers = [kit.follow(ben, joined), kit.follow(ben, read)];
    await waitFor(() => readers.every((reader) => reader.items.length === 1));
    await kit.services.users.setRole(ben.userId, "guest", null);
    await waitFor(() => readers[1]?.isEnded);
    expect(readers.map((reader) => reader.error?.appCode)).toEqual([undefined, "not_found"]);
  });
});

describe("messages.since", () => {
  it("SYNC9 waits for the first event, no longer than told, and ends when the caller goes", async () => {
    await using kit = await ChatKit.open();
    const ana = await kit.person("Ana");
    const roomId = await kit.room(ana);
    const ask = (offset: number, waitMs: number, signal = new AbortController().signal) =>
      kit.since({
        actor: ana,
        roomId,
        position: kit.position(offset),
        waitMs,
        signal,
      });
    expect(await ask(1, 20)).toEqual({ events: [], position: kit.position(1), resync: false });
    const waiting = ask(1, 20_000);
    const sent = await kit.send(ana, roomId, "hello");
    expect(await waiting).toMatchObject({
      events: [{ message: sent }],
      position: kit.position(2),
      resync: false,
    });
    const caller = new AbortController();
    const abandoned = ask(2, 20_000, caller.signal);
    caller.abort();
    expect((await abandoned).events).toEqual([]);
    expect(await ask(99, 20_000)).toEqual({ events: [], position: kit.position(2), resync: true });
  });

  it("SYNC10 ends with what ends a subscription when the room is lost while it waits", async () => {
    await using kit = await ChatKit.open();
    const [ana, ben] = [await kit.person("Ana"), await kit.person("Ben")];
    const roomId = await kit.room(ana, { kind: "private", with: [ben] });
    const { signal } = new AbortController();
    const { offset } = await kit.services.roomLog.head(roomId);
    const waiting = kit.since({
      actor: ben,
      roomId,
      position: kit.position(offset),
      waitMs: 20_000,
      signal,
    });
    const ended = waiting.then(() => "answered", (error) => error.appCode);
    await kit.services.rooms.access.require(ben, "room.read", roomId);
    await kit.services.rooms.members.leave({ roomId, userId: ben.userId, by: ana.userId });
    expect(await ended).toBe("not_found");
  });
});
