import { signal } from "@preact/signals";
import { describe, expect, it } from "vitest";
import { CallsWatch } from "../../../client/calls/calls_watch.ts";
import type { CallsWatchOptions } from "../../../client/calls/calls_watch.ts";
import type { StreamNeed } from "../../../client/net/connection_model.ts";
import type { Call, CallUpdate, Ring } from "../../../shared/call/call_types.ts";
import { newId } from "../../../shared/ids.ts";
import type { CallId, RoomId, TabId, UserId } from "../../../shared/ids.ts";

const [ROOM, ANA] = [newId<RoomId>(), newId<UserId>()];
const TAB = newId<TabId>();

function callOf(callId: CallId, revision = 1, roomId = ROOM): Call {
  return {
    callId,
    roomId,
    startedBy: ANA,
    startedAt: "2026-11-02T09:00:00.000Z",
    topology: "mesh",
    purpose: "talk",
    participants: [],
    revision,
  };
}

function ringOf(callId: CallId, remainingMs = 45_000): Ring {
  return { callId, roomId: ROOM, by: ANA, video: false, until: "2026-11-02T09:00:45.000Z", remainingMs };
}

/** A watch, the server's side of its subscription, and what a listener was told. */
function start() {
  const hasSocket = signal(true);
  const isConnected = signal(true);
  const need = signal<StreamNeed>("page");
  const subscribed: { tabId: string; isOpen: boolean }[] = [];
  let tell: (update: CallUpdate) => void = () => {};
  let nowMs = 0;
  const api: CallsWatchOptions["api"] = {
    onSignal: {
      subscribe: ({ tabId }, { onData }) => {
        const subscription = { tabId, isOpen: true };
        subscribed.push(subscription);
        tell = (update) => onData?.(update as Parameters<NonNullable<typeof onData>>[0]);
        return { unsubscribe: () => subscription.isOpen = false };
      },
    },
  };
  const watch = new CallsWatch({ api, tabId: TAB, hasSocket, isConnected, need, now: () => nowMs });
  watch.start();
  return {
    watch,
    hasSocket,
    isConnected,
    need,
    subscribed,
    tell: (update: CallUpdate) => tell(update),
    pass: (ms: number) => nowMs += ms,
    [Symbol.dispose]: () => watch[Symbol.dispose](),
  };
}

describe("CallsWatch", () => {
  it("subscribes for its tab on WebSocket only, and frees that", () => {
    const t = start();
    expect(t.subscribed).toEqual([{ tabId: TAB, isOpen: true }]);
    t.hasSocket.value = false;
    expect(t.subscribed).toEqual([{ tabId: TAB, isOpen: false }]);
    t.hasSocket.value = true;
    t[Symbol.dispose]();
    expect(t.subscribed.some(({ isOpen }) => isOpen)).toBe(false);
  });

  it("knows the running call of each room, whatever comes late", () => {
    using t = start();
    const [first, second] = [newId<CallId>(), newId<CallId>()];
    t.tell({ type: "snapshot", calls: [callOf(first, 3)], rings: [] });
    t.tell({ type: "call_changed", call: callOf(first, 2) });
    expect(t.watch.calls.value.get(ROOM)?.revision).toBe(3);
    t.tell({ type: "call_changed", call: callOf(second) });
    t.tell({ type: "call_ended", callId: first, roomId: ROOM, missed: false });
    expect(t.watch.calls.value.get(ROOM)?.callId).toBe(second);
    // One participant was removed; the call goes on.
    t.tell({ type: "call_ended", callId: second, roomId: ROOM, missed: false, reason: "kicked" });
    expect(t.watch.calls.value.size).toBe(1);
    t.tell({ type: "call_ended", callId: second, roomId: ROOM, missed: true });
    expect(t.watch.calls.value.size).toBe(0);
  });

  it("knows what rings, once a call, until it ends", () => {
    using t = start();
    const callId = newId<CallId>();
    t.tell({ type: "ring", ring: ringOf(callId) });
    t.tell({ type: "ring", ring: ringOf(callId, 44_000) });
    expect(t.watch.rings.value).toMatchObject([{ remainingMs: 44_000 }]);
    t.tell({ type: "ring_ended", callId, userId: ANA, reason: "cancelled" });
    expect(t.watch.rings.value).toEqual([]);
  });

  it("tells a listener that comes late what is there, by the time that has passed", () => {
    using t = start();
    const [callId, over] = [newId<CallId>(), newId<CallId>()];
    t.tell({ type: "snapshot", calls: [callOf(callId)], rings: [ringOf(callId), ringOf(over, 5_000)] });
    t.pass(15_000);
    const told: unknown[] = [];
    const stop = t.watch.listen({
      onUpdate: (update) => told.push(update),
      onStream: (isOpen) => told.push(isOpen),
    });
    expect(told).toEqual([
      true,
      { type: "snapshot", calls: [callOf(callId)], rings: [ringOf(callId, 30_000)] },
    ]);
    t.isConnected.value = false;
    t.isConnected.value = true;
    // The stream is there again with its first snapshot, not with the connection.
    expect(told.slice(2)).toEqual([false]);
    t.tell({ type: "snapshot", calls: [], rings: [] });
    expect(told.slice(3)).toEqual([true, { type: "snapshot", calls: [], rings: [] }]);
    stop();
    t.tell({ type: "snapshot", calls: [], rings: [] });
    expect(told).toHaveLength(5);
  });

  it("knows the server's clock, whatever that of this device says", () => {
    using t = start();
    const asOf = "2020-02-02T20:20:00.000Z";
    t.tell({ type: "snapshot", calls: [], rings: [], asOf });
    t.pass(65_000);
    expect(new Date(t.watch.serverNow()).toISOString()).toBe("2020-02-02T20:21:05.000Z");
    // What a device repeats tells no time.
    t.tell({ type: "snapshot", calls: [], rings: [] });
    expect(t.watch.serverNow() - Date.parse(asOf)).toBe(65_000);
  });

  it("says what the streams of this tab are needed for", () => {
    const t = start();
    const callId = newId<CallId>();
    t.tell({ type: "ring", ring: ringOf(callId) });
    expect(t.need.value).toBe("ringing");
    t.watch.setInCall(true);
    expect(t.need.value).toBe("call");
    t.tell({ type: "ring_ended", callId, userId: ANA, reason: "accepted" });
    t.watch.setInCall(false);
    expect(t.need.value).toBe("page");
    t.watch.setInCall(true);
    t[Symbol.dispose]();
    expect(t.need.value).toBe("page");
  });
});
