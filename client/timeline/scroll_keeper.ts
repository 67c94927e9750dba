import { signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { ScrollWish } from "./room_timeline.ts";
import type { TimelineView } from "./read_model.ts";

/** Callbacks of `ScrollKeeper`. */
export interface ScrollKeeperOptions {
  readonly onView: (view: TimelineView) => void;
  /** More history above or below will be needed soon. */
  readonly onNear: (edge: "older" | "newer") => void;
}

/** Within this distance of the end, the view follows new messages. */
const STICK_PX = 100;
/** More is loaded when less than this many viewports remain. */
const AHEAD_VIEWPORTS = 1.5;
/** A row counts as seen when this part of it is visible. */
const SEEN_PX = 16;
/** Where the row of a jump is placed, as a part of the viewport. */
const START_AT = 0.2;
const MESSAGE_AT = 0.35;

interface Measure {
  readonly scrollTop: number;
  readonly anchor: { readonly element: Element; readonly top: number } | null;
}

/** Keeps the scroll position where the user left it, or at the end, and reports what is visible. */
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
  /** The last loaded row is not the last of the room. */
  #hasNewer = false;

  /** False if the user has scrolled up from the end. */
  readonly isAtEnd: ReadonlySignal<boolean> = this.#isAtEnd;

  constructor(options: ScrollKeeperOptions) {
    this.#options = options;
  }

  /** Starts to watch the scrolling element and its rows. */
  attach(log: HTMLElement, rows: HTMLElement): void {
    this.#log = log;
    this.#rows = rows;
    this.#observer = new ResizeObserver(() => this.#settle());
    this.#observer.observe(log);
    this.#observer.observe(rows);
    log.addEventListener("scroll", this.#scrolled, { passive: true });
  }

  /** Stops watching. */
  detach(): void {
    cancelAnimationFrame(this.#frame);
    this.#observer?.disconnect();
    this.#log?.removeEventListener("scroll", this.#scrolled);
    this.#log = null;
    this.#rows = null;
  }

  /** Must be called before the rows change. */
  measure(): void {
    const log = this.#log;
    if (log === null) return;
    this.#before = { scrollTop: log.scrollTop, anchor: this.#findAnchor(log) };
  }

  /** Must be called after the rows have changed, before they are painted. */
  apply(wish: ScrollWish | null, hasNewer: boolean): void {
    const log = this.#log;
    if (log === null) return;
    if (wish !== null && wish !== this.#done && this.#fulfil(wish)) this.#done = wish;
    else if (this.#isAtEnd.peek() && !this.#hasNewer) this.#toEnd();
    else {
      this.#hold(log);
      // A user at the end of the loaded rows continues there, and is not moved past the rows that were added.
      if (this.#hasNewer) this.#isAtEnd.value = this.#distance() <= STICK_PX;
    }
    this.#hasNewer = hasNewer;
    this.#before = null;
    this.#look();
  }

  /** Scrolls to the end. */
  #toEnd(): void {
    if (this.#log !== null) this.#put(this.#log, this.#log.scrollHeight);
  }

  /** Scrolls by the keeper itself are not scrolls by the user, even if they lead up. */
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

  /** The browser's scroll anchoring does the same, but not at the very top, and not in every browser. */
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
    // Only scrolling up leaves the end; rows that grew since the last frame do not.
    if (this.#distance() <= STICK_PX) this.#isAtEnd.value = true;
    else if (top < this.#lastTop - 1) this.#isAtEnd.value = false;
    this.#lastTop = top;
    // Requested at once, so that fast scrolling does not reach the edge.
    this.#fetchAhead();
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => this.#look());
  };

  /** Sizes have changed: of the window, the composer, or highlighted code. */
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
      visibleCount: (this.#rows?.children.length ?? 0) * log.clientHeight / log.scrollHeight,
      isAtEnd: this.#isAtEnd.peek(),
      isDividerSeen: divider !== undefined && divider.bottom > box.top && divider.top < box.bottom,
    });
  }

  /** The offset of the last message of which enough is visible. */
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
