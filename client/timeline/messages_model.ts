import { effect } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { RoomId, UserId } from "../../shared/ids.ts";
import type { Message } from "../../shared/message.ts";
import type { Trpc } from "../net/trpc.ts";
import type { TimelineRow } from "./grouping.ts";
import { Outbox } from "../outbox/outbox.ts";
import type { OutboxTabs } from "../outbox/outbox.ts";
import type { OutboxStorage } from "../outbox/outbox_storage.ts";
import type { TimelineView } from "./read_model.ts";
import { FOLLOWED_COUNT, RecentRooms } from "./recent_rooms.ts";
import { RoomTimelineModel } from "./room_timeline.ts";

/** What the rooms model knows of a room, as `RoomSummary` has it. */
export interface ReadState {
  readonly head: number;
  readonly readOffset: number;
  readonly unread: number;
}

/** What `createMessages` needs. */
export interface MessagesOptions {
  readonly api: Pick<
    Trpc["messages"],
    "list" | "since" | "send" | "edit" | "delete" | "react" | "onEvent"
  >;
  readonly me: UserId;
  /** `api.connection` fits. */
  readonly connection: {
    readonly isOpen: ReadonlySignal<boolean>;
    readonly transport: ReadonlySignal<"websocket" | "sse" | "polling">;
  };
  readonly storage: OutboxStorage;
  /** `browserTabs(me)`; closed by `dispose`. */
  readonly tabs: OutboxTabs & Partial<Disposable>;
  /** True while the tab is visible and the window focused. */
  readonly isAttentive: ReadonlySignal<boolean>;
  /** Null for a room that one is not a member of. */
  readonly readState: (roomId: RoomId) => ReadState | null;
  /** Moves the own read marker: at once in the rooms model, and on the server. */
  readonly markRead: (roomId: RoomId, offset: number, isUnread: boolean) => void;
  /** Something that the person wanted did not work: a sentence for a toast. */
  readonly onNotice: (text: string) => void;
  /** The room cannot be seen any more, or membership ended. */
  readonly onRoomLost: (roomId: RoomId, code: "not_found" | "membership_ended") => void;
  readonly now?: () => number;
}

/** What a room's timeline needs. */
export type RoomContext = Omit<MessagesOptions, "storage" | "tabs" | "now"> & { readonly outbox: Outbox };

/** A place for the view to go to: where one begins to read, the end, or a message. */
export type ScrollWish = { readonly to: "start" | "end" } | {
  readonly to: "message";
  readonly offset: number;
};

/** One room's messages as a view sees them. */
export interface RoomTimeline {
  readonly roomId: RoomId;
  readonly state: ReadonlySignal<"loading" | "ready" | "failed" | "gone">;
  /** What to show while `failed`. */
  readonly problem: ReadonlySignal<string | null>;
  readonly rows: ReadonlySignal<readonly TimelineRow[]>;
  readonly hasOlder: ReadonlySignal<boolean>;
  readonly hasNewer: ReadonlySignal<boolean>;
  /** Messages of others that came below while the view was scrolled up. */
  readonly belowCount: ReadonlySignal<number>;
  /** Offset to bring into view and to mark; set by `goTo`, cleared by `clearHighlight`. */
  readonly highlight: ReadonlySignal<number | null>;
  /** Where the view should go; a new object each time, null before the room is there. */
  readonly wish: ReadonlySignal<ScrollWish | null>;

  /** The view shows this room now: freezes the unread divider, loads and subscribes. */
  open(at?: number): void;
  /** The view shows another room. */
  close(): void;
  loadOlder(): void;
  loadNewer(): void;
  /** Loads what lies around a message and highlights it. */
  goTo(offset: number): void;
  goToLatest(): void;
  clearHighlight(): void;
  /** Tries again after `failed`. */
  reload(): void;

  /** Puts a message into the outbox and shows it at once. */
  send(text: string, replyTo: number | null): void;
  /** Sends a failed message again. */
  retry(clientMessageId: string): void;
  /** Takes a failed message out and gives its text, for the composer. */
  takeBack(clientMessageId: string): { text: string; replyTo: number | null } | null;
  discard(clientMessageId: string): void;
  edit(offset: number, text: string): void;
  delete(offset: number): void;
  react(offset: number, emoji: string, on: boolean): void;
  /** The newest own message that may be edited, for Up in an empty composer. */
  lastOwn(): Message | null;
  /** The message at `offset` for a quote line: undefined while it loads, null when it is not there. */
  quote(offset: number): ReadonlySignal<Message | null | undefined>;

  /** The view tells what can be seen: the last visible offset, and whether the end is within 100 px. */
  see(view: TimelineView): void;
  /** Esc: everything is read and the divider goes. */
  markAllRead(): void;
  /** Alt+click: unread from this message on. */
  markUnreadFrom(offset: number): void;
  /** Calls back for each live message of somebody else, for the announcer. */
  onArrival(listener: (message: Message) => void): () => void;
}

/** All rooms' messages and the outbox. */
export interface Messages {
  /** The room's timeline, kept for rooms used lately. */
  room(roomId: RoomId): RoomTimeline;
  /** Messages that wait to be sent, failed ones not counted. */
  readonly waitingCount: ReadonlySignal<number>;
  /** Head offsets as `rooms.onChange` beats them; two beats ahead of a timeline make it subscribe again. */
  applyHeads(heads: Readonly<Record<RoomId, number>>): void;
  /** Forgets what a room that was left or removed has shown. */
  forget(roomId: RoomId): void;
  dispose(): void;
}

/** Makes the messages of one signed-in person. */
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
    onKept: (item, message) => rooms.get(item.roomId)?.acknowledge(message),
    ...options.now === undefined ? {} : { now: options.now },
  });
  // Over HTTP each stream holds one of the browser's few connections.
  const followedCount = () => connection.transport.peek() === "websocket" ? FOLLOWED_COUNT : 1;
  const rooms = new RecentRooms(
    (roomId) => new RoomTimelineModel(roomId, { ...options, outbox }),
    followedCount,
  );
  const stop = effect(() => {
    void connection.transport.value;
    rooms.trim();
  });
  return {
    room: (roomId) => rooms.use(roomId),
    waitingCount: outbox.waitingCount,
    applyHeads: (heads) => {
      for (const [roomId, head] of Object.entries(heads)) rooms.get(roomId as RoomId)?.applyHead(head);
    },
    forget: (roomId) => rooms.forget(roomId),
    dispose: () => {
      stop();
      rooms.dispose();
      outbox.dispose();
      tabs[Symbol.dispose]?.();
    },
  };
}
