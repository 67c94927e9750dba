import { describe, expect, it } from "vitest";
import type { RoomEvent } from "../../../shared/event.ts";
import { SIGNALS } from "../../../shared/signals.ts";
import type { TypingUpdate } from "../../../shared/signals.ts";
import type { RoomId, UserId } from "../../../shared/ids.ts";
import { EPHEMERAL_SKIP_BYTES, TYPING_REFRESH_MS, TYPING_TTL_MS } from "../../../shared/limits.ts";
import type { Change } from "../../../server/changes.ts";
import { Hub } from "../../../server/streams/hub.ts";
import { LocalFeed } from "../../../server/streams/local_feed.ts";
import { followSignal } from "../../../server/streams/follow_signal.ts";
import { Signals, topicOf } from "../../../server/streams/signals.ts";
import { TypingStore } from "../../../server/typing/typing_store.ts";
import { RecordingConnection } from "../../support/recording_connection.ts";
import { messageOf, roomNotice } from "../../support/stream_kit.ts";
import { vi } from "vitest";

const ana = "ana0000000000000" as UserId;
const ben = "ben0000000000000" as UserId;
const dock = "dock000000000000" as RoomId;
const attic = "attic00000000000" as RoomId;

/** A typing store over real parts, with time standing still until `advance`. */
class TypingKit {
  readonly hub = new Hub();
  readonly feed = new LocalFeed<Change>();
  readonly signals = new Signals({ feed: this.feed, hub: this.hub, signals: [SIGNALS.typing] });
  readonly notices: TypingUpdate[] = [];
  readonly store: TypingStore;
  readonly #endings: (() => Promise<void>)[] = [];

  constructor() {
    vi.useFakeTimers();
    this.store = new TypingStore({ feed: this.feed, signals: this.signals, now: Date.now });
    this.signals.subscribe((signal, _to, value) => {
      if (signal === SIGNALS.typing) this.notices.push(value as TypingUpdate);
    });
  }

  type(connection: RecordingConnection, userId: UserId, isTyping = true): void {
    this.store.set({ userId, connection, key: "unused" }, dock, isTyping);
  }

  /** Subscribes to the room's typing as the router does. */
  reader(userId: UserId, roomId = dock): RecordingConnection {
    const connection = new RecordingConnection();
    const controller = new AbortController();
    const subscription = this.hub.open<TypingUpdate>({
      topic: topicOf(SIGNALS.typing, roomId),
      userId,
      connection,
      exceptOwn: true,
      signal: controller.signal,
    });
    const encoder = this.hub.encoder();
    const run = async () => {
      const start = () => this.signals.startOf(SIGNALS.typing, roomId, userId);
      for await (const data of followSignal(subscription, start)) {
        encoder.encode({ id: 1, result: { type: "data", data } });
      }
    };
    const ended = run().finally(() => subscription.release());
    this.#endings.push(async () => {
      controller.abort();
      await ended;
    });
    return connection;
  }

  async advance(ms: number): Promise<void> {
    await vi.advanceTimersByTimeAsync(ms);
  }

  commit(event: Partial<RoomEvent>): void {
    const whole = { offset: 7, at: new Date().toISOString(), ...event } as RoomEvent;
    this.feed.publish(roomNotice(dock, [whole], 1));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const end of this.#endings) await end();
    this.store.close();
    vi.useRealTimers();
  }
}

function updatesOf(connection: RecordingConnection): TypingUpdate[] {
  return connection.payloads.map((payload) => (payload as { result: { data: TypingUpdate } }).result.data);
}

