import { effect, signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";

/** The line between read and unread messages. */
export interface Divider {
  /** Messages up to here were read. */
  readonly after: number;
  /** How many new messages the line shows. */
  readonly count: number;
}

/** The visible part of a timeline. */
export interface TimelineView {
  readonly lastOffset: number | null;
  /** How many rows it shows, if all are equally high. */
  readonly visibleCount: number;
  readonly isAtEnd: boolean;
  readonly isDividerSeen: boolean;
}

/** The part of it that says what was read. */
export type ReadView = Omit<TimelineView, "visibleCount">;

/** Options of `ReadModel`. */
export interface ReadOptions {
  /** True while the tab is visible and the window has the focus. */
  readonly isAttentive: ReadonlySignal<boolean>;
  readonly markRead: (offset: number, isUnread: boolean) => void;
}

/** At most one call in this time, however fast the user reads. */
export const MARK_INTERVAL_MS = 1_000;

/** How far the user has read a room, and where its divider is. */
export class ReadModel {
  readonly #options: ReadOptions;
  readonly #divider = signal<Divider | null>(null);
  /** Null while the room is not open, or if the user is not a member. */
  #readOffset: number | null = null;
  #view: ReadView | null = null;
  /** The divider was placed while the user was away, not when the room was opened. */
  #isFromAway = false;
  #isDividerSeen = false;
  /** Set by "unread from here", which reading on must not undo. */
  #isHeld = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isStale = false;
  readonly #stop: () => void;

  /** Stays in place while the room is open. */
  readonly divider: ReadonlySignal<Divider | null> = this.#divider;

  constructor(options: ReadOptions) {
    this.#options = options;
    this.#stop = effect(() => {
      if (options.isAttentive.value) this.#advance();
    });
  }

  /** The room was opened: places the divider. Null if the user is not a member. */
  open(state: { readonly readOffset: number; readonly unread: number } | null): void {
    this.close();
    this.#readOffset = state?.readOffset ?? null;
    if (state !== null && state.unread > 0) {
      this.#divider.value = { after: state.readOffset, count: state.unread };
    }
  }

  /** The room was closed: marks what was seen. */
  close(): void {
    if (this.#isStale) this.#mark();
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isStale = false;
    this.#readOffset = null;
    this.#view = null;
    this.#divider.value = null;
    this.#isFromAway = false;
    this.#isDividerSeen = false;
    this.#isHeld = false;
  }

  /** The view has scrolled or grown. */
  see(view: ReadView): void {
    this.#view = view;
    this.#advance();
  }

  /** A message of another user has arrived; while the user is away, it may place the divider. */
  arrived(offset: number): void {
    if (this.#readOffset === null || this.#options.isAttentive.peek()) return;
    const divider = this.#divider.peek();
    if (divider !== null && !this.#isFromAway) return;
    // Messages after the old line have been read, so it can move.
    const isOver = divider === null || this.#readOffset > divider.after;
    this.#divider.value = isOver ? { after: offset - 1, count: 1 } : { ...divider, count: divider.count + 1 };
    this.#isFromAway = true;
    if (isOver) this.#isDividerSeen = false;
  }

  /** Marks all messages as read and removes the divider. */
  markAll(head: number): void {
    if (this.#readOffset === null) return;
    this.#isHeld = false;
    this.#divider.value = null;
    this.#readOffset = Math.max(this.#readOffset, head);
    this.#mark();
  }

  /** Marks the message at `offset` and all later ones as unread, until the room is opened again. */
  markUnreadFrom(offset: number, count: number): void {
    if (this.#readOffset === null) return;
    this.#isHeld = true;
    this.#isFromAway = false;
    this.#readOffset = offset - 1;
    this.#divider.value = { after: offset - 1, count };
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isStale = false;
    this.#options.markRead(offset - 1, true);
  }

  /** Stops for good. */
  [Symbol.dispose](): void {
    this.close();
    this.#stop();
  }

  #advance(): void {
    const view = this.#view;
    if (view === null || this.#readOffset === null || this.#isHeld || !this.#options.isAttentive.peek()) {
      return;
    }
    this.#isDividerSeen ||= view.isDividerSeen;
    if (this.#divider.peek() !== null && !this.#isDividerSeen) return;
    if (view.lastOffset === null || view.lastOffset <= this.#readOffset) return;
    this.#readOffset = view.lastOffset;
    if (this.#timer === undefined) this.#mark();
    else this.#isStale = true;
  }

  #mark(): void {
    if (this.#readOffset === null) return;
    this.#isStale = false;
    this.#options.markRead(this.#readOffset, false);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#isStale) this.#mark();
    }, MARK_INTERVAL_MS);
  }
}
