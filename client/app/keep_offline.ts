import { effect, signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { RoomId } from "../../shared/ids.ts";
import { PAGE_DEFAULT_COUNT } from "../../shared/limits.ts";
import { forgetCopy } from "../offline/forget_copy.ts";
import type { LastPage } from "../offline/offline_copy.ts";
import { openOfflineStore } from "../offline/offline_store.ts";
import { OfflineWriter } from "../offline/offline_writer.ts";
import type { OfflineState } from "../offline/offline_writer.ts";
import type { SignedIn } from "./app_context.ts";
import type { Chat } from "./chat.ts";

/** The tab that has it stores for all. */
const LOCK = "parley-offline";
/** Set once it was told that this browser does not store. */
const TOLD_KEY = "parley-offline-told";
const IDLE_WAIT_MS = 2_000;
const PROBLEMS = {
  full: "This browser's storage is full, so your rooms cannot be read without network.",
  refused: "This browser stores nothing, so your rooms cannot be read without network.",
} as const;

const states = new WeakMap<Chat, ReadonlySignal<OfflineState>>();
const UNKNOWN = signal<OfflineState>({ type: "elsewhere" });

/** Returns what this tab stores for a start without network. */
export function offlineStateOf(chat: Chat): ReadonlySignal<OfflineState> {
  return states.get(chat) ?? UNKNOWN;
}

/** Stores rooms and messages for a start without network, until the returned function is called. */
export function keepOffline({ app, chat }: Pick<SignedIn, "app" | "chat">): () => void {
  const { rooms, users, trpc, connection, storage } = chat;
  const me = app.session.me.peek();
  if (me === null) return () => {};
  const writer = new OfflineWriter({
    open: () => openOfflineStore(),
    forget: forgetCopy,
    me: () => app.session.me.peek() ?? me,
    rooms: () => rooms.rooms.peek().values(),
    findUser: (userId) => users.users.peek().get(userId),
    pageOf: (roomId) => lastPageOf(chat, roomId),
    readPage: (roomId) => trpc.messages.list.query({ roomId, limit: PAGE_DEFAULT_COUNT }),
    isOpen: () => connection.isOpen.peek(),
    idle,
    onProblem: (type) => {
      if (storage.getItem(TOLD_KEY) !== null) return;
      storage.setItem(TOLD_KEY, type);
      chat.onNotice(PROBLEMS[type]);
    },
  });
  states.set(chat, writer.state);
  const end = new AbortController();
  const store = async () => {
    await writer.start();
    await writer.ended;
  };
  const locks = navigator.locks as LockManager | undefined;
  if (locks === undefined) void store();
  else locks.request(LOCK, { signal: end.signal }, store).catch(() => {});
  const stops = [
    effect(() => {
      void rooms.rooms.value;
      void users.users.value;
      if (connection.isOpen.value) writer.changed();
    }),
    effect(() => {
      const roomId = app.roomId.value;
      if (roomId !== null) writer.opened(roomId);
    }),
  ];
  const onHide = () => {
    if (document.visibilityState === "hidden") writer.flush();
  };
  document.addEventListener("visibilitychange", onHide);
  return () => {
    document.removeEventListener("visibilitychange", onHide);
    for (const stop of stops) stop();
    writer[Symbol.dispose]();
    end.abort();
  };
}

/** The end of a room, if this tab has all of it. */
function lastPageOf({ messages }: Pick<Chat, "messages">, roomId: RoomId): LastPage | null {
  const timeline = messages.open().find((one) => one.roomId === roomId);
  if (timeline === undefined) return null;
  const { window: { entries, hasOlder, hasNewer }, position, state, isFollowed } = timeline.history;
  if (state.peek() !== "ready" || !isFollowed || hasNewer || position.holes.length > 0) return null;
  const last = entries.slice(-PAGE_DEFAULT_COUNT);
  return {
    messages: last.map(({ message }) => message),
    hasOlder: hasOlder || last.length < entries.length,
    hasNewer,
    position: position.formatted,
  };
}

/** Resolves when the browser has nothing else to do; Safari does not say when. */
function idle(): Promise<void> {
  if (!("requestIdleCallback" in globalThis)) return Promise.resolve();
  return new Promise((resolve) => requestIdleCallback(() => resolve(), { timeout: IDLE_WAIT_MS }));
}
