import { batch, computed, effect, signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { RoomEvent } from "../../shared/event.ts";
import type { RoomId } from "../../shared/ids.ts";
import type { Message } from "../../shared/message.ts";
import { MessageChanges } from "./message_changes.ts";
import { entryAt } from "./message_window.ts";
import type { ReadState, RoomContext, RoomTimeline, ScrollWish } from "./messages_model.ts";
import { pendingMessages } from "./pending.ts";
import { Quotes } from "./quotes.ts";
import { ReadModel } from "./read_model.ts";
import type { TimelineView } from "./read_model.ts";
import { RoomHistory } from "./room_history.ts";
import type { PagePlace } from "./room_pages.ts";
import { TimelineRows } from "./timeline_rows.ts";

/** With more unread ones than this the room opens around the first of them, not at its end. */
const UNREAD_AT_END_COUNT = 30;

/** One room's messages as a view draws them: history, outbox, divider and own changes made into rows. */
export class RoomTimelineModel implements RoomTimeline {
  readonly roomId: RoomId;
  readonly #context: RoomContext;
  readonly #history: RoomHistory;
  readonly #read: ReadModel;
  readonly #changes: MessageChanges;
  readonly #quotes: Quotes;
  readonly #belowCount = signal(0);
  readonly #highlight = signal<number | null>(null);
  readonly #wish = signal<ScrollWish | null>(null);
  readonly #listeners = new Set<(message: Message) => void>();
  readonly #stop: () => void;
  readonly #view: TimelineRows;
  readonly #isShown = signal(false);
  /** The end that is out of sight, where a page came in; null where the view decides. */
  #dropAt: "oldest" | "newest" | null = null;
  /** A message that is being loaded, to be shown. */
  #goingTo: number | null = null;
  #isAtEnd = true;

  readonly rows: RoomTimeline["rows"];
  readonly hasOlder: RoomTimeline["hasOlder"];
  readonly hasNewer: RoomTimeline["hasNewer"];
  readonly belowCount: ReadonlySignal<number> = computed(() => this.#belowCount.value);
  readonly highlight: ReadonlySignal<number | null> = computed(() => this.#highlight.value);
  readonly wish: ReadonlySignal<ScrollWish | null> = computed(() => this.#wish.value);

  constructor(roomId: RoomId, context: RoomContext) {
    this.roomId = roomId;
    this.#context = context;
    const { api, me, onNotice } = context;
    this.#history = new RoomHistory({
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
    this.#changes = new MessageChanges({ roomId, api, me, onNotice, onChange: () => this.#publish() });
    this.#quotes = new Quotes((offset) => this.#history.readOne(offset));
    this.#view = new TimelineRows(this.#history.log, () => ({
      pending: pendingMessages(context.outbox.items.value, roomId),
      divider: this.#read.divider.value,
      me,
      show: (message) => this.#changes.show(message),
    }));
    this.rows = this.#view.rows;
    this.hasOlder = this.#view.hasOlder;
    this.hasNewer = this.#view.hasNewer;
    this.#stop = effect(() => {
      if (this.#isShown.value) this.#drop(this.rows.value.length);
    });
  }

  get state(): RoomTimeline["state"] {
    return this.#history.state;
  }

  get problem(): RoomTimeline["problem"] {
    return this.#history.problem;
  }

  /** True while events of this room are expected. */
  get isFollowed(): boolean {
    return this.#history.isFollowed;
  }

  open(at?: number): void {
    this.#isAtEnd = true;
    this.#isShown.value = true;
    this.#belowCount.value = 0;
    const readState = this.#context.readState(this.roomId);
    const canStay = this.#canStay(readState);
    this.#read.open(readState);
    if (at !== undefined) this.goTo(at);
    else if (canStay) {
      this.#history.follow();
      this.#wish.value = { to: "start" };
    } else this.#loadFirst(readState);
  }

  close(): void {
    this.#isShown.value = false;
    this.#isAtEnd = true;
    this.#highlight.value = null;
    this.#wish.value = null;
    this.#goingTo = null;
    this.#belowCount.value = 0;
    this.#read.close();
  }

  reload(): void {
    this.#loadFirst(this.#context.readState(this.roomId));
  }

  loadOlder(): void {
    this.#history.loadOlder();
  }

  loadNewer(): void {
    this.#history.loadNewer();
  }

  goTo(offset: number): void {
    if (this.state.peek() === "ready" && entryAt(this.#history.log.window, offset) !== null) {
      this.#history.follow();
      this.#show(offset);
    } else if (this.#goingTo !== offset) {
      this.#goingTo = offset;
      void this.#load({ around: offset }, () => this.#show(offset));
    }
  }

  goToLatest(): void {
    this.#isAtEnd = true;
    this.#highlight.value = null;
    const wish = () => this.#wish.value = { to: "end" };
    if (!this.#history.log.window.hasNewer && this.state.peek() === "ready") wish();
    else void this.#load({}, wish);
  }

  clearHighlight(): void {
    this.#highlight.value = null;
  }

  send(text: string, replyTo: number | null): void {
    this.#context.outbox.add({ roomId: this.roomId, text, replyTo });
    this.goToLatest();
  }

  retry(clientMessageId: string): void {
    this.#context.outbox.retry(clientMessageId);
  }

  takeBack(clientMessageId: string): { text: string; replyTo: number | null } | null {
    return this.#context.outbox.discard(clientMessageId);
  }

  discard(clientMessageId: string): void {
    this.#context.outbox.discard(clientMessageId);
  }

  edit(offset: number, text: string): void {
    this.#changes.edit(offset, text);
  }

  delete(offset: number): void {
    this.#changes.delete(offset);
  }

  react(offset: number, emoji: string, on: boolean): void {
    this.#changes.react(offset, emoji, on);
  }

  lastOwn(): Message | null {
    const own = this.#history.log.window.entries.findLast(({ message }) =>
      message.by === this.#context.me && message.deletedAt === null
    );
    return own === undefined ? null : this.#changes.show(own.message);
  }

  quote(offset: number): ReadonlySignal<Message | null | undefined> {
    return this.#quotes.get(offset, this.#history.log.find(offset));
  }

  see(view: TimelineView): void {
    if (!this.#isShown.peek()) return;
    this.#isAtEnd = view.isAtEnd && !this.#history.log.window.hasNewer;
    if (this.#isAtEnd) this.#belowCount.value = 0;
    this.#read.see(view);
  }

  markAllRead(): void {
    this.#read.markAll(this.#history.log.through);
  }

  markUnreadFrom(offset: number): void {
    const after = this.#history.log.window.entries.filter(({ message }) =>
      message.offset >= offset && message.by !== this.#context.me
    );
    this.#read.markUnreadFrom(offset, after.length);
  }

  onArrival(listener: (message: Message) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The room's head, as the heartbeat tells it. */
  applyHead(head: number): void {
    this.#history.applyHead(head);
  }

  /** The answer to a send has come, before its event or after it. */
  acknowledge(message: Message): void {
    this.#history.log.acknowledge(message);
    this.#publish();
  }

  /** Stops following the room; what is loaded stays for the next time. */
  rest(): void {
    this.#history.rest();
  }

  /** Stops for good. */
  dispose(): void {
    this.#stop();
    this.#history.dispose();
    this.#read.dispose();
    this.#changes.dispose();
    this.#listeners.clear();
  }

  /** Says whether what is loaded will do: the live end, and the divider if there is to be one. */
  #canStay(readState: ReadState | null): boolean {
    const { entries, hasOlder, hasNewer } = this.#history.log.window;
    if (this.state.peek() !== "ready" || hasNewer) return false;
    if (readState === null || readState.unread === 0) return true;
    const first = entries[0];
    return this.isFollowed &&
      (!hasOlder || first !== undefined && first.message.offset <= readState.readOffset);
  }

  #loadFirst(readState: ReadState | null): void {
    const isFar = readState !== null && readState.unread > UNREAD_AT_END_COUNT;
    const place = isFar ? { around: Math.max(1, readState.readOffset) } : {};
    void this.#load(place, () => this.#wish.value = { to: "start" });
  }

  async #load(place: PagePlace, done: () => void): Promise<void> {
    await this.#history.load(place, () => this.#isShown.peek() && done());
    this.#goingTo = null;
  }

  #show(offset: number): void {
    batch(() => {
      this.#highlight.value = offset;
      this.#wish.value = { to: "message", offset };
    });
  }

  #apply(event: RoomEvent, isNew: boolean): void {
    if ("message" in event) {
      this.#quotes.apply(event.message);
      this.#changes.applied(event.messageOffset);
    }
    batch(() => {
      if (event.type === "message_sent") {
        if (event.by === this.#context.me) this.#context.outbox.confirm(event.message.clientMessageId);
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
    // Nobody counts the rows of a room that is out of sight.
    if (!this.#isShown.peek()) this.#drop(this.#history.log.window.entries.length);
    this.#view.changed();
  }

  #drop(rowCount: number): void {
    const end = this.#dropAt ?? (this.#isAtEnd ? "oldest" : "newest");
    if (!this.#view.drop(rowCount, end)) this.#dropAt = null;
  }
}
