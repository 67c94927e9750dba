import { signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { ScrollWish } from "./room_timeline.ts";
import type { TimelineView } from "./read_model.ts";

/** What a keeper tells. */
export interface ScrollKeeperOptions {
  readonly onView: (view: TimelineView) => void;
  /** History above or below will be needed soon. */
  readonly onNear: (edge: "older" | "newer") => void;
}

/** Within this distance new messages pull the view along. */
export const STICK_PX = 100;
/** More is fetched while this many viewports are still to go. */
const AHEAD_VIEWPORTS = 1.5;
/** A row counts as seen when this much of it shows. */
const SEEN_PX = 16;
/** Where a wished row comes to stand, as a part of the viewport. */
const START_AT = 0.2;
const MESSAGE_AT = 0.35;

interface Measure {
  readonly scrollTop: number;
  readonly anchor: { readonly element: Element; readonly top: number } | null;
}

/** Keeps a log's view where the reader left it, or at the end; knows what can be seen. */
export class ScrollKeeper {
  readonly #options: ScrollKeeperOptions;
  readonly #isAtEnd = signal(true);
  #log: HTMLElement | null = null;
  #rows: HTMLElement | null = null;
  #observer: ResizeObserver | null = null;
  #frame = 0;
  #lastTop = 0;
  #before: Measure | null = null;
  #done: ScrollWish | null = null;
  /** The last row that is drawn is not the room's last. */
  #hasNewer = false;

  /** False once the reader is more than a little above the end. */
  readonly isAtEnd: ReadonlySignal<boolean> = this.#isAtEnd;

  constructor(options: ScrollKeeperOptions) {
    this.#options = options;
  }

  /** Begins to watch the scrolling element and the rows in it. */
  attach(log: HTMLElement, rows: HTMLElement): void {
    this.#log = log;
    this.#rows = rows;
    this.#observer = new ResizeObserver(() => this.#settle());
    this.#observer.observe(log);
    this.#observer.observe(rows);
    log.addEventListener("scroll", this.#scrolled, { passive: true });
  }

  /** Ends it. */
  detach(): void {
    cancelAnimationFrame(this.#frame);
    this.#observer?.disconnect();
    this.#log?.removeEventListener("scroll", this.#scrolled);
    this.#log = null;
    this.#rows = null;
  }

  /** Call before the rows change. */
  measure(): void {
    const log = this.#log;
    if (log === null) return;
    this.#before = { scrollTop: log.scrollTop, anchor: this.#findAnchor(log) };
  }

  /** Call after the rows have changed and before they are painted; `hasNewer` is how it stands with them now. */
  apply(wish: ScrollWish | null, hasNewer: boolean): void {
    const log = this.#log;
    if (log === null) return;
    if (wish !== null && wish !== this.#done && this.#fulfil(wish)) this.#done = wish;
    else if (this.#isAtEnd.peek() && !this.#hasNewer) this.#toEnd();
    else {
      this.#hold(log);
      // Who met the end of what was loaded reads on from there, and is not carried over what came in.
      if (this.#hasNewer) this.#isAtEnd.value = this.#distance() <= STICK_PX;
    }
    this.#hasNewer = hasNewer;
    this.#before = null;
    this.#look();
  }

  /** Goes to the end. */
  #toEnd(): void {
    if (this.#log !== null) this.#put(this.#log, this.#log.scrollHeight);
  }

  /** What the keeper does itself is no wish of the reader's, even if it leads up. */
  #put(log: HTMLElement, top: number): void {
    log.scrollTop = top;
    this.#lastTop = log.scrollTop;
  }

  #fulfil(wish: ScrollWish): boolean {
    if (wish.to === "message") {
      const isThere = this.#bring(`[data-offset="${wish.offset}"]`, MESSAGE_AT);
      if (isThere) this.#isAtEnd.value = this.#distance() <= STICK_PX;
      return isThere;
    }
    if (wish.to === "end" || !this.#bring(".unread-divider", START_AT)) this.#toEnd();
    this.#isAtEnd.value = this.#distance() <= STICK_PX;
    return true;
  }

  #bring(selector: string, part: number): boolean {
    const log = this.#log;
    const element = this.#rows?.querySelector(selector);
    if (log === null || element === null || element === undefined) return false;
    const top = element.getBoundingClientRect().top - log.getBoundingClientRect().top;
    this.#put(log, log.scrollTop + top - log.clientHeight * part);
    return true;
  }

  /** The browser's own scroll anchoring does this, but not at the very top, and not in every browser. */
  #hold(log: HTMLElement): void {
    const before = this.#before;
    const anchor = before?.anchor ?? null;
    if (before === null || anchor === null || !anchor.element.isConnected) return;
    const isNative = CSS.supports("overflow-anchor", "auto") && before.scrollTop > 0;
    if (isNative) return;
    const moved = anchor.element.getBoundingClientRect().top - anchor.top;
    if (moved !== 0) this.#put(log, log.scrollTop + moved);
  }

  readonly #scrolled = (): void => {
    const top = this.#log?.scrollTop ?? 0;
    // Only a way up leaves the end: rows that grew since the last frame are no wish of the reader's.
    if (this.#distance() <= STICK_PX) this.#isAtEnd.value = true;
    else if (top < this.#lastTop - 1) this.#isAtEnd.value = false;
    this.#lastTop = top;
    // Asked for at once, so that a fast reader does not meet the edge.
    this.#fetchAhead();
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => this.#look());
  };

  /** Sizes have changed by themselves: the window, the composer, a late picture of code. */
  #settle(): void {
    if (this.#isAtEnd.peek()) this.#toEnd();
    this.#look();
  }

  #distance(): number {
    const log = this.#log;
    return log === null ? 0 : log.scrollHeight - log.scrollTop - log.clientHeight;
  }

  #fetchAhead(): void {
    const log = this.#log;
    if (log === null) return;
    const ahead = log.clientHeight * AHEAD_VIEWPORTS;
    if (log.scrollTop < ahead) this.#options.onNear("older");
    if (this.#distance() < ahead) this.#options.onNear("newer");
  }

  #look(): void {
    const log = this.#log;
    if (log === null) return;
    this.#fetchAhead();
    const box = log.getBoundingClientRect();
    const divider = this.#rows?.querySelector(".unread-divider")?.getBoundingClientRect();
    this.#options.onView({
      lastOffset: this.#lastOffset(box.bottom),
      isAtEnd: this.#isAtEnd.peek(),
      isDividerSeen: divider !== undefined && divider.bottom > box.top && divider.top < box.bottom,
    });
  }

  /** Offset of the last message that shows enough of itself. */
  #lastOffset(bottom: number): number | null {
    const rows = this.#rows?.children ?? [];
    for (let index = firstBelow(rows, bottom - SEEN_PX) - 1; index >= 0; index--) {
      const offset = (rows[index] as HTMLElement).dataset.offset;
      if (offset !== undefined) return Number(offset);
    }
    return null;
  }

  #findAnchor(log: HTMLElement): Measure["anchor"] {
    const rows = this.#rows?.children ?? [];
    const top = log.getBoundingClientRect().top;
    const element = rows[Math.min(firstBelow(rows, top), rows.length - 1)];
    return element === undefined ? null : { element, top: element.getBoundingClientRect().top };
  }
}

/** Finds the first row whose top edge is at or below `y`. */
function firstBelow(rows: ArrayLike<Element>, y: number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const row = rows[middle];
    if (row !== undefined && row.getBoundingClientRect().top < y) low = middle + 1;
    else high = middle;
  }
  return low;
}
