import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { RoomId, SessionId } from "../../../shared/ids.ts";
import type { RoomSummary } from "../../../shared/room.ts";
import { OFFLINE_ROOMS_MAX_COUNT } from "../../../client/offline/offline_copy.ts";
import type { LastPage, RoomRow, WorkspaceRow } from "../../../client/offline/offline_copy.ts";
import { OfflineWriter } from "../../../client/offline/offline_writer.ts";
import { BEN, ME, MemoryStore, messageAt, pageOf, roomNamed, workspaceRow } from "./offline_kit.ts";

/** Long enough for everything that is due. */
const SOON_MS = 1_000;

function start(rooms: RoomSummary[] = [roomNamed("Harbour")], store = new MemoryStore()) {
  const state = { rooms, isOpen: true, pages: new Map<RoomId, LastPage>() };
  const readPage = vi.fn((roomId: RoomId) => {
    const head = state.rooms.find(({ id }) => id === roomId)?.head ?? 0;
    return Promise.resolve(pageOf([messageAt(head, `Read ${head}`)], head));
  });
  const forget = vi.fn(() => Promise.resolve());
  const onProblem = vi.fn();
  const writer = new OfflineWriter({
    open: () => Promise.resolve(store),
    forget,
    me: () => ME,
    rooms: () => state.rooms,
    findUser: (id) => ({ id, name: "Somebody", role: "member", isBot: false, deactivatedAt: null }),
    pageOf: (roomId) => state.pages.get(roomId) ?? null,
    readPage,
    isOpen: () => state.isOpen,
    idle: () => Promise.resolve(),
    onProblem,
  });
  const rowOf = (roomId: RoomId) => store.rows.get(roomId) as RoomRow | undefined;
  const workspace = () => store.rows.get("workspace") as WorkspaceRow | undefined;
  return { writer, store, state, readPage, forget, onProblem, rowOf, workspace };
}

