import { computed, signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import { DOM_ROWS_MAX_COUNT, FOLLOWED_ROWS_MAX_COUNT, PAGE_DEFAULT_COUNT } from "../../shared/limits.ts";
import type { Message } from "../../shared/message.ts";
import { buildRows, reuseRows } from "./grouping.ts";
import type { RowSources, TimelineRow } from "./grouping.ts";
import type { MessageWindow } from "./message_window.ts";
import type { RoomPosition } from "./room_position.ts";
import { localDayOf } from "./times.ts";

/** How many rows may be drawn, and how many are left once there are more. */
export interface RowLimit {
  readonly maxCount: number;
  readonly keptCount: number;
}

/** In heights of the view; fewer would be loaded again at once. */
const FOLLOWED_VIEWS_MAX_COUNT = 5;

/**
 * The limit for a timeline at its end, of which `visibleCount` rows are visible; null while older messages are read,
 * when rows go a few at a time. A new row takes time for each row above it, and so does a removal at the top, so a
 * busy room has fewer rows.
 */
export function rowLimit(visibleCount: number | null): RowLimit {
  if (visibleCount === null) return { maxCount: DOM_ROWS_MAX_COUNT, keptCount: DOM_ROWS_MAX_COUNT - 9 };
  const wishedCount = Math.max(FOLLOWED_ROWS_MAX_COUNT, visibleCount * FOLLOWED_VIEWS_MAX_COUNT);
  const maxCount = Math.floor(Math.min(DOM_ROWS_MAX_COUNT, wishedCount));
  return { maxCount, keptCount: Math.floor(maxCount * 2 / 3) };
}

/** Where the messages come from; `RoomHistory` fits. */
export interface RowHistory {
  readonly position: Pick<RoomPosition, "systems" | "holes">;
  readonly window: MessageWindow;
}

/** The other sources of rows. */
export type RowExtras = Pick<RowSources, "pending" | "divider" | "me"> & {
  /** Returns a message with the user's own changes. */
  readonly show: (message: Message) => Message;
};

/** The rows of a timeline, derived from a window, waiting messages, the divider and the user's own changes. */
export class TimelineRows {
  readonly #history: RowHistory;
  /** Grows when the messages have changed. */
  readonly #turn = signal(0);
  #drawn: readonly TimelineRow[] = [];

  /** Oldest first; a row that looks the same stays the same object. Computed on demand, once a batch. */
  readonly rows: ReadonlySignal<readonly TimelineRow[]>;
  /** Whether more can be loaded above. */
  readonly hasOlder: ReadonlySignal<boolean> = computed(() => this.#window().hasOlder);
  /** Whether more can be loaded below. */
  readonly hasNewer: ReadonlySignal<boolean> = computed(() => this.#window().hasNewer);

  /** Signals that `extras` reads are followed. */
  constructor(history: RowHistory, extras: () => RowExtras) {
    this.#history = history;
    this.rows = computed(() => {
      void this.#turn.value;
      return this.#drawn = reuseRows(this.#drawn, rowsOf(history, extras()));
    });
  }

  /** The messages, or what they look like, have changed. */
  changed(): void {
    this.#turn.value = this.#turn.peek() + 1;
  }

  /** Removes messages from the window while there are too many rows to draw; false if there are not. */
  drop(rowCount: number, end: "oldest" | "newest", { maxCount, keptCount }: RowLimit): boolean {
    const { window } = this.#history;
    const spareCount = window.entries.length - PAGE_DEFAULT_COUNT;
    if (rowCount <= maxCount || spareCount <= 0) return false;
    window.trim(end, Math.min(rowCount - keptCount, spareCount));
    this.changed();
    return true;
  }

  #window(): MessageWindow {
    void this.#turn.value;
    return this.#history.window;
  }
}

function rowsOf(
  { window, position }: RowHistory,
  { pending, divider, me, show }: RowExtras,
): TimelineRow[] {
  const { entries, hasOlder, hasNewer } = window;
  return buildRows({
    messages: entries.map(({ message }) => show(message)),
    hasOlder,
    hasNewer,
    systems: position.systems,
    holes: position.holes,
    // Waiting messages belong after the last message of all.
    pending: hasNewer ? [] : pending,
    divider,
    me,
    dayOf: localDayOf,
  });
}
