import { computed, signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import { DOM_ROWS_MAX_COUNT, PAGE_DEFAULT_COUNT } from "../../shared/limits.ts";
import type { Message } from "../../shared/message.ts";
import { buildRows, reuseRows } from "./grouping.ts";
import type { RowSources, TimelineRow } from "./grouping.ts";
import type { MessageWindow } from "./message_window.ts";
import type { RoomPosition } from "./room_position.ts";
import { localDayOf } from "./times.ts";

/** Rows removed at once: each removal at the top moves all others, which takes 2.5 ms of a frame's 9. */
const DROP_STEP_COUNT = 10;

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
  drop(rowCount: number, end: "oldest" | "newest"): boolean {
    const excess = rowCount - DOM_ROWS_MAX_COUNT;
    if (excess <= 0 || this.#history.window.entries.length <= PAGE_DEFAULT_COUNT) return false;
    this.#history.window.trim(end, excess + DROP_STEP_COUNT - 1);
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
