import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RoomEvent } from "../../../shared/event.ts";
import { keptHeapBytes } from "../../support/kept_heap.ts";
import { ANA, BEN, messageAt, RoomInMemory } from "./room_kit.ts";
import { live, messagesOf, openRoom, pageOf } from "./window_kit.ts";
import type { Act } from "./window_kit.ts";

const acts = fc.array(fc.constantFrom<Act>("post", "post", "edit", "delete", "react", "join"), {
  maxLength: 40,
});

describe("RoomPosition", () => {
  it("F12 reaches the same state whatever the order and however often events come", async () => {
    await fc.assert(
      fc.asyncProperty(acts, acts, fc.infiniteStream(fc.nat()), async (before, after, order) => {
        const room = new RoomInMemory();
        live(room, before);
        const page = await pageOf(room);
        const events = live(room, after);
        const shuffled = [...events, ...events].map((event) => ({ event, rank: order.next().value ?? 0 }))
          .sort((a, b) => a.rank - b.rank);

        const inOrder = openRoom();
        inOrder.reset(page);
        for (const event of events) inOrder.position.apply(event);
        const mixed = openRoom();
        mixed.reset(page);
        for (const { event } of shuffled) mixed.position.apply(event);

        expect(messagesOf(mixed.window)).toEqual(messagesOf(inOrder.window));
        expect(mixed.position.systems).toEqual(inOrder.position.systems);
        expect(mixed.position.formatted).toBe(inOrder.position.formatted);
        expect(mixed.position.holes).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  it("knows what is missing, and forgets the hole once it is filled", async () => {
    const room = new RoomInMemory();
    room.post("one");
    const { position, reset } = openRoom();
    reset(await pageOf(room));
    const events = live(room, ["post", "post", "post", "post"]);
    position.apply(events[3] as RoomEvent);
    position.apply(events[1] as RoomEvent);
    expect(position.holes).toEqual([{ from: 2, to: 2 }, { from: 4, to: 4 }]);
    expect(position.formatted).toBe("e1.1");
    position.apply(events[0] as RoomEvent);
    position.apply(events[2] as RoomEvent);
    expect(position.holes).toEqual([]);
    expect(position.formatted).toBe("e1.5");
  });

  it("keeps nothing of what comes after a hole that stays", async () => {
    const room = new RoomInMemory();
    const { position, reset } = openRoom();
    reset(await pageOf(room));
    const eventCount = 20_000;
    const keptBytes = await keptHeapBytes(() => {
      for (let offset = 2; offset <= eventCount; offset++) {
        position.apply({
          offset,
          at: messageAt(1).at,
          by: BEN,
          type: "member_role_changed",
          userId: ANA,
          role: "member",
        });
      }
    });
    expect(position.holes).toEqual([{ from: 1, to: 1 }]);
    expect(keptBytes / eventCount).toBeLessThan(5);
  });

  it("is whole once all has come, however much of it was missing", async () => {
    const room = new RoomInMemory();
    const { position, reset, window } = openRoom();
    reset(await pageOf(room));
    const events = live(room, Array<Act>(2_000).fill("post"));
    for (const event of events) if (event.offset % 2 === 0) position.apply(event);
    for (const event of events) position.apply(event);
    expect(position.formatted).toBe("e1.2000");
    expect(position.holes).toEqual([]);
    expect(messagesOf(window).map((message) => message.offset)).toEqual(events.map((event) => event.offset));
  });

  it("says of a doubled event that it is not new", async () => {
    const room = new RoomInMemory();
    const { position, reset, window } = openRoom();
    reset(await pageOf(room));
    const [event] = live(room, ["post"]);
    expect(position.apply(event as RoomEvent)).toBe(true);
    expect(position.apply(event as RoomEvent)).toBe(false);
    expect(messagesOf(window)).toHaveLength(1);
  });

  it("keeps reactions that an event leaves out, and applies what it says has changed", async () => {
    const room = new RoomInMemory();
    const { offset } = room.post("well?");
    room.react(offset, "👍", [ANA, BEN]);
    const { position, reset, window } = openRoom();
    reset(await pageOf(room));
    const part = (place: number, text: string) => ({
      offset: place,
      at: "2026-11-02T10:00:00.000Z",
      by: BEN,
      messageOffset: offset,
      message: messageAt(offset, { text }),
      isWithoutReactions: true as const,
    });
    position.apply({
      ...part(3, "well?"),
      type: "reaction_changed",
      reaction: { emoji: "👍", userId: BEN, on: false },
    });
    expect(messagesOf(window)[0]?.reactions).toEqual([{ emoji: "👍", userIds: [ANA] }]);
    position.apply({ ...part(4, "well!"), type: "message_edited" });
    expect(messagesOf(window)[0]).toMatchObject({
      text: "well!",
      reactions: [{ emoji: "👍", userIds: [ANA] }],
    });
    // A part of a message that is not here is nothing to show.
    position.apply({ ...part(5, "else"), messageOffset: 90, message: messageAt(90), type: "message_edited" });
    expect(position.find(90)).toBeNull();
  });
});
