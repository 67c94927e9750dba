import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RoomLog } from "../../../client/timeline/room_log.ts";
import type { MessagePage } from "../../../client/timeline/room_log.ts";
import type { RoomEvent } from "../../../shared/event.ts";
import { keptHeapBytes } from "../../support/kept_heap.ts";
import { ANA, BEN, messageAt, RoomInMemory } from "./room_kit.ts";

type Act = "post" | "edit" | "delete" | "react" | "join";

/** Lets a room live through some acts and gives the events as they went out. */
function live(room: RoomInMemory, acts: readonly Act[]): RoomEvent[] {
  const from = room.head;
  for (const [index, act] of acts.entries()) {
    const offsets = [...room.messages.keys()];
    const target = offsets[index % Math.max(1, offsets.length)];
    if (act === "post" || target === undefined) {
      room.post(`text ${index}`, { clientMessageId: `c-${room.head}` });
    } else if (act === "edit") room.edit(target, `edited ${index}`);
    else if (act === "delete") room.delete(target);
    else if (act === "react") room.react(target, "👍", index % 2 === 0 ? [ANA] : []);
    else room.join(BEN);
  }
  return room.log.slice(from);
}

async function pageOf(room: RoomInMemory): Promise<MessagePage> {
  return await room.api.list.query({ roomId: messageAt(1).roomId });
}

function messagesOf(log: RoomLog) {
  return log.window.entries.map((entry) => entry.message);
}

const acts = fc.array(fc.constantFrom<Act>("post", "post", "edit", "delete", "react", "join"), {
  maxLength: 40,
});