describe("TypingStore", () => {
  it("TYP1 tells the readers of the room, never the typer itself and no other room", async () => {
    await using kit = new TypingKit();
    const [anas, bens, others] = [kit.reader(ana), kit.reader(ben), kit.reader(ben, attic)];
    await kit.advance(0);
    kit.type(new RecordingConnection(), ana);
    await kit.advance(0);
    expect(updatesOf(bens)).toEqual([{ userId: ana, isTyping: true }]);
    expect(anas.texts).toEqual([]);
    expect(others.texts).toEqual([]);
  });

  it("TYP2 tells each refresh, since readers forget after 6 s, and one stop", async () => {
    await using kit = new TypingKit();
    const device = new RecordingConnection();
    kit.type(device, ana);
    await kit.advance(TYPING_REFRESH_MS);
    kit.type(device, ana);
    kit.type(device, ana, false);
    kit.type(device, ana, false);
    expect(kit.notices.map((notice) => notice.isTyping)).toEqual([true, true, false]);
  });

  it("TYP3 stops by itself after 6 s without a refresh", async () => {
    await using kit = new TypingKit();
    const device = new RecordingConnection();
    kit.type(device, ana);
    await kit.advance(TYPING_TTL_MS - 1_000);
    kit.type(device, ana);
    await kit.advance(TYPING_TTL_MS - 1);
    expect(kit.notices.every((notice) => notice.isTyping)).toBe(true);
    await kit.advance(1);
    expect(kit.notices.at(-1)).toEqual({ userId: ana, isTyping: false });
  });

  it("TYP4 stops when the typer's connection ends, at once", async () => {
    await using kit = new TypingKit();
    const device = new RecordingConnection();
    kit.type(device, ana);
    device.end();
    expect(kit.notices.at(-1)).toEqual({ userId: ana, isTyping: false });
    kit.type(device, ana);
    expect(kit.notices.length).toBe(2);
  });

  it("TYP5 stops when the message was sent, and when the typer leaves the room", async () => {
    await using kit = new TypingKit();
    const device = new RecordingConnection();
    kit.type(device, ana);
    kit.commit({ type: "message_sent", by: ben, messageOffset: 7, message: messageOf(ben, 7, "Hello") });
    expect(kit.notices.length).toBe(1);
    kit.commit({ type: "message_sent", by: ana, messageOffset: 8, message: messageOf(ana, 8, "Hello") });
    expect(kit.notices.at(-1)?.isTyping).toBe(false);
    kit.type(device, ana);
    kit.commit({ type: "member_left", by: ben, userId: ana });
    expect(kit.notices.map((notice) => notice.isTyping)).toEqual([true, false, true, false]);
  });

  it("TYP6 goes on as long as one of several devices types", async () => {
    await using kit = new TypingKit();
    const [laptop, phone] = [new RecordingConnection(), new RecordingConnection()];
    kit.type(laptop, ana);
    kit.type(phone, ana);
    kit.type(laptop, ana, false);
    expect(kit.notices.some((notice) => !notice.isTyping)).toBe(false);
    phone.end();
    expect(kit.notices.at(-1)).toEqual({ userId: ana, isTyping: false });
  });

  it("TYP7 counts a program that speaks over HTTP by its session or token", async () => {
    await using kit = new TypingKit();
    kit.store.set({ userId: ana, connection: null, key: "token1" }, dock, true);
    kit.store.set({ userId: ana, connection: null, key: "token2" }, dock, false);
    expect(kit.notices.length).toBe(1);
    kit.store.set({ userId: ana, connection: null, key: "token1" }, dock, false);
    expect(kit.notices.at(-1)?.isTyping).toBe(false);
  });

  it("TYP8 shows who comes to the room those who type already, but not itself", async () => {
    await using kit = new TypingKit();
    kit.type(new RecordingConnection(), ana);
    kit.type(new RecordingConnection(), ben);
    const reader = kit.reader(ben);
    await kit.advance(0);
    expect(updatesOf(reader)).toEqual([{ userId: ana, isTyping: true }]);
  });

  it("TYP10 shows those who type on other instances, at most 6 s after their last signal", async () => {
    await using kit = new TypingKit();
    const hear = (userId: UserId) => kit.signals.send(SIGNALS.typing, dock, { userId, isTyping: true });
    const shown = () =>
      kit.signals.startOf(SIGNALS.typing, dock, "cleo000000000000" as UserId).items.map(({ value }) => value);
    hear(ana);
    await kit.advance(TYPING_REFRESH_MS);
    hear(ben);
    expect(shown()).toEqual([{ userId: ana, isTyping: true }, { userId: ben, isTyping: true }]);
    await kit.advance(TYPING_REFRESH_MS);
    expect(shown()).toEqual([{ userId: ben, isTyping: true }]);
    await kit.advance(TYPING_TTL_MS);
    expect(shown()).toEqual([]);
  });

  it("TYP12 goes on when a device that reports to another instance stops", async () => {
    await using kit = new TypingKit();
    const reader = kit.reader(ben);
    await kit.advance(0);
    kit.type(new RecordingConnection(), ana);
    kit.signals.send(SIGNALS.typing, dock, { userId: ana, isTyping: false });
    await kit.advance(0);
    expect(updatesOf(reader).map(({ isTyping }) => isTyping)).toEqual([true, false, true]);
    await kit.advance(TYPING_TTL_MS);
    await kit.advance(1);
    expect(updatesOf(reader).map(({ isTyping }) => isTyping)).toEqual([true, false, true, false]);
  });

  it("TYP8 tells nothing twice to who comes while it is on its way", async () => {
    await using kit = new TypingKit();
    kit.reader(ben);
    await kit.advance(0);
    kit.type(new RecordingConnection(), ana);
    // In the same turn: the frame for those before is not written yet.
    const late = kit.reader(ben);
    await kit.advance(0);
    expect(updatesOf(late)).toEqual([{ userId: ana, isTyping: true }]);
  });

  it("TYP9 leaves out slow readers without ending their subscription", async () => {
    await using kit = new TypingKit();
    const slow = kit.reader(ben);
    await kit.advance(0);
    slow.bufferedBytes = EPHEMERAL_SKIP_BYTES + 1;
    const device = new RecordingConnection();
    kit.type(device, ana);
    await kit.advance(0);
    expect(slow.texts).toEqual([]);
    slow.drain();
    await kit.advance(0);
    expect(updatesOf(slow)).toEqual([{ userId: ana, isTyping: true }]);
    kit.type(device, ana, false);
    await kit.advance(0);
    expect(updatesOf(slow).at(-1)).toEqual({ userId: ana, isTyping: false });
  });
});
