import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { REST_MS, RoomNotices } from "../../../client/notify/room_notices.ts";
import { DEFAULT_SETTINGS } from "../../../shared/notify/notification_settings.ts";
import type { Message } from "../../../shared/message.ts";
import type { RoomSummary } from "../../../shared/room.ts";
import { ANA, BEN, roomNamed } from "../rooms/rooms_kit.ts";

const PAGE_COUNT = 25;

/** Ana's page, a room of hers in which Ben writes, and whether she is active on another device. */
function open(change: Partial<RoomSummary> = {}) {
  let room = roomNamed("Tea", { head: 5, readOffset: 5, ...change });
  const messages: Message[] = [];
  const shown = new Set<number>();
  const texts: string[] = [];
  const at = { isElsewhere: false, isOffline: false, readCount: 0, reading: Promise.resolve() };
  const notices = new RoomNotices(room, {
    me: ANA,
    doNotDisturb: () => false,
    isAttentive: () => false,
    isUsedElsewhere: () => at.isElsewhere,
    isSeen: () => false,
    readSettings: () => Promise.resolve(DEFAULT_SETTINGS),
    listBefore: async (_, before) => {
      at.readCount++;
      await at.reading;
      if (at.isOffline) throw new Error("offline");
      return messages.filter(({ offset }) => offset < before).slice(-PAGE_COUNT);
    },
    authorOf: () => Promise.resolve(null),
    tell: ({ message: { offset, text } }) => {
      shown.add(offset);
      texts.push(text);
      return () => void shown.delete(offset);
    },
    now: Date.now,
  });
  const see = async (next: Partial<RoomSummary>) => {
    room = { ...room, ...next };
    notices.see(room);
    await vi.advanceTimersByTimeAsync(0);
  };
  return {
    at,
    shown,
    texts,
    see,
    change(offset: number, change: Partial<Message>) {
      const index = messages.findIndex((message) => message.offset === offset);
      messages.splice(index, 1, { ...messages[index] as Message, ...change });
    },
    async send(mentions: Message["mentions"] = []) {
      const offset = room.head + 1;
      messages.push({
        roomId: room.id,
        offset,
        by: BEN,
        at: new Date().toISOString(),
        text: `${offset}`,
        clientMessageId: `${offset}`,
        editedAt: null,
        deletedAt: null,
        replyTo: null,
        threadRoot: null,
        replyCount: 0,
        mentions,
        mentionsRoom: false,
        reactions: [],
      });
      await see({ head: offset, unread: room.unread + 1, mentions: room.mentions + mentions.length });
    },
    [Symbol.dispose]: () => notices[Symbol.dispose](),
  };
}

describe("RoomNotices", () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it("waits 30 s while the user is active elsewhere", async () => {
    using t = open();
    t.at.isElsewhere = true;
    await t.send();
    await vi.advanceTimersByTimeAsync(29_999);
    expect([...t.shown]).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect([...t.shown]).toEqual([6]);
    await t.see({ readOffset: 6 });
    expect([...t.shown]).toEqual([]);
  });

  it("is silent if the message was read there in the meantime", async () => {
    using t = open();
    t.at.isElsewhere = true;
    await t.send();
    await t.see({ readOffset: 6, unread: 0 });
    await vi.advanceTimersByTimeAsync(60_000);
    expect([...t.shown]).toEqual([]);
  });

  it("tells of messages that waited as they are now: edited, or not at all if they were deleted", async () => {
    using t = open();
    t.at.isElsewhere = true;
    await t.send();
    t.change(6, { text: "edited", editedAt: new Date().toISOString() });
    await vi.advanceTimersByTimeAsync(REST_MS);
    await t.send();
    t.change(7, { text: "", deletedAt: new Date().toISOString() });
    await vi.advanceTimersByTimeAsync(60_000);
    expect([t.texts, ...t.shown]).toEqual([["edited"], 6]);
  });

  it("reads messages that waited in one request, and again after a lost connection", async () => {
    using t = open();
    t.at.isElsewhere = true;
    await t.send();
    for (let count = 0; count < 3; count++) await t.send();
    await vi.advanceTimersByTimeAsync(REST_MS);
    expect(t.at.readCount).toBe(2);
    t.at.isOffline = true;
    await vi.advanceTimersByTimeAsync(60_000);
    expect([t.at.readCount, ...t.shown]).toEqual([4]);
    t.at.isOffline = false;
    await t.see({});
    expect([t.at.readCount, ...t.shown]).toEqual([5, 9]);
  });

  it("never puts an earlier message in the place of a newer one", async () => {
    using t = open();
    t.at.isElsewhere = true;
    await t.send();
    t.at.isElsewhere = false;
    await vi.advanceTimersByTimeAsync(REST_MS);
    await t.send();
    expect(t.texts).toEqual(["7"]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect([t.texts, ...t.shown]).toEqual([["7"], 7]);
  });

  it("reads a room again only after a rest if nothing in it concerned the user", async () => {
    using t = open({ level: "mentions" });
    await t.send();
    expect(t.at.readCount).toBe(1);
    for (let count = 0; count < 20; count++) await t.send();
    expect(t.at.readCount).toBe(1);
    await vi.advanceTimersByTimeAsync(REST_MS);
    expect(t.at.readCount).toBe(2);
    await t.send([ANA]);
    expect([t.at.readCount, ...t.shown]).toEqual([3, 27]);
  });

  it("reads nothing more of a room it told of, until that is read", async () => {
    using t = open();
    await t.send();
    for (let count = 0; count < 20; count++) await t.send();
    await vi.advanceTimersByTimeAsync(10 * REST_MS);
    expect([t.at.readCount, ...t.shown]).toEqual([1, 6]);
    await t.see({ readOffset: 26, unread: 0 });
    await vi.advanceTimersByTimeAsync(REST_MS);
    await t.send();
    expect([t.at.readCount, ...t.shown]).toEqual([2, 27]);
  });

  it("reads nothing of a room that is off, and takes back what it told when it ends", async () => {
    using off = open({ level: "none" });
    await off.send([ANA]);
    expect(off.at.readCount).toBe(0);
    const t = open({ kind: "direct" });
    await t.send();
    expect(t.shown.size).toBe(1);
    t[Symbol.dispose]();
    expect(t.shown.size).toBe(0);
  });

  it("finds a mention behind many messages that are none, and shows only that", async () => {
    using t = open();
    await t.send();
    for (let count = 0; count < 60; count++) await t.send();
    await t.send([ANA]);
    await vi.advanceTimersByTimeAsync(REST_MS);
    expect([t.texts, ...t.shown]).toEqual([["6", "67"], 67]);
    using asked = open({ level: "mentions" });
    await asked.send();
    asked.at.isOffline = true;
    await asked.send([ANA]);
    for (let count = 0; count < 60; count++) await asked.send();
    asked.at.isOffline = false;
    await asked.see({});
    expect(asked.texts).toEqual(["7"]);
  });

  it("looks again at what came while it looked", async () => {
    using t = open();
    const { promise, resolve } = Promise.withResolvers<void>();
    t.at.reading = promise;
    await t.send();
    await t.send([ANA]);
    await t.send();
    resolve();
    await vi.advanceTimersByTimeAsync(REST_MS);
    expect(t.texts).toEqual(["6", "7"]);
  });
});