describe("OfflineWriter", () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it("stores rooms that are followed, a moment after they have changed, and who is named in them", async () => {
    const room = roomNamed("Harbour");
    const { writer, state, rowOf, workspace, readPage } = start([room]);
    state.pages.set(room.id, pageOf([messageAt(1, "Hello", BEN)], room.head));
    await writer.start();
    expect(workspace()).toBeUndefined();
    await vi.advanceTimersByTimeAsync(SOON_MS);
    expect(rowOf(room.id)?.page.messages[0]?.text).toBe("Hello");
    expect(workspace()).toMatchObject({ me: ME, rooms: [room], users: [{ id: BEN }] });
    expect(writer.state.value).toMatchObject({ type: "stored", roomCount: 1 });

    const text = "Deleted";
    state.rooms = [{ ...room, head: room.head + 1 }];
    state.pages.set(room.id, pageOf([messageAt(1, text)], room.head + 1));
    writer.changed();
    await vi.advanceTimersByTimeAsync(SOON_MS);
    expect(rowOf(room.id)?.page.messages[0]?.text).toBe(text);
    expect(readPage).not.toHaveBeenCalled();
    writer[Symbol.dispose]();
  });

  it("reads rooms that are not open one by one, and a busy one no more often than every two minutes", async () => {
    const rooms = [roomNamed("Harbour"), roomNamed("Pier")];
    const { writer, state, readPage, rowOf } = start(rooms);
    await writer.start();
    await vi.advanceTimersByTimeAsync(SOON_MS);
    expect(readPage).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(readPage.mock.calls.map(([roomId]) => roomId)).toEqual(rooms.map(({ id }) => id));
    await vi.advanceTimersByTimeAsync(600_000);
    expect(readPage).toHaveBeenCalledTimes(2);

    const busy = () => {
      state.rooms = state.rooms.map((room) => ({ ...room, head: room.head + 1 }));
      writer.changed();
    };
    for (let second = 0; second < 60; second++) {
      busy();
      await vi.advanceTimersByTimeAsync(1_000);
    }
    expect(readPage.mock.calls.length).toBeLessThanOrEqual(4);
    await vi.advanceTimersByTimeAsync(180_000);
    for (const { id, head } of state.rooms) expect(rowOf(id)?.page.position).toBe(`epoch1.${head}`);
    writer[Symbol.dispose]();
  });

  it("drops the room that was opened longest ago when there is no space for one more", async () => {
    const rooms = Array.from(
      { length: OFFLINE_ROOMS_MAX_COUNT + 1 },
      (_, index) => roomNamed(`Room ${String.fromCharCode(97 + index)}`),
    );
    const { writer, state, store, rowOf } = start(rooms);
    for (const room of rooms) state.pages.set(room.id, pageOf([messageAt(1)], room.head));
    await writer.start();
    for (const { id } of rooms) {
      writer.opened(id);
      await vi.advanceTimersByTimeAsync(SOON_MS);
    }
    expect(store.rows.size).toBe(OFFLINE_ROOMS_MAX_COUNT + 1);
    expect(rowOf(rooms[0]?.id as RoomId)).toBeUndefined();
    expect(rowOf(rooms.at(-1)?.id as RoomId)).toBeDefined();
    writer[Symbol.dispose]();
  });

  it("removes a room that the user has lost, also one that is just being read", async () => {
    const room = roomNamed("Harbour");
    const { writer, state, store, readPage } = start([room]);
    const { promise, resolve } = Promise.withResolvers<LastPage>();
    readPage.mockImplementationOnce(() => promise);
    await writer.start();
    await vi.advanceTimersByTimeAsync(SOON_MS);
    state.rooms = [];
    resolve(pageOf([messageAt(1)]));
    await vi.advanceTimersByTimeAsync(SOON_MS);
    expect([...store.rows.keys()]).toEqual(["workspace"]);

    state.rooms = [room];
    state.pages.set(room.id, pageOf([messageAt(1)]));
    writer.changed();
    await vi.advanceTimersByTimeAsync(SOON_MS);
    expect(store.rows.has(room.id)).toBe(true);
    state.rooms = [];
    writer.changed();
    await vi.advanceTimersByTimeAsync(SOON_MS);
    expect([...store.rows.keys()]).toEqual(["workspace"]);
    writer[Symbol.dispose]();
  });

  it("goes on with the rows of its session, and deletes those of another one before anything else", async () => {
    const room = roomNamed("Harbour");
    const row: RoomRow = { key: room.id, page: pageOf([messageAt(1)], room.head), openedAt: 5 };
    const own = new MemoryStore();
    for (const one of [row, workspaceRow()]) own.rows.set(one.key, one);
    const again = start([room], own);
    await again.writer.start();
    await vi.advanceTimersByTimeAsync(SOON_MS);
    expect(again.readPage).not.toHaveBeenCalled();
    expect(again.rowOf(room.id)).toBe(row);
    again.writer[Symbol.dispose]();

    const foreign = new MemoryStore();
    const me = { ...ME, sessionId: "session000000002" as SessionId };
    for (const one of [row, workspaceRow({ me })]) foreign.rows.set(one.key, one);
    const other = start([], foreign);
    other.state.isOpen = false;
    await other.writer.start();
    expect(foreign.rows.size).toBe(0);
    other.writer[Symbol.dispose]();
  });

  it("writes nothing without connection", async () => {
    const { writer, state, store } = start();
    state.isOpen = false;
    await writer.start();
    await vi.advanceTimersByTimeAsync(SOON_MS);
    expect(store.rows.size).toBe(0);
    writer[Symbol.dispose]();
  });

  for (const [name, type] of [["QuotaExceededError", "full"], ["UnknownError", "refused"]] as const) {
    it(`tells once that storage is ${type}, deletes what is there and stops`, async () => {
      const { writer, store, forget, onProblem } = start();
      await writer.start();
      store.problem = new DOMException("No", name);
      await vi.advanceTimersByTimeAsync(SOON_MS);
      writer.changed();
      await vi.advanceTimersByTimeAsync(600_000);
      expect(writer.state.value).toEqual({ type });
      expect(onProblem.mock.calls).toEqual([[type]]);
      expect(forget).toHaveBeenCalledTimes(1);
      expect(store.isClosed).toBe(true);
    });
  }

  it("stops without a word when the store was deleted, as another tab has signed out", async () => {
    const { writer, store, forget, onProblem } = start();
    await writer.start();
    store.problem = new DOMException("Closed", "InvalidStateError");
    await vi.advanceTimersByTimeAsync(SOON_MS);
    // The lock is free for the tab that has signed in since.
    await writer.ended;
    expect(onProblem).not.toHaveBeenCalled();
    expect(forget).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });
});
