import { signal } from "@preact/signals";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { AppError } from "../../../shared/errors.ts";
import { newId } from "../../../shared/ids.ts";
import type { RoomId, TabId } from "../../../shared/ids.ts";
import { toSnapshot } from "../../../shared/presence.ts";
import type { PresenceUpdate } from "../../../shared/presence.ts";
import { RoomsModel } from "../../../client/rooms/rooms_model.ts";
import type { SignalKind } from "../../../shared/signals.ts";
import { ANA, BEN, idOf, roomNamed, RoomsServer } from "./rooms_kit.ts";

const TAB = newId<TabId>();

function start() {
  const server = new RoomsServer();
  const also = signal<readonly SignalKind[]>([]);
  const notices: string[] = [];
  const told: { removed: RoomId[]; heads: unknown[]; typing: unknown[]; presence: PresenceUpdate[] } = {
    removed: [],
    heads: [],
    typing: [],
    presence: [],
  };
  const model = new RoomsModel({
    api: server.api,
    me: ANA,
    nameOf: (id) => id === BEN ? "Ben" : "Somebody",
    also,
    tabId: () => TAB,
    onHeads: (heads) => told.heads.push(heads),
    signals: {
      typing: (update, roomId) => told.typing.push({ roomId, ...update }),
      presence: (update) => told.presence.push(update),
    },
    onNotice: (text) => notices.push(text),
    onRemoved: (roomId) => told.removed.push(roomId),
  });
  model.start();
  return { server, also, notices, told, model, [Symbol.dispose]: () => model[Symbol.dispose]() };
}

