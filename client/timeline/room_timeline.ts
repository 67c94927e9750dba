import { batch, effect, signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import { isMessageEvent } from "../../shared/event.ts";
import type { RoomEvent } from "../../shared/event.ts";
import type { RoomId, UserId } from "../../shared/ids.ts";
import type { Message } from "../../shared/message.ts";
import type { Trpc } from "../net/trpc.ts";
import type { Outbox } from "../outbox/outbox.ts";
import { MessageChanges } from "./message_changes.ts";
import type { PageRange } from "./page_reader.ts";
import { pendingMessages } from "./pending.ts";
import { Quotes } from "./quotes.ts";
import { ReadModel } from "./read_model.ts";
import type { TimelineView } from "./read_model.ts";
import { RoomHistory } from "./room_history.ts";
import { rowLimit, TimelineRows } from "./timeline_rows.ts";

/** How far the user has read a room; `RoomSummary` fits. */
export interface ReadState {
  readonly head: number;
  readonly readOffset: number;
  readonly unread: number;
}

/** Options shared by the timelines of all rooms. */
export interface RoomContext {
  readonly api: Pick<Trpc["messages"], "list" | "since" | "edit" | "delete" | "react" | "onEvent">;
  readonly me: UserId;
  readonly connection: { readonly isOpen: ReadonlySignal<boolean> };
  readonly outbox: Outbox;
  /** True while the tab is visible and the window has the focus. */
  readonly isAttentive: ReadonlySignal<boolean>;
  /** Null for a room of which the user is not a member. */
  readonly readState: (roomId: RoomId) => ReadState | null;
  /** Moves the user's read marker: in the rooms model at once, and on the server. */
  readonly markRead: (roomId: RoomId, offset: number, isUnread: boolean) => void;
  /** Something failed: a sentence for a toast. */
  readonly onNotice: (text: string) => void;
  /** A member came, left or got another role. */
  readonly onMembersChanged: (roomId: RoomId) => void;
  /** The user cannot see the room any more, or has left it. */
  readonly onRoomLost: (roomId: RoomId, code: "not_found" | "membership_ended") => void;
}

/** Where the view should scroll: to the first unread message, to the end, or to a message. */
export type ScrollWish = { readonly to: "start" | "end" } | {
  readonly to: "message";
  readonly offset: number;
};

/** A room with more unread messages opens at the first of them, not at its end. */
const UNREAD_AT_END_COUNT = 30;

/** One room's messages as a view draws them: history, outbox, divider and the user's own changes, as rows. */
export class RoomTimeline {
  readonly roomId: RoomId;
  readonly history: RoomHistory;
  /** Edits, deletes and reacts to messages. */
  readonly changes: MessageChanges;
  readonly outbox: Outbox;
  readonly #context: RoomContext;
  readonly #read: ReadModel;
  readonly #quotes: Quotes;
  readonly #belowCount = signal(0);
  readonly #highlight = signal<number | null>(null);
  readonly #wish = signal<ScrollWish | null>(null);
  readonly #listeners = new Set<(message: Message) => void>();
  readonly #stop: () => void;
  readonly #view: TimelineRows;
  readonly #isShown = signal(false);
  /** The end that is out of sight, where a page was added; null if the scroll position decides. */
  #dropAt: "oldest" | "newest" | null = null;
  /** The message around which a page is being loaded. */
  #goingTo: number | null = null;
  #isAtEnd = true;
  #visibleCount = 0;

  readonly rows: TimelineRows["rows"];
  readonly hasOlder: ReadonlySignal<boolean>;
  readonly hasNewer: ReadonlySignal<boolean>;
  /** Messages of others that arrived below while the view was scrolled up. */
  readonly belowCount: ReadonlySignal<number> = this.#belowCount;
  /** The message to mark, after `goTo` and until `clearHighlight`. */
  readonly highlight: ReadonlySignal<number | null> = this.#highlight;
  /** Where the view should scroll; a new object each time, null before the room is loaded. */
  readonly wish: ReadonlySignal<ScrollWish | null> = this.#wish;

  constructor(roomId: RoomId, context: RoomContext) {
    this.roomId = roomId;
    this.#context = context;
    this.outbox = context.outbox;
    const { api, me, onNotice } = context;
    this.history = new RoomHistory({
      roomId,
      api,
      onNotice,
      isOpen: context.connection.isOpen,
      onChange: (dropAt) => this.#publish(dropAt),
      onEvent: (event, isNew) => this.#apply(event, isNew),
      onLost: (code) => context.onRoomLost(roomId, code),
    });
    this.#read = new ReadModel({
      isAttentive: context.isAttentive,
      markRead: (offset, isUnread) => context.markRead(roomId, offset, isUnread),
    });
    this.changes = new MessageChanges({ roomId, api, me, onNotice, onChange: () => this.#publish() });
    this.#quotes = new Quotes((offset) => this.history.readOne(offset));
    this.#view = new TimelineRows(this.history, () => ({
      pending: pendingMessages(context.outbox.items.value, roomId),
      divider: this.#read.divider.value,
      me,
      show: (message) => this.changes.show(message),
    }));
    this.rows = this.#view.rows;
    this.hasOlder = this.#view.hasOlder;
    this.hasNewer = this.#view.hasNewer;
    this.#stop = effect(() => {
      if (this.#isShown.value) this.#drop(this.rows.value.length);
    });
  }

  /** The view shows this room: places the unread divider, loads and subscribes. */
  open(at?: number): void {
    this.#isAtEnd = true;
    this.#isShown.value = true;
    this.#belowCount.value = 0;
    const readState = this.#context.readState(this.roomId);
    const canStay = this.#canStay(readState);
    this.#read.open(readState);
    if (at !== undefined) this.goTo(at);
    else if (canStay) {
      this.history.follow();
      this.#wish.value = { to: "start" };
    } else this.#loadFirst(readState);
  }

  /** The view shows another room. */
  close(): void {
    this.#isShown.value = false;
    this.#isAtEnd = true;
    this.#highlight.value = null;
    this.#wish.value = null;
    this.#goingTo = null;
    this.#belowCount.value = 0;
    this.#read.close();
  }

  /** Tries again after loading failed. */
  reload(): void {
    this.#loadFirst(this.#context.readState(this.roomId));
  }

  /** Loads the messages around one and highlights it. */
  goTo(offset: number): void {
    if (this.history.state.peek() === "ready" && this.history.window.find(offset) !== null) {
      this.history.follow();
      this.#show(offset);
    } else if (this.#goingTo !== offset) {
      this.#goingTo = offset;
      void this.#load({ around: offset }, () => this.#show(offset));
    }
  }

  /** Scrolls to the end, and loads it if necessary. */
  goToLatest(): void {
    this.#isAtEnd = true;
    this.#highlight.value = null;
    const wish = () => this.#wish.value = { to: "end" };
    if (!this.history.window.hasNewer && this.history.state.peek() === "ready") wish();
    else void this.#load({}, wish);
  }

  clearHighlight(): void {
    this.#highlight.value = null;
  }

  /** Adds a message to the outbox and shows it at once. */
  send(text: string, replyTo: number | null): void {
    this.outbox.add({ roomId: this.roomId, text, replyTo });
    this.goToLatest();
  }

  /** Returns the user's newest message that may be edited. */
  lastOwn(): Message | null {
    const own = this.history.window.entries.findLast(({ message }) =>
      message.by === this.#context.me && message.deletedAt === null
    );
    return own === undefined ? null : this.changes.show(own.message);
  }

  /** Returns a message that is quoted: undefined while it loads, null if it does not exist. */
  quote(offset: number): ReadonlySignal<Message | null | undefined> {
    return this.#quotes.get(offset, this.history.position.find(offset));
  }

  /** The view has scrolled or grown. */
  see(view: TimelineView): void {
    if (!this.#isShown.peek()) return;
    this.#isAtEnd = view.isAtEnd && !this.history.window.hasNewer;
    this.#visibleCount = view.visibleCount;
    if (this.#isAtEnd) this.#belowCount.value = 0;
    this.#read.see(view);
  }

  /** Marks all messages as read and removes the divider. */
  markAllRead(): void {
    this.#read.markAll(this.history.position.through);
  }

  /** Marks a message and all later ones as unread. */
  markUnreadFrom(offset: number): void {
    const after = this.history.window.entries.filter(({ message }) =>
      message.offset >= offset && message.by !== this.#context.me
    );
    this.#read.markUnreadFrom(offset, after.length);
  }

  /** Calls back for each live message of another user; the returned function stops. */
  onArrival(listener: (message: Message) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The server has answered a send, before its event or after it. */
  acknowledge(message: Message): void {
    this.history.position.acknowledge(message);
    this.#publish();
  }

  /** Stops for good. */
  [Symbol.dispose](): void {
    this.#stop();
    this.history[Symbol.dispose]();
    this.#read[Symbol.dispose]();
    this.changes[Symbol.dispose]();
    this.#listeners.clear();
  }

  /** Whether the loaded messages suffice: the end of the room, and the divider if there is one. */
  #canStay(readState: ReadState | null): boolean {
    const { entries, hasOlder, hasNewer } = this.history.window;
    if (this.history.state.peek() !== "ready" || hasNewer) return false;
    if (readState === null || readState.unread === 0) return true;
    const first = entries[0];
    return this.history.isFollowed &&
      (!hasOlder || first !== undefined && first.message.offset <= readState.readOffset);
  }

  #loadFirst(readState: ReadState | null): void {
    const isFar = readState !== null && readState.unread > UNREAD_AT_END_COUNT;
    const place = isFar ? { around: Math.max(1, readState.readOffset) } : {};
    void this.#load(place, () => this.#wish.value = { to: "start" });
  }

  async #load(place: PageRange, done: () => void): Promise<void> {
    await this.history.load(place, () => this.#isShown.peek() && done());
    this.#goingTo = null;
  }

  #show(offset: number): void {
    batch(() => {
      this.#highlight.value = offset;
      this.#wish.value = { to: "message", offset };
    });
  }

  #apply(event: RoomEvent, isNew: boolean): void {
    if (isMessageEvent(event)) {
      this.#quotes.apply(event.message);
      this.changes.applied(event.messageOffset);
    }
    if (isNew && "userId" in event) this.#context.onMembersChanged(this.roomId);
    batch(() => {
      if (event.type === "message_sent") {
        if (event.by === this.#context.me) this.outbox.confirm(event.message.clientMessageId);
        else if (isNew && this.#isShown.peek()) this.#arrive(event.message);
      }
      this.#publish();
    });
  }

  #arrive(message: Message): void {
    this.#read.arrived(message.offset);
    if (!this.#isAtEnd) this.#belowCount.value++;
    for (const listener of this.#listeners) listener(message);
  }

  #publish(dropAt: "oldest" | "newest" | null = null): void {
    if (dropAt !== null) this.#dropAt = dropAt;
    // The rows of a room that is not shown are not computed.
    if (!this.#isShown.peek()) this.#drop(this.history.window.entries.length);
    this.#view.changed();
  }

  #drop(rowCount: number): void {
    const end = this.#dropAt ?? (this.#isAtEnd ? "oldest" : "newest");
    const limit = rowLimit(this.#dropAt === null && this.#isAtEnd ? this.#visibleCount : null);
    if (!this.#view.drop(rowCount, end, limit)) this.#dropAt = null;
  }
}
