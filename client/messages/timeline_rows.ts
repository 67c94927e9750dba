import { batch, computed, signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import { DOM_ROWS_MAX_COUNT, PAGE_DEFAULT_COUNT } from "../../shared/limits.ts";
import type { Message } from "../../shared/message.ts";
import { buildRows, reuseRows } from "./grouping.ts";
import type { RowSources, TimelineRow } from "./grouping.ts";
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

/** The rows of one room, at most as many as a page draws without effort. */
export class TimelineRows {
  readonly #rows = signal<readonly TimelineRow[]>([]);
  readonly #hasOlder = signal(false);
  readonly #hasNewer = signal(false);

  /** Oldest first; a row that looks the same stays the same object. */
  readonly rows: ReadonlySignal<readonly TimelineRow[]> = computed(() => this.#rows.value);
  /** More can be loaded above. */
  readonly hasOlder: ReadonlySignal<boolean> = computed(() => this.#hasOlder.value);
  /** More can be loaded below. */
  readonly hasNewer: ReadonlySignal<boolean> = computed(() => this.#hasNewer.value);

  /** Makes the rows anew and drops from the log what is too much at the end that is out of sight. */
  update(log: RoomLog, extras: RowExtras, dropAt: "oldest" | "newest"): void {
    let rows = rowsOf(log, extras);
    while (rows.length > DOM_ROWS_MAX_COUNT && log.window.entries.length > PAGE_DEFAULT_COUNT) {
      log.trim(dropAt, rows.length - DOM_ROWS_MAX_COUNT + DROP_STEP_COUNT - 1);
      rows = rowsOf(log, extras);
    }
    batch(() => {
      this.#rows.value = reuseRows(this.#rows.peek(), rows);
      this.#hasOlder.value = log.window.hasOlder;
      this.#hasNewer.value = log.window.hasNewer;
    });
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
