import { computed, signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import { DOM_ROWS_MAX_COUNT, PAGE_DEFAULT_COUNT } from "../../shared/limits.ts";
import type { Message } from "../../shared/message.ts";
import { buildRows, reuseRows } from "./grouping.ts";
import type { RowSources, TimelineRow } from "./grouping.ts";
import type { MessageWindow } from "./message_window.ts";
import type { RoomLog } from "./room_log.ts";
import { localDayOf } from "./times.ts";

/**
 * So many rows go at once. A row that goes at the top moves all others, and the browser then looks at each of them
 * again: 2.5 ms of a frame's 9.
 */
const DROP_STEP_COUNT = 10;

/** What goes into the rows beside the log. */
export type RowExtras = Pick<RowSources, "pending" | "divider" | "me"> & {
  /** Gives a message as the person should see it. */
  readonly show: (message: Message) => Message;
};

/** The rows of one room, derived from its log and what is laid over it. */
export class TimelineRows {
  readonly #log: RoomLog;
  /** Grows when the log, or what a message looks like, has changed. */
  readonly #turn = signal(0);
  #drawn: readonly TimelineRow[] = [];

  /**
   * Oldest first; a row that looks the same stays the same object. Made when somebody looks, once for all that happens
   * in one batch.
   */
  readonly rows: ReadonlySignal<readonly TimelineRow[]>;
  /** More can be loaded above. */
  readonly hasOlder: ReadonlySignal<boolean> = computed(() => this.#window().hasOlder);
  /** More can be loaded below. */
  readonly hasNewer: ReadonlySignal<boolean> = computed(() => this.#window().hasNewer);

  /** Takes where the other parts of rows come from; signals in it are followed. */
  constructor(log: RoomLog, extras: () => RowExtras) {
    this.#log = log;
    this.rows = computed(() => {
      void this.#turn.value;
      return this.#drawn = reuseRows(this.#drawn, rowsOf(log, extras()));
    });
  }

  /** The log, or what a message looks like, has changed. */
  changed(): void {
    this.#turn.value = this.#turn.peek() + 1;
  }

  /** Drops from the log what makes more rows than a page draws without effort; false when that is nothing. */
  drop(rowCount: number, end: "oldest" | "newest"): boolean {
    const excess = rowCount - DOM_ROWS_MAX_COUNT;
    if (excess <= 0 || this.#log.window.entries.length <= PAGE_DEFAULT_COUNT) return false;
    this.#log.trim(end, excess + DROP_STEP_COUNT - 1);
    this.changed();
    return true;
  }

  #window(): MessageWindow {
    void this.#turn.value;
    return this.#log.window;
  }
}

function rowsOf(
  { window, systems, holes }: RoomLog,
  { pending, divider, me, show }: RowExtras,
): TimelineRow[] {
  const { entries, hasOlder, hasNewer } = window;
  return buildRows({
    messages: entries.map(({ message }) => show(message)),
    hasOlder,
    hasNewer,
    systems,
    holes,
    // What waits belongs after the last message of all.
    pending: hasNewer ? [] : pending,
    divider,
    me,
    dayOf: localDayOf,
  });
}
