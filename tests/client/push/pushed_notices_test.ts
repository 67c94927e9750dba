import { signal } from "@preact/signals";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { PushedNotices } from "../../../client/push/pushed_notices.ts";
import type { PushedNoticesOptions } from "../../../client/push/pushed_notices.ts";
import type { RoomId } from "../../../shared/ids.ts";
import type { RoomSummary } from "../../../shared/room.ts";

const A = "a" as RoomId;
const readUpTo = (readOffset: number) => new Map([[A, { id: A, head: 7, readOffset } as RoomSummary]]);

beforeEach(() => {
  vi.useFakeTimers();
  Object.assign(globalThis, { Notification: { permission: "granted" } });
});
afterEach(() => {
  vi.useRealTimers();
  Reflect.deleteProperty(globalThis, "Notification");
});

describe("notifications of the worker", () => {
  it("are taken back within a second of reading, the ring as soon as somebody looks at the page", async () => {
    const shown = new Map<string, unknown>([
      ["room a", { kind: "message", url: "/r/a/7" }],
      ["call-1", { kind: "missed", url: "/r/a" }],
      ["call-2", { kind: "call", url: "/r/a" }],
      ["test", { kind: "other", url: "/" }],
    ]);
    const getNotifications = () =>
      Promise.resolve([...shown].map(([tag, data]) => ({ tag, data, close: () => shown.delete(tag) })));
    const container = Object.assign(new EventTarget(), {
      getRegistration: () => Promise.resolve({ getNotifications }),
    });
    const rooms = signal(readUpTo(6));
    const isAttentive = signal(false);
    using notices = new PushedNotices({
      container: container as unknown as PushedNoticesOptions["container"],
      rooms,
      isReady: signal(true),
      isAttentive,
      onOpen: () => {},
    });
    notices.start();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(shown.size).toBe(4);
    rooms.value = readUpTo(7);
    await vi.advanceTimersByTimeAsync(1_000);
    expect([...shown.keys()]).toEqual(["call-2", "test"]);
    isAttentive.value = true;
    await vi.advanceTimersByTimeAsync(1_000);
    expect([...shown.keys()]).toEqual(["test"]);
  });
});