describe("RoomsModel", () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it("is ready with the first snapshot and follows every change", () => {
    using t = start();
    expect(t.model.isReady.value).toBe(false);
    t.server.tell({ type: "snapshot", rooms: [roomNamed("General"), roomNamed("Design", { unread: 2 })] });
    expect(t.model.isReady.value).toBe(true);
    expect(t.model.sections.value.unread).toEqual([idOf("Design")]);
    expect(t.model.unreadCount.value).toBe(2);
    t.server.tell({ type: "room_changed", room: roomNamed("General", { unread: 5 }) });
    expect(t.model.unreadCount.value).toBe(7);
    t.server.tell({ type: "room_removed", roomId: idOf("Design") });
    expect(t.model.find(idOf("Design"))).toBe(null);
    expect(t.told.removed).toEqual([idOf("Design")]);
  });

  it("keeps what a message in one room does not change", () => {
    using t = start();
    t.server.tell({
      type: "snapshot",
      rooms: [
        roomNamed("General"),
        roomNamed("Design", { unread: 2 }),
        roomNamed("Den", { kind: "private" }),
      ],
    });
    const { entries, named, sections } = t.model;
    const before = { entries: entries.value, named: named.value, sections: sections.value };
    t.server.tell({ type: "room_changed", room: roomNamed("Design", { head: 11, unread: 3 }) });
    expect(entries.value.get(idOf("Design"))?.room.unread).toBe(3);
    expect(entries.value.get(idOf("General"))).toBe(before.entries.get(idOf("General")));
    expect(named.value).toBe(before.named);
    expect(sections.value).toBe(before.sections);
    t.server.tell({ type: "room_changed", room: roomNamed("Design", { head: 12, unread: 4, mentions: 1 }) });
    expect(sections.value).not.toBe(before.sections);
  });

  it("lists the rooms that can be named, as they are called now", () => {
    using t = start();
    t.server.tell({
      type: "snapshot",
      rooms: [
        roomNamed("General"),
        roomNamed("Old", { archivedAt: "2026-11-02T09:00:00.000Z" }),
        roomNamed("", { kind: "direct", otherUserId: BEN }),
        roomNamed("Den", { kind: "private" }),
      ],
    });
    const names = () => t.model.named.value.map(({ name, isPrivate }) => [name, isPrivate]);
    expect(names()).toEqual([["General", false], ["Den", true]]);
    t.server.tell({ type: "room_changed", room: { ...roomNamed("General"), name: "Everybody" } });
    expect(names()).toEqual([["Everybody", false], ["Den", true]]);
    t.server.tell({ type: "room_removed", roomId: idOf("Den") });
    expect(names()).toEqual([["Everybody", false]]);
  });

  it("tells of rooms that a new snapshot no longer holds", () => {
    using t = start();
    t.server.tell({ type: "snapshot", rooms: [roomNamed("General"), roomNamed("Design")] });
    t.server.tell({ type: "snapshot", rooms: [roomNamed("General")] });
    expect(t.told.removed).toEqual([idOf("Design")]);
    expect([...t.model.rooms.value.keys()]).toEqual([idOf("General")]);
  });

  it("hands heads, typing and presence on", () => {
    using t = start();
    const update: PresenceUpdate = toSnapshot([]);
    t.server.tell({ type: "heads", heads: { [idOf("General")]: 12 } });
    t.server.tell({ type: "typing", roomId: idOf("General"), userId: BEN, isTyping: true });
    t.server.tell({ type: "presence", update });
    expect(t.told.heads).toEqual([{ [idOf("General")]: 12 }]);
    expect(t.told.typing).toEqual([{ roomId: idOf("General"), userId: BEN, isTyping: true }]);
    expect(t.told.presence).toEqual([update]);
  });

  it("subscribes anew, with what else is wanted, when the transport changes", () => {
    using t = start();
    t.also.value = ["typing", "presence"];
    expect(t.server.subscriptions).toEqual([
      { also: [], isOpen: false },
      { also: ["typing", "presence"], isOpen: true },
    ]);
    expect(t.server.tabIds).toEqual([undefined, undefined]);
    t.model[Symbol.dispose]();
    expect(t.server.subscriptions.some(({ isOpen }) => isOpen)).toBe(false);
  });

  it("names the tab to which signals of calls are addressed", () => {
    using t = start();
    t.also.value = ["typing", "signals"];
    expect(t.server.tabIds).toEqual([undefined, TAB]);
  });

  it("calls a direct room by the other person's name", () => {
    using t = start();
    const direct = roomNamed("Direct", { kind: "direct", name: "", otherUserId: BEN });
    t.server.tell({ type: "snapshot", rooms: [direct] });
    expect(t.model.peerOf(direct.id)).toBe(BEN);
    expect(t.model.entries.value.get(direct.id)?.title).toBe("Ben");
    expect(t.model.titleOf(roomNamed("General"))).toBe("General");
  });

  it("shows a room as read at once, before the server has heard of it", () => {
    using t = start();
    const room = roomNamed("General", { head: 20, readOffset: 10, unread: 7, mentions: 1 });
    t.server.tell({ type: "snapshot", rooms: [room] });
    t.model.markRead(room.id, 20, false);
    expect(t.model.find(room.id)).toMatchObject({ readOffset: 20, unread: 0, mentions: 0 });
    // A change that was under way does not bring the old count back.
    t.server.tell({ type: "room_changed", room: { ...room, topic: "new" } });
    expect(t.model.find(room.id)).toMatchObject({ topic: "new", unread: 0 });
    // A newer message does.
    t.server.tell({ type: "room_changed", room: { ...room, head: 21, unread: 8 } });
    expect(t.model.find(room.id)).toMatchObject({ readOffset: 20, unread: 8 });
    t.server.tell({ type: "room_changed", room: { ...room, head: 21, readOffset: 20, unread: 1 } });
    expect(t.model.find(room.id)).toMatchObject({ readOffset: 20, unread: 1 });
  });

  it("makes a room unread again when asked to", async () => {
    using t = start();
    const room = roomNamed("General", { head: 20, readOffset: 10, unread: 7 });
    t.server.tell({ type: "snapshot", rooms: [room] });
    t.model.markRead(room.id, 20, false);
    await vi.advanceTimersByTimeAsync(1_000);
    t.model.markRead(room.id, 15, true);
    t.server.tell({ type: "room_changed", room: { ...room, readOffset: 15, unread: 4 } });
    expect(t.model.find(room.id)).toMatchObject({ readOffset: 15, unread: 4 });
    expect(t.server.marks.at(-1)).toEqual({ roomId: room.id, offset: 15, unread: true });
  });

  it("says so when a room could not be made unread", async () => {
    using t = start();
    const room = roomNamed("General", { head: 20, readOffset: 20 });
    t.server.tell({ type: "snapshot", rooms: [room] });
    t.server.failure = new AppError("storage_unavailable", "No storage");
    t.model.markRead(room.id, 15, true);
    await vi.advanceTimersByTimeAsync(0);
    expect(t.notices).toEqual(["The server cannot reach its storage. Nothing was changed."]);
  });

  it("keeps the list still while somebody points at it, for a while", () => {
    using t = start();
    t.server.tell({ type: "snapshot", rooms: [roomNamed("A"), roomNamed("B")] });
    t.model.hold();
    t.server.tell({ type: "room_changed", room: roomNamed("B", { unread: 1 }) });
    expect(t.model.sections.value.unread).toEqual([]);
    vi.advanceTimersByTime(3_000);
    expect(t.model.sections.value.unread).toEqual([idOf("B")]);
  });

  it("finds the next room and the next unread one, round the end", () => {
    using t = start();
    t.server.tell({
      type: "snapshot",
      rooms: [roomNamed("A"), roomNamed("B"), roomNamed("C", { unread: 1 })],
    });
    // Order of the eye: C (unread), A, B.
    t.model.setCurrent(idOf("A"));
    expect(t.model.neighbour(1, "any")).toBe(idOf("B"));
    expect(t.model.neighbour(-1, "any")).toBe(idOf("C"));
    expect(t.model.neighbour(1, "unread")).toBe(idOf("C"));
    t.model.setCurrent(idOf("C"));
    expect(t.model.neighbour(1, "unread")).toBe(null);
    t.model.setCurrent(null);
    expect(t.model.neighbour(1, "any")).toBe(idOf("C"));
    expect(t.model.neighbour(-1, "any")).toBe(idOf("B"));
  });
});