describe("RoomLog", () => {
  it("F12 reaches the same state whatever the order and however often events come", async () => {
    await fc.assert(
      fc.asyncProperty(acts, acts, fc.infiniteStream(fc.nat()), async (before, after, order) => {
        const room = new RoomInMemory();
        live(room, before);
        const page = await pageOf(room);
        const events = live(room, after);
        const shuffled = [...events, ...events].map((event) => ({ event, rank: order.next().value ?? 0 }))
          .sort((a, b) => a.rank - b.rank);

        const inOrder = new RoomLog();
        inOrder.reset(page);
        for (const event of events) inOrder.apply(event);
        const mixed = new RoomLog();
        mixed.reset(page);
        for (const { event } of shuffled) mixed.apply(event);

        expect(messagesOf(mixed)).toEqual(messagesOf(inOrder));
        expect(mixed.systems).toEqual(inOrder.systems);
        expect(mixed.position).toBe(inOrder.position);
        expect(mixed.holes).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  it("equals a fresh page after the events since an older one", async () => {
    await fc.assert(
      fc.asyncProperty(acts, acts, async (before, after) => {
        const room = new RoomInMemory();
        live(room, before);
        const log = new RoomLog();
        log.reset(await pageOf(room));
        for (const event of live(room, after)) log.apply(event);
        const fresh = (await pageOf(room)).messages;
        expect(messagesOf(log).slice(-fresh.length || Infinity)).toEqual(fresh);
        expect(log.position).toBe(`e1.${room.head}`);
      }),
      { numRuns: 100 },
    );
  });

  it("knows what is missing, and forgets the hole once it is filled", async () => {
    const room = new RoomInMemory();
    room.post("one");
    const log = new RoomLog();
    log.reset(await pageOf(room));
    const events = live(room, ["post", "post", "post", "post"]);
    log.apply(events[3] as RoomEvent);
    log.apply(events[1] as RoomEvent);
    expect(log.holes).toEqual([{ from: 2, to: 2 }, { from: 4, to: 4 }]);
    expect(log.position).toBe("e1.1");
    log.apply(events[0] as RoomEvent);
    log.apply(events[2] as RoomEvent);
    expect(log.holes).toEqual([]);
    expect(log.position).toBe("e1.5");
  });

  it("keeps nothing of what comes after a hole that stays", async () => {
    const room = new RoomInMemory();
    const log = new RoomLog();
    log.reset(await pageOf(room));
    const eventCount = 20_000;
    const keptBytes = await keptHeapBytes(() => {
      for (let offset = 2; offset <= eventCount; offset++) {
        log.apply({
          offset,
          at: messageAt(1).at,
          by: BEN,
          type: "member_role_changed",
          userId: ANA,
          role: "member",
        });
      }
    });
    expect(log.holes).toEqual([{ from: 1, to: 1 }]);
    expect(keptBytes / eventCount).toBeLessThan(5);
  });

  it("is whole once all has come, however much of it was missing", async () => {
    const room = new RoomInMemory();
    const log = new RoomLog();
    log.reset(await pageOf(room));
    const events = live(room, Array<Act>(2_000).fill("post"));
    for (const event of events) if (event.offset % 2 === 0) log.apply(event);
    for (const event of events) log.apply(event);
    expect(log.position).toBe("e1.2000");
    expect(log.holes).toEqual([]);
    expect(messagesOf(log).map((message) => message.offset)).toEqual(events.map((event) => event.offset));
  });

  it("says of a doubled event that it is not new", async () => {
    const room = new RoomInMemory();
    const log = new RoomLog();
    log.reset(await pageOf(room));
    const [event] = live(room, ["post"]);
    expect(log.apply(event as RoomEvent)).toBe(true);
    expect(log.apply(event as RoomEvent)).toBe(false);
    expect(messagesOf(log)).toHaveLength(1);
  });

  it("keeps the newer state when a page that was read before an event arrives after it", async () => {
    const room = new RoomInMemory();
    for (let i = 0; i < 60; i++) room.post(`m ${i}`);
    const log = new RoomLog();
    log.reset(await pageOf(room));
    const stale = await room.api.list.query({ roomId: messageAt(1).roomId, before: 11 });
    room.edit(3, "newer");
    log.apply(room.log.at(-1) as RoomEvent);
    log.join(stale, "older");
    expect(messagesOf(log)[2]?.text).toBe("newer");
    expect(log.window.hasOlder).toBe(false);
  });

  it("puts in what came live while the last page was on its way", async () => {
    const room = new RoomInMemory();
    for (let i = 0; i < 120; i++) room.post(`m ${i}`);
    const log = new RoomLog();
    log.reset(await room.api.list.query({ roomId: messageAt(1).roomId, around: 40 }));
    expect(log.window.hasNewer).toBe(true);
    const last = log.window.entries.at(-1)?.message.offset ?? 0;
    const page = await room.api.list.query({ roomId: messageAt(1).roomId, after: last, limit: 100 });
    room.post("live");
    log.apply(room.log.at(-1) as RoomEvent);
    expect(messagesOf(log).at(-1)?.offset).toBe(last);
    expect(log.join(page, "newer")).toBe(true);
    expect(messagesOf(log).at(-1)?.text).toBe("live");
    expect(log.window.hasNewer).toBe(false);
  });

  it("asks for one more page when it has forgotten what came in between", async () => {
    const room = new RoomInMemory();
    for (let i = 0; i < 120; i++) room.post(`m ${i}`);
    const log = new RoomLog();
    log.reset(await room.api.list.query({ roomId: messageAt(1).roomId, around: 40 }));
    const last = log.window.entries.at(-1)?.message.offset ?? 0;
    const page = await room.api.list.query({ roomId: messageAt(1).roomId, after: last, limit: 100 });
    for (const event of live(room, Array<Act>(600).fill("post"))) log.apply(event);
    expect(log.join(page, "newer")).toBe(false);
    expect(log.window.hasNewer).toBe(true);
  });

  it("keeps what came live above a fresh page of the same life, and nothing of another life", async () => {
    const room = new RoomInMemory();
    room.post("one");
    const log = new RoomLog();
    log.reset(await pageOf(room));
    const fresh = await pageOf(room);
    room.post("two");
    log.apply(room.log.at(-1) as RoomEvent);
    log.reset(fresh);
    expect(messagesOf(log).map((message) => message.text)).toEqual(["one", "two"]);
    expect(log.position).toBe("e1.2");
    log.reset({ ...fresh, position: "e2.1" });
    expect(messagesOf(log).map((message) => message.text)).toEqual(["one"]);
    expect(log.position).toBe("e2.1");
  });

  it("takes the answer to a send and its event as one message, in either order", async () => {
    const room = new RoomInMemory();
    for (const isAnswerFirst of [true, false]) {
      const log = new RoomLog();
      log.reset(await pageOf(room));
      const message = room.post("mine", { by: ANA, clientMessageId: `x${isAnswerFirst}` });
      const event = room.log.at(-1) as RoomEvent;
      if (isAnswerFirst) log.acknowledge(message);
      log.apply(event);
      if (!isAnswerFirst) log.acknowledge(message);
      expect(messagesOf(log).filter((one) => one.offset === message.offset)).toHaveLength(1);
    }
  });

  it("does not go back to an older state with a late answer", async () => {
    const room = new RoomInMemory();
    const log = new RoomLog();
    log.reset(await pageOf(room));
    const answer = room.post("mine", { by: ANA });
    room.edit(answer.offset, "edited");
    for (const event of room.log) log.apply(event);
    log.acknowledge(answer);
    expect(messagesOf(log)[0]?.text).toBe("edited");
  });

  it("keeps reactions that an event leaves out, and applies what it says has changed", async () => {
    const room = new RoomInMemory();
    const { offset } = room.post("well?");
    room.react(offset, "👍", [ANA, BEN]);
    const log = new RoomLog();
    log.reset(await pageOf(room));
    const part = (place: number, text: string) => ({
      offset: place,
      at: "2026-11-02T10:00:00.000Z",
      by: BEN,
      messageOffset: offset,
      message: messageAt(offset, { text }),
      isWithoutReactions: true as const,
    });
    log.apply({
      ...part(3, "well?"),
      type: "reaction_changed",
      reaction: { emoji: "👍", userId: BEN, on: false },
    });
    expect(messagesOf(log)[0]?.reactions).toEqual([{ emoji: "👍", userIds: [ANA] }]);
    log.apply({ ...part(4, "well!"), type: "message_edited" });
    expect(messagesOf(log)[0]).toMatchObject({ text: "well!", reactions: [{ emoji: "👍", userIds: [ANA] }] });
    // A part of a message that is not here is nothing to show.
    log.apply({ ...part(5, "else"), messageOffset: 90, message: messageAt(90), type: "message_edited" });
    expect(log.find(90)).toBeNull();
  });
});
