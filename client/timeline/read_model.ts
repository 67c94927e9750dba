import { effect, signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";

/** The line between what was read and what is new. */
export interface Divider {
  /** Everything up to here was read. */
  readonly after: number;
  /** What the line says: so many new ones. */
  readonly count: number;
}

/** What can be seen of a timeline. */
export interface TimelineView {
  readonly lastOffset: number | null;
  readonly isAtEnd: boolean;
  readonly isDividerSeen: boolean;
}

/** What a read model needs. */
export interface ReadOptions {
  /** True while the tab is visible and the window focused. */
  readonly isAttentive: ReadonlySignal<boolean>;
  readonly markRead: (offset: number, isUnread: boolean) => void;
}

/** At most one mark in this time, or reading a long room would be a flood of calls. */
export const MARK_INTERVAL_MS = 1_000;

/** How far a person has read one room, and where its unread divider stands. */
export class ReadModel {
  readonly #options: ReadOptions;
  readonly #divider = signal<Divider | null>(null);
  /** Null while the room is not open, or not one's own. */
  #readOffset: number | null = null;
  #view: TimelineView | null = null;
  /** The divider came while the person was away, not from opening the room. */
  #isFromAway = false;
  #isDividerSeen = false;
  /** Set by "unread from here": reading on must not undo it. */
  #isHeld = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isStale = false;
  readonly #stop: () => void;

  /** Stays where it is while the room is open. */
  readonly divider: ReadonlySignal<Divider | null> = this.#divider;

  constructor(options: ReadOptions) {
    this.#options = options;
    this.#stop = effect(() => {
      if (options.isAttentive.value) this.#advance();
    });
  }

  /** The room is opened: the divider freezes at what is read now. Null when there is nothing to mark. */
  open(state: { readonly readOffset: number; readonly unread: number } | null): void {
    this.close();
    this.#readOffset = state?.readOffset ?? null;
    if (state !== null && state.unread > 0) {
      this.#divider.value = { after: state.readOffset, count: state.unread };
    }
  }

  /** The room is left: what was seen is marked at once. */
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
  see(view: TimelineView): void {
    this.#view = view;
    this.#advance();
  }

  /** A live message of somebody else came; while the person is away it may start the divider. */
  arrived(offset: number): void {
    if (this.#readOffset === null || this.#options.isAttentive.peek()) return;
    const divider = this.#divider.peek();
    if (divider !== null && !this.#isFromAway) return;
    // Read up to it already: the old line has done its work.
    const isOver = divider === null || this.#readOffset > divider.after;
    this.#divider.value = isOver ? { after: offset - 1, count: 1 } : { ...divider, count: divider.count + 1 };
    this.#isFromAway = true;
    if (isOver) this.#isDividerSeen = false;
  }

  /** Everything up to the head is read; the divider goes. */
  markAll(head: number): void {
    if (this.#readOffset === null) return;
    this.#isHeld = false;
    this.#divider.value = null;
    this.#readOffset = Math.max(this.#readOffset, head);
    this.#mark();
  }

  /** The message at `offset` and all after it are unread again, until the room is opened anew. */
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
  dispose(): void {
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
