import { effect } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { RoomId } from "../../shared/ids.ts";
import type { Trpc } from "../net/trpc.ts";
import { Outbox } from "../outbox/outbox.ts";
import type { OutboxTabs } from "../outbox/outbox_tabs.ts";
import type { OutboxStorage } from "../outbox/outbox_storage.ts";
import { FOLLOWED_COUNT, RecentRooms } from "./recent_rooms.ts";
import { RoomTimeline } from "./room_timeline.ts";
import type { RoomContext } from "./room_timeline.ts";

/** Options of `createMessages`. */
export interface MessagesOptions extends Omit<RoomContext, "outbox" | "api" | "connection"> {
  readonly api: RoomContext["api"] & Pick<Trpc["messages"], "send">;
  /** `api.connection` fits. */
  readonly connection: RoomContext["connection"] & {
    readonly transport: ReadonlySignal<"websocket" | "sse" | "polling">;
  };
  readonly storage: OutboxStorage;
  /** `browserTabs(me)`; closed with the messages. */
  readonly tabs: OutboxTabs & Partial<Disposable>;
  readonly now?: () => number;
}

/** The messages of all rooms, and those that wait to be sent. */
export interface Messages extends Disposable {
  /** Returns a room's timeline, kept for recently used rooms. */
  room(roomId: RoomId): RoomTimeline;
  /** The timelines that this tab keeps, the most recent first. */
  open(): readonly RoomTimeline[];
  /** What waits to be sent, or could not be sent. */
  readonly outbox: Outbox["items"];
  /** How many messages wait to be sent, without failed ones. */
  readonly waitingCount: ReadonlySignal<number>;
  /** The heartbeat of `rooms.onChange` has brought the heads of rooms. */
  applyHeads(heads: Readonly<Record<RoomId, number>>): void;
  /** Forgets the messages of a room that the user left or that was removed. */
  forget(roomId: RoomId): void;
}

/** Makes the messages of a signed-in user. */
export function createMessages(options: MessagesOptions): Messages {
  const { api, connection, me, storage, tabs, onNotice } = options;
  const outbox = new Outbox({
    userId: me,
    storage,
    tabs,
    onNotice,
    isOpen: connection.isOpen,
    send: ({ roomId, clientMessageId, text, replyTo }) =>
      api.send.mutate({ roomId, clientMessageId, text, ...replyTo === null ? {} : { replyTo } }),
    onStored: (item, message) => rooms.get(item.roomId)?.acknowledge(message),
    ...options.now === undefined ? {} : { now: options.now },
  });
  // Over HTTP, each subscription takes one of the browser's few connections.
  const followedCount = () => connection.transport.peek() === "websocket" ? FOLLOWED_COUNT : 1;
  const rooms = new RecentRooms(
    (roomId) => new RoomTimeline(roomId, { ...options, outbox }),
    followedCount,
  );
  const stop = effect(() => {
    void connection.transport.value;
    rooms.trim();
  });
  return {
    room: (roomId) => rooms.use(roomId),
    open: () => rooms.all(),
    outbox: outbox.items,
    waitingCount: outbox.waitingCount,
    applyHeads: (heads) => {
      for (const [roomId, head] of Object.entries(heads)) {
        rooms.get(roomId as RoomId)?.history.applyHead(head);
      }
    },
    forget: (roomId) => rooms.forget(roomId),
    [Symbol.dispose]: () => {
      stop();
      rooms[Symbol.dispose]();
      outbox[Symbol.dispose]();
      tabs[Symbol.dispose]?.();
    },
  };
}
