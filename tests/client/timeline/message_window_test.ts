import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MessageWindow } from "../../../client/timeline/message_window.ts";
import type { RoomEvent } from "../../../shared/event.ts";
import { ANA, messageAt, RoomInMemory } from "./room_kit.ts";
import { live, messagesOf, openRoom, pageOf } from "./window_kit.ts";
import type { Act } from "./window_kit.ts";

const acts = fc.array(fc.constantFrom<Act>("post", "post", "edit", "delete", "react", "join"), {
  maxLength: 40,
});

describe("MessageWindow", () => {
  it("equals a fresh page after the events since an older one", async () => {
    await fc.assert(
      fc.asyncProperty(acts, acts, async (before, after) => {
        const room = new RoomInMemory();
        live(room, before);
        const { position, reset, window } = openRoom();
        reset(await pageOf(room));
        for (const event of live(room, after)) position.apply(event);
        const fresh = (await pageOf(room)).messages;
        expect(messagesOf(window).slice(-fresh.length || Infinity)).toEqual(fresh);
        expect(position.formatted).toBe(`e1.${room.head}`);
      }),
      { numRuns: 100 },
    );
  });

  it("keeps the newer state when a page that was read before an event arrives after it", async () => {
    const room = new RoomInMemory();
    for (let i = 0; i < 60; i++) room.post(`m ${i}`);
    const { position, reset, window } = openRoom();
    reset(await pageOf(room));
    const stale = await room.api.list.query({ roomId: messageAt(1).roomId, before: 11 });
    room.edit(3, "newer");
    position.apply(room.log.at(-1) as RoomEvent);
    window.join(stale, "older");
    expect(messagesOf(window)[2]?.text).toBe("newer");
    expect(window.hasOlder).toBe(false);
  });

  it("puts in what came live while the last page was on its way", async () => {
    const room = new RoomInMemory();
    for (let i = 0; i < 120; i++) room.post(`m ${i}`);
    const { position, reset, window } = openRoom();
    reset(await room.api.list.query({ roomId: messageAt(1).roomId, around: 40 }));
    expect(window.hasNewer).toBe(true);
    const last = window.entries.at(-1)?.message.offset ?? 0;
    const page = await room.api.list.query({ roomId: messageAt(1).roomId, after: last, limit: 100 });
    room.post("live");
    position.apply(room.log.at(-1) as RoomEvent);
    expect(messagesOf(window).at(-1)?.offset).toBe(last);
    expect(window.join(page, "newer")).toBe(true);
    expect(messagesOf(window).at(-1)?.text).toBe("live");
    expect(window.hasNewer).toBe(false);
  });

  it("asks for one more page when it has forgotten what came in between", async () => {
    const room = new RoomInMemory();
    for (let i = 0; i < 120; i++) room.post(`m ${i}`);
    const { position, reset, window } = openRoom();
    reset(await room.api.list.query({ roomId: messageAt(1).roomId, around: 40 }));
    const last = window.entries.at(-1)?.message.offset ?? 0;
    const page = await room.api.list.query({ roomId: messageAt(1).roomId, after: last, limit: 100 });
    for (const event of live(room, Array<Act>(600).fill("post"))) position.apply(event);
    expect(window.join(page, "newer")).toBe(false);
    expect(window.hasNewer).toBe(true);
  });

  it("keeps what came live above a fresh page of the same life, and nothing of another life", async () => {
    const room = new RoomInMemory();
    room.post("one");
    const { position, reset, window } = openRoom();
    reset(await pageOf(room));
    const fresh = await pageOf(room);
    room.post("two");
    position.apply(room.log.at(-1) as RoomEvent);
    reset(fresh);
    expect(messagesOf(window).map((message) => message.text)).toEqual(["one", "two"]);
    expect(position.formatted).toBe("e1.2");
    reset({ ...fresh, position: "e2.1" });
    expect(messagesOf(window).map((message) => message.text)).toEqual(["one"]);
    expect(position.formatted).toBe("e2.1");
  });

  it("takes the answer to a send and its event as one message, in either order", async () => {
    const room = new RoomInMemory();
    for (const isAnswerFirst of [true, false]) {
      const { position, reset, window } = openRoom();
      reset(await pageOf(room));
      const message = room.post("mine", { by: ANA, clientMessageId: `x${isAnswerFirst}` });
      const event = room.log.at(-1) as RoomEvent;
      if (isAnswerFirst) position.acknowledge(message);
      position.apply(event);
      if (!isAnswerFirst) position.acknowledge(message);
      expect(messagesOf(window).filter((one) => one.offset === message.offset)).toHaveLength(1);
    }
  });

  it("does not go back to an older state with a late answer", async () => {
    const room = new RoomInMemory();
    const { position, reset, window } = openRoom();
    reset(await pageOf(room));
    const answer = room.post("mine", { by: ANA });
    room.edit(answer.offset, "edited");
    for (const event of room.log) position.apply(event);
    position.acknowledge(answer);
    expect(messagesOf(window)[0]?.text).toBe("edited");
  });

  it("is one of several over the same events: the messages of a thread", async () => {
    const room = new RoomInMemory();
    for (let i = 0; i < 60; i++) room.post(`m ${i}`, i % 10 === 0 ? { threadRoot: 1 } : {});
    const { position, reset, window } = openRoom();
    reset(await pageOf(room));
    const thread = new MessageWindow(position, (message) => message.threadRoot === 1);
    // Pages of a thread come from a query of their own, and may be older than what has arrived.
    const ofThread = [...room.messages.values()].filter((message) => message.threadRoot === 1);
    const page = { messages: ofThread, hasOlder: false, hasNewer: false, position: `e1.${room.head}` };
    room.edit(1, "edited meanwhile");
    position.apply(room.log.at(-1) as RoomEvent);
    thread.reset(page);
    expect(messagesOf(thread).map((message) => message.offset)).toEqual([1, 11, 21, 31, 41, 51]);
    expect(messagesOf(thread)[0]?.text).toBe("edited meanwhile");
    room.post("to the room");
    room.post("to the thread", { threadRoot: 1 });
    room.edit(11, "edited");
    for (const event of room.log.slice(-3)) position.apply(event);
    expect(messagesOf(thread).map((message) => message.offset)).toEqual([1, 11, 21, 31, 41, 51, 63]);
    expect(messagesOf(thread)[1]?.text).toBe("edited");
    expect(messagesOf(window).slice(-3).map((message) => message.offset)).toEqual([60, 62, 63]);
    expect(messagesOf(window)[0]?.offset).toBe(11);
    expect(messagesOf(window)[0]?.text).toBe("edited");
  });

  it("does not move the position when only a part of the messages is read", async () => {
    const room = new RoomInMemory();
    room.post("one");
    const { position, reset } = openRoom();
    reset(await pageOf(room));
    room.post("two");
    const results = new MessageWindow(position, () => false);
    results.reset(await pageOf(room));
    expect(position.formatted).toBe("e1.1");
    room.edit(2, "two, edited");
    room.post("three");
    for (const event of room.log.slice(-3)) position.apply(event);
    expect(messagesOf(results).map((message) => message.text)).toEqual(["one", "two, edited"]);
    expect(position.formatted).toBe("e1.4");
  });

  it("is no longer updated once disposed, while others are", async () => {
    const room = new RoomInMemory();
    room.post("one");
    const { position, reset, window } = openRoom();
    reset(await pageOf(room));
    const other = new MessageWindow(position);
    other.reset(await pageOf(room));
    other[Symbol.dispose]();
    room.post("two");
    position.apply(room.log.at(-1) as RoomEvent);
    expect(messagesOf(other).map((message) => message.text)).toEqual(["one"]);
    expect(messagesOf(window).map((message) => message.text)).toEqual(["one", "two"]);
  });
});
