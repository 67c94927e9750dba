import { batch, computed, effect, signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import { applyChange } from "../../shared/status/apply_change.ts";
import type { StatusEvent } from "../../shared/status/apply_change.ts";
import type { Status, StatusIncident } from "../../shared/status/status.ts";
import { EN } from "../../shared/status/words_en.ts";
import { bannerItems, nextTurnOf, untoldTrouble } from "./banner_items.ts";
import type { BannerItem } from "./banner_items.ts";
import { DismissedIds } from "./dismissed.ts";
import type { DismissedStorage } from "./dismissed.ts";
import { readPublicHtml, wordsOf } from "./public_html.ts";

/** Timers cannot be longer than 24 days; the end is looked at again then. */
const TIMER_MAX_MS = 86_400_000;
/** More than are open at once; what was read out before those is over. */
const READ_OUT_MAX_COUNT = 500;

/** Options of `BannerModel`. */
export interface BannerOptions {
  readonly storage: DismissedStorage;
  readonly now?: () => number;
}

/** Texts of the live regions, which screen readers read out; each item once. */
export interface LiveTexts {
  readonly polite: string;
  readonly assertive: string;
}

/** How long the state of a component may come after the end of its incident. */
const SETTLE_MS = 3_000;

/** Incidents, maintenance and announcements for everybody, above whatever else is shown. */
export class BannerModel {
  readonly #dismissed: DismissedIds;
  readonly #now: () => number;
  readonly #status = signal<Status | null>(null);
  readonly #drafts = signal<readonly StatusIncident[]>([]);
  readonly #liveTexts = signal<LiveTexts>({ polite: "", assertive: "" });
  #readOut: ReadonlySet<string> = new Set();
  /** Components whose outage was closed here. When another fails, or one of them again, it is shown. */
  readonly #closedParts = signal<ReadonlySet<string>>(new Set());
  /** Components whose outage was read out. */
  #toldParts: ReadonlySet<string> = new Set();
  /** Components of an incident that has just ended: their own state comes a moment later. */
  readonly #settling = signal<ReadonlySet<string>>(new Set());
  #settleTimer: ReturnType<typeof setTimeout> | undefined;
  /** Grows when an item comes, changes or goes by time alone. */
  readonly #turn = signal(0);
  /** How far the server's clock is ahead, since everything begins and ends by it. */
  #aheadMs = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stops: readonly (() => void)[] = [];

  /** The public status; null before the first snapshot. */
  readonly status: ReadonlySignal<Status | null> = this.#status;
  /** What is shown, the most important first. */
  readonly items: ReadonlySignal<readonly BannerItem[]>;
  readonly liveTexts: ReadonlySignal<LiveTexts> = this.#liveTexts;
  /** Incidents that are not public yet; always empty for people who may not publish them. */
  readonly drafts: ReadonlySignal<readonly StatusIncident[]> = this.#drafts;

  constructor({ storage, now = Date.now }: BannerOptions) {
    this.#now = now;
    this.#dismissed = new DismissedIds(storage);
    this.items = computed(() => {
      this.#turn.value;
      const dismissed = this.#dismissed.ids.value;
      return bannerItems(this.#status.value, this.#drafts.value, this.#serverNow(), this.#settling.value)
        .filter(({ id, closedAs = id, parts }) =>
          parts === undefined ? !dismissed.has(closedAs) : hasNew(parts, this.#closedParts.value)
        );
    });
  }

  /** Follows the other tabs, and the time. */
  start(view: Pick<Window, "addEventListener" | "removeEventListener">): void {
    this.#stops = [
      this.#dismissed.listen(view),
      effect(() => this.#announce(this.items.value)),
      effect(() => this.#forgetParts(this.#status.value)),
      effect(() => {
        this.#turn.value;
        this.#waitForTurn(this.#status.value);
      }),
    ];
  }

  /** Applies an event of the public stream. */
  apply(event: StatusEvent): void {
    batch(() => {
      if (event.type === "snapshot") this.#aheadMs = Date.parse(event.status.page.asOf) - this.#now();
      const before = this.#status.peek();
      const after = applyChange(before, event, EN);
      this.#settle(before, after, event);
      this.#status.value = after;
    });
  }

  /** Replaces the drafts, which only owners and admins may read. */
  setDrafts(drafts: readonly StatusIncident[]): void {
    this.#drafts.value = drafts;
  }

  /** Closes an item in this browser. */
  dismiss(id: string): void {
    const { closedAs = id, parts } = this.items.peek().find((item) => item.id === id) ?? {};
    if (parts !== undefined) return void (this.#closedParts.value = new Set(parts));
    this.#dismissed.add(closedAs);
    // When it comes back, it has something new to say.
    this.#readOut = new Set([...this.#readOut].filter((one) => one !== id));
  }

  /** Ends timers. */
  [Symbol.dispose](): void {
    for (const stop of this.#stops) stop();
    clearTimeout(this.#timer);
    clearTimeout(this.#settleTimer);
  }

  /** Waits for the states of what an incident no longer claims. */
  #settle(before: Status | null, after: Status | null, event: StatusEvent): void {
    if (event.type === "snapshot") this.#settling.value = new Set();
    const open = new Set(after?.incidents.map(({ id }) => id));
    const ended = before?.incidents.filter(({ id }) => !open.has(id)) ?? [];
    if (event.type === "component") {
      this.#settling.value = new Set([...this.#settling.peek()].filter((id) => id !== event.component.id));
    } else if (event.type === "incident" && ended.length > 0) {
      const ids = ended.flatMap(({ components }) => components.map(({ id }) => id));
      this.#settling.value = new Set([...this.#settling.peek(), ...ids]);
      clearTimeout(this.#settleTimer);
      this.#settleTimer = setTimeout(() => this.#settling.value = new Set(), SETTLE_MS);
    }
  }

  #serverNow(): number {
    return this.#now() + this.#aheadMs;
  }

  #waitForTurn(status: Status | null): void {
    clearTimeout(this.#timer);
    const now = this.#serverNow();
    const turn = nextTurnOf(status, now);
    if (turn === null) return;
    this.#timer = setTimeout(() => this.#turn.value++, Math.min(turn - now, TIMER_MAX_MS));
  }

  /** What works again, or is told by an incident, is news when it fails again. */
  #forgetParts(status: Status | null): void {
    const failing = status === null ? [] : untoldTrouble(status).map(({ id }) => id);
    const closed = this.#closedParts.peek();
    const kept = [...closed].filter((id) => failing.includes(id));
    if (kept.length < closed.size) this.#closedParts.value = new Set(kept);
  }

  #announce(items: readonly BannerItem[]): void {
    const fresh = items.filter(({ id, parts }) =>
      parts === undefined ? !this.#readOut.has(id) : hasNew(parts, this.#toldParts)
    );
    this.#toldParts = new Set(items.flatMap(({ parts = [] }) => parts));
    if (fresh.length === 0) return;
    const readOut = [...this.#readOut, ...fresh.flatMap(({ id, parts }) => parts === undefined ? id : [])];
    this.#readOut = new Set(readOut.slice(-READ_OUT_MAX_COUNT));
    const textOf = (isAssertive: boolean) =>
      fresh.filter(({ level }) => (level === "critical") === isAssertive).map(sentenceOf).join(" ");
    this.#liveTexts.value = { polite: textOf(false), assertive: textOf(true) };
  }
}

function hasNew(parts: readonly string[], known: ReadonlySet<string>): boolean {
  return parts.some((part) => !known.has(part));
}

function sentenceOf({ kind, title, text }: BannerItem): string {
  const words = kind === "announcement" ? wordsOf(readPublicHtml(text)) : text;
  return [title, words].filter((part) => part !== "").map((part) => /[.!?…]$/.test(part) ? part : `${part}.`)
    .join(" ");
}
