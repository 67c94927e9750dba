import type { Database } from "../kv/database.ts";
import { keys } from "../kv/keys.ts";
import type { FeedRow, SignalRow } from "./feed.ts";

/** The shard of signals for one tab, which are not kept like the rest of the feed. */
export const RELAY_SHARD = "relay";
/** Longer than the time in which every instance reads a row, even without a bell. */
const READ_WITHIN_MS = 2_500;
/** Rows of an instance that was killed are deleted by another one; with its intervals, within 30 s. */
export const RELAY_KEEP_MS = 10_000;
const DELETED_AT_ONCE_COUNT = 500;

export interface RelayRowsOptions {
  readonly db: Database;
  readonly instanceId: string;
  readonly epoch: string;
  /** Monotonic time in milliseconds. */
  readonly elapsed: () => number;
}

interface Written {
  readonly key: Deno.KvKey;
  readonly at: number;
}

/** Writes signals that must arrive soon, each at once in a row of its own, and deletes the rows once they were read. */
export class RelayRows {
  readonly #options: RelayRowsOptions;
  #written: Written[] = [];

  constructor(options: RelayRowsOptions) {
    this.#options = options;
  }

  /** Writes a signal; rejects if storage does not answer. */
  async write(signal: SignalRow): Promise<void> {
    const { db, instanceId, epoch, elapsed } = this.#options;
    const prefix = keys.feedShard(epoch, RELAY_SHARD);
    const row: FeedRow = { from: instanceId, notices: [signal] };
    const versionstamp = await db.commit({
      sets: [[keys.bell(RELAY_SHARD), epoch]],
      stamped: [[prefix, row]],
    });
    if (versionstamp !== null) this.#written.push({ key: [...prefix, versionstamp], at: elapsed() });
  }

  /** Deletes rows that every instance has read by now; with `isAll`, all of them. */
  async collect({ isAll = false } = {}): Promise<void> {
    const { db, elapsed } = this.#options;
    const now = elapsed();
    while (this.#written.length > 0) {
      const due = this.#written.filter(({ at }) => isAll || now - at >= READ_WITHIN_MS)
        .slice(0, DELETED_AT_ONCE_COUNT);
      if (due.length === 0) return;
      await db.commit({ deletes: due.map(({ key }) => key) });
      this.#written = this.#written.slice(due.length);
    }
  }
}
