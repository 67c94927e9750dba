import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { AppError } from "../../../shared/errors.ts";
import { DOM_ROWS_MAX_COUNT, FOLLOWED_ROWS_MAX_COUNT } from "../../../shared/limits.ts";
import { ANA, messageAt, ROOM } from "./room_kit.ts";
import { setUp } from "./timeline_kit.ts";

const AT_END = { lastOffset: null, visibleCount: 20, isAtEnd: true, isDividerSeen: true };
const SCROLLED_UP = { ...AT_END, isAtEnd: false };

const settle = () => vi.advanceTimersByTimeAsync(10);

describe("RoomTimeline", () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it("loads the newest page, then follows from its position", async () => {
    const { server, room, texts, messages } = setUp(60);
    room.open();
    expect(room.history.state.value).toBe("loading");
    await settle();
    expect(room.history.state.value).toBe("ready");
    expect(texts()).toEqual(Array.from({ length: 50 }, (_, i) => `m${i + 11}`));
    expect(room.hasOlder.value).toBe(true);
    expect(server.callsOf("onEvent")).toEqual([{ roomId: ROOM, lastEventId: "e1.60" }]);
    server.post("live");
    expect(texts().at(-1)).toBe("live");
    messages[Symbol.dispose]();
  });

  it("MSG misses nothing that happens between the page and the subscription", async () => {
    const { server, room, texts, messages } = setUp(3);
    server.beforeAnswer = () => void server.post("meanwhile");
    room.open();
    await settle();
    expect(texts()).toEqual(["m1", "m2", "m3", "meanwhile"]);
    messages[Symbol.dispose]();
  });

  it("loads older pages to the start and never shows one twice", async () => {
    const { room, texts, messages } = setUp(120);
    room.open();
    await settle();
    room.history.loadMore("older");
    room.history.loadMore("older");
    await settle();
    room.history.loadMore("older");
    await settle();
    expect(texts()).toEqual(Array.from({ length: 120 }, (_, i) => `m${i + 1}`));
    expect(room.hasOlder.value).toBe(false);
    messages[Symbol.dispose]();
  });

  it("keeps at most 300 rows, and comes back to the end through newer pages", async () => {
    const { server, room, texts, messages } = setUp(500);
    room.open();
    await settle();
    room.see(SCROLLED_UP);
    for (let i = 0; i < 8; i++) {
      room.history.loadMore("older");
      await settle();
    }
    expect(room.rows.value.length).toBeLessThanOrEqual(DOM_ROWS_MAX_COUNT);
    expect(room.hasNewer.value).toBe(true);
    server.post("live");
    expect(texts()).not.toContain("live");
    for (let i = 0; i < 12 && room.hasNewer.value; i++) {
      room.history.loadMore("newer");
      await settle();
    }
    expect(texts().at(-1)).toBe("live");
    expect(room.rows.value.length).toBeLessThanOrEqual(DOM_ROWS_MAX_COUNT);
    const offsets = room.rows.value.flatMap((row) => row.kind === "message" ? [row.offset ?? 0] : []);
    expect(offsets).toEqual(offsets.toSorted((a, b) => a - b));
    messages[Symbol.dispose]();
  });

  it("keeps fewer rows while it follows the end, and removes many at once, since each time moves all others", async () => {
    const { server, room, messages } = setUp(50);
    room.open();
    await settle();
    const post = (count: number) => {
      const firstRows = new Set<string | undefined>();
      let mostCount = 0;
      for (let i = 0; i < count; i++) {
        server.post(`more ${i}`, { clientMessageId: `more-${server.head}` });
        firstRows.add(room.rows.value[0]?.key);
        mostCount = Math.max(mostCount, room.rows.value.length);
      }
      return { dropCount: firstRows.size - 1, mostCount };
    };
    room.see(AT_END);
    post(100);
    expect(post(100)).toEqual({ dropCount: 1, mostCount: FOLLOWED_ROWS_MAX_COUNT });
    // On a screen that shows so many, fewer would be loaded again at once.
    room.see({ ...AT_END, visibleCount: 50 });
    expect(post(160)).toEqual({ dropCount: 1, mostCount: 250 });
    // Nothing below what is read is removed before it must be.
    room.see(SCROLLED_UP);
    post(200);
    expect(room.rows.value.length).toBeGreaterThan(DOM_ROWS_MAX_COUNT * 0.95);
    expect(room.rows.value.length).toBeLessThanOrEqual(DOM_ROWS_MAX_COUNT);
    messages[Symbol.dispose]();
  });

  it("makes rows of no room that is out of sight, and keeps no more of it than it may show", async () => {
    const { server, room, messages } = setUp(1);
    room.open();
    await settle();
    room.close();
    let lookCount = 0;
    const message = messageAt(2);
    Object.defineProperty(message, "at", { get: () => (lookCount++, messageAt(2).at) });
    for (const { handlers } of server.subscribers) {
      const data = {
        type: "message_sent",
        offset: 2,
        by: message.by,
        at: "",
        messageOffset: 2,
        message,
      } as const;
      handlers.onData?.({ id: "e1.2", data });
    }
    expect(lookCount).toBe(0);
    expect(room.rows.value.length).toBe(3);
    expect(lookCount).toBeGreaterThan(0);

    server.post("two");
    for (let i = 0; i < DOM_ROWS_MAX_COUNT + 100; i++) server.post(`more ${i}`, { clientMessageId: `x${i}` });
    expect(room.hasOlder.value).toBe(true);
    room.open();
    expect(room.rows.value.length).toBeLessThanOrEqual(DOM_ROWS_MAX_COUNT);
    expect(room.rows.value.at(-1)).toMatchObject({ offset: server.head });
    messages[Symbol.dispose]();
  });

  it("shows an own message at once and swaps it in place, answer or event first", async () => {
    const { server, room, messages } = setUp(1);
    room.open();
    await settle();
    for (const isHeld of [false, true]) {
      server.isHeld = isHeld;
      room.send("mine", null);
      const waiting = room.rows.value.at(-1);
      expect(waiting).toMatchObject({ state: "waiting", offset: null });
      await settle();
      expect(room.rows.value.at(-1)).toMatchObject({ key: waiting?.key, state: "kept" });
      for (const event of server.held) server.deliver(event);
      expect(room.rows.value.filter((row) => row.key === waiting?.key)).toHaveLength(1);
    }
    expect(messages.waitingCount.value).toBe(0);
    messages[Symbol.dispose]();
  });

  it("goes to the end to show what is sent from further up", async () => {
    const { room, messages, texts } = setUp(200);
    room.open(20);
    await settle();
    expect(room.highlight.value).toBe(20);
    expect(room.hasNewer.value).toBe(true);
    expect(room.wish.value).toEqual({ to: "message", offset: 20 });
    room.send("mine", null);
    await settle();
    expect(texts().at(-1)).toBe("mine");
    expect(room.wish.value).toEqual({ to: "end" });
    messages[Symbol.dispose]();
  });

  it("fetches what is missing and shows a gap until it is there", async () => {
    const { server, room, texts, messages } = setUp(1);
    room.open();
    await settle();
    server.isHeld = true;
    for (const text of ["two", "three", "four"]) server.post(text);
    server.failure = "network";
    server.deliver(server.log.at(-1) ?? expect.fail());
    await settle();
    expect(room.rows.value.map((row) => row.kind)).toEqual(["day", "message", "gap", "message"]);
    server.failure = null;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(texts()).toEqual(["m1", "two", "three", "four"]);
    expect(room.rows.value.some((row) => row.kind === "gap")).toBe(false);
    messages[Symbol.dispose]();
  });

  it("subscribes again when two heartbeats are ahead of it", async () => {
    const { server, room, texts, messages } = setUp(1);
    room.open();
    await settle();
    server.isHeld = true;
    server.post("silent");
    messages.applyHeads({ [ROOM]: 2 });
    expect(server.callsOf("onEvent")).toHaveLength(1);
    messages.applyHeads({ [ROOM]: 2 });
    await settle();
    expect(server.callsOf("onEvent")).toHaveLength(2);
    expect(texts()).toEqual(["m1", "silent"]);
    messages.applyHeads({ [ROOM]: 2 });
    messages.applyHeads({ [ROOM]: 2 });
    expect(server.callsOf("onEvent")).toHaveLength(2);
    messages[Symbol.dispose]();
  });

  it("starts over after a resync and keeps what waits", async () => {
    const { server, room, texts, messages, isOpen } = setUp(2);
    room.open();
    await settle();
    isOpen.value = false;
    room.send("waits", null);
    server.isHeld = true;
    server.edit(1, "changed meanwhile");
    server.resync();
    await settle();
    expect(texts()).toEqual(["changed meanwhile", "m2", "waits"]);
    server.isHeld = false;
    server.post("after");
    expect(texts()).toEqual(["changed meanwhile", "m2", "after", "waits"]);
    messages[Symbol.dispose]();
  });

  it("takes nothing over from another life of the log", async () => {
    const { server, room, texts, messages } = setUp(3);
    room.open();
    await settle();
    server.epoch = "e2";
    server.messages.delete(3);
    server.log.splice(2);
    server.post("restored");
    await settle();
    expect(texts()).toEqual(["m1", "m2", "restored"]);
    messages[Symbol.dispose]();
  });

  it("opens around the first unread message when there are many", async () => {
    const { room, texts, messages } = setUp(300, { head: 300, readOffset: 100, unread: 200 });
    room.open();
    await settle();
    expect(texts()).toContain("m100");
    expect(room.hasNewer.value).toBe(true);
    const unread = room.rows.value.findIndex((row) => row.kind === "unread");
    expect(room.rows.value[unread]).toMatchObject({ count: 200 });
    expect(room.rows.value[unread + 1]).toMatchObject({ offset: 101 });
    messages[Symbol.dispose]();
  });

  it("counts what comes below while scrolled up, and tells of it", async () => {
    const { server, room, messages } = setUp(3);
    const arrived: string[] = [];
    room.onArrival((message) => arrived.push(message.text));
    room.open();
    await settle();
    room.see(SCROLLED_UP);
    server.post("one");
    server.post("own", { by: ANA });
    expect(room.belowCount.value).toBe(1);
    room.see(AT_END);
    expect(room.belowCount.value).toBe(0);
    expect(arrived).toEqual(["one"]);
    messages[Symbol.dispose]();
  });

  it("shows an edit and a reaction at once, and the log's word in the end", async () => {
    const { server, room, texts, notices, messages } = setUp(1);
    server.post("mine", { by: ANA });
    room.open();
    await settle();
    room.changes.edit(2, "better");
    room.changes.react(2, "👍", true);
    expect(texts()).toEqual(["m1", "better"]);
    expect(room.rows.value.at(-1)).toMatchObject({
      message: { reactions: [{ emoji: "👍", userIds: [ANA] }] },
    });
    await settle();
    expect(texts()).toEqual(["m1", "better"]);
    server.failure = new AppError("not_allowed", "Not allowed");
    room.changes.edit(2, "worse");
    expect(texts()).toEqual(["m1", "worse"]);
    await settle();
    expect(texts()).toEqual(["m1", "better"]);
    expect(notices).toHaveLength(1);
    expect(room.lastOwn()?.text).toBe("better");
    messages[Symbol.dispose]();
  });

  it("keeps a tombstone at its place", async () => {
    const { server, room, messages } = setUp(3);
    room.open();
    await settle();
    server.delete(2);
    expect(room.rows.value[2]).toMatchObject({
      offset: 2,
      message: { text: "", deletedAt: expect.any(String) },
    });
    messages[Symbol.dispose]();
  });

  it("quotes a message that is not loaded, and follows its changes", async () => {
    const { server, room, messages } = setUp(100);
    room.open();
    await settle();
    const quote = room.quote(3);
    expect(quote.value).toBeUndefined();
    await settle();
    expect(quote.value?.text).toBe("m3");
    server.edit(3, "changed");
    expect(quote.value?.text).toBe("changed");
    const missing = room.quote(5_000);
    await settle();
    expect(missing.value).toBeNull();
    messages[Symbol.dispose]();
  });

  it("tries again by itself when a page fails for now, and says so when it fails for good", async () => {
    const first = setUp(1);
    first.server.failure = new AppError("storage_unavailable", "Away", { retryAfterMs: 500 });
    first.room.open();
    await settle();
    expect(first.room.history.state.value).toBe("loading");
    first.server.failure = null;
    await vi.advanceTimersByTimeAsync(2_000);
    expect(first.texts()).toEqual(["m1"]);
    first.messages[Symbol.dispose]();
    const second = setUp(1);
    second.server.failure = new AppError("internal", "Internal error");
    second.room.open();
    await settle();
    expect(second.room.history.state.value).toBe("failed");
    second.server.failure = null;
    second.room.reload();
    await settle();
    expect(second.texts()).toEqual(["m1"]);
    second.messages[Symbol.dispose]();
  });

  it("goes on reading a public room that was left, and is gone when it cannot be seen", async () => {
    const { server, room, lost, messages } = setUp(1);
    room.open();
    await settle();
    server.end("membership_ended");
    expect(lost).toEqual(["membership_ended"]);
    expect(server.callsOf("onEvent")).toHaveLength(2);
    server.end("not_found");
    expect(room.history.state.value).toBe("gone");
    expect(lost).toEqual(["membership_ended", "not_found"]);
    messages[Symbol.dispose]();
  });

  it("keeps the divider and marks what was seen", async () => {
    const { room, marks, messages } = setUp(10, { head: 10, readOffset: 7, unread: 3 });
    room.open();
    await settle();
    room.see({ ...AT_END, lastOffset: 10 });
    expect(marks).toEqual([[10, false]]);
    expect(room.rows.value.map((row) => row.kind)).toContain("unread");
    room.markUnreadFrom(9);
    expect(marks.at(-1)).toEqual([8, true]);
    room.markAllRead();
    expect(marks.at(-1)).toEqual([10, false]);
    expect(room.rows.value.map((row) => row.kind)).not.toContain("unread");
    messages[Symbol.dispose]();
  });

  it("follows the rooms used lately and lets the others rest", async () => {
    const { server, messages } = setUp(1);
    for (let i = 0; i < 7; i++) {
      const room = messages.room(`room00000000010${i}` as typeof ROOM);
      room.open();
      await settle();
      room.close();
    }
    expect(server.subscribers.size).toBe(5);
    messages[Symbol.dispose]();
    expect(server.subscribers.size).toBe(0);
    expect(messageAt(1).roomId).toBe(ROOM);
  });
});
