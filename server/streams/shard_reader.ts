import type { Database } from "../kv/database.ts";
import { keys } from "../kv/keys.ts";
import type { Log } from "../log.ts";
import type { FeedRow } from "./feed.ts";

const LIST_COUNT = 500;
const COLLECT_COUNT = 500;
/** Together, marks span a longer time than rows are kept. */
const MARK_EVERY_MS = 5_000;
const MARKS_MAX_COUNT = 20;
/** Rows are kept longer than this; after a longer pause (stopped process, sleeping machine) some may be gone. */
const FLOOR_CHECK_MS = 15_000;

export interface ShardReaderOptions {
  readonly db: Database;
  readonly epoch: string;
  readonly shard: string;
  readonly log: Log;
  /** Handles one row and the versionstamp of its commit; called in order, one at a time. */
  readonly onRow: (row: FeedRow, versionstamp: string) => Promise<void> | void;
  /** Called if rows after the cursor were deleted before they were read; the reader has stopped. */
  readonly onBehind: () => void;
  /** Epoch time in milliseconds. */
  readonly now: () => number;
  /** Monotonic time in milliseconds. */
  readonly elapsed: () => number;
}

/** A point in time, by both clocks. */
interface Moment {
  readonly now: number;
  readonly elapsed: number;
}

/** A cursor of the reader and its monotonic time. */
interface Mark {
  readonly cursor: string;
  readonly at: number;
}

/** Reads one shard of the feed in order, from its cursor to the end, on each `look`. */
export class ShardReader {
  readonly #options: ShardReaderOptions;
  /** Versionstamp of the last row read; null before `start`. */
  #cursor: string | null = null;
  #run: Promise<number> | null = null;
  /** By both clocks: the monotonic one stops while the machine sleeps, the other one can be set. */
  #lookedAt: Moment = { now: 0, elapsed: 0 };
  /** Earlier cursors, oldest first. */
  readonly #marks: Mark[] = [];
  #isAskedAgain = false;
  #isStopped = false;

  constructor(options: ShardReaderOptions) {
    this.#options = options;
  }

  /** Sets the cursor to the end: older changes are already in the database. */
  async start(): Promise<void> {
    const { db, epoch, shard } = this.#options;
    const begunAt = this.#moment();
    const last = await db.list<FeedRow>(keys.feedShard(epoch, shard), { limit: 1, reverse: true });
    const floor = await db.get<string>(keys.feedFloor(epoch, shard));
    this.#lookedAt = begunAt;
    this.#cursor = stampOf(last[0]) ?? floor.value ?? "";
  }

  /** Reads to the end; returns the number of rows. A call during another one makes that one read again. */
  look(): Promise<number> {
    if (this.#isStopped) return Promise.resolve(0);
    this.#isAskedAgain = this.#run !== null;
    this.#run ??= this.#readAll();
    return this.#run;
  }

  /** Stops after the current row. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#run?.catch(() => {});
  }

  /**
   * Deletes rows that were read here at least `keepMs` ago. The floor is written first, so that slow readers notice.
   * Clocks of instances may differ by hours, so the age of a row is measured from when it was read.
   */
  async collect(keepMs: number): Promise<void> {
    const { db, epoch, shard, elapsed } = this.#options;
    const at = elapsed();
    const old = this.#marks.findLast((mark) => at - mark.at >= keepMs);
    if (old === undefined) return;
    const prefix = keys.feedShard(epoch, shard);
    await db.commit({ sets: [[keys.feedFloor(epoch, shard), old.cursor]] });
    for (let count = COLLECT_COUNT; count === COLLECT_COUNT;) {
      const rows = await db.list(prefix, { limit: COLLECT_COUNT, end: [...prefix, `${old.cursor}0`] });
      count = rows.length;
      if (count > 0) await db.commit({ deletes: rows.map((row) => row.key) });
    }
    this.#marks.splice(0, this.#marks.indexOf(old) + 1);
  }

  /** Remembers the cursor from time to time, for a later deletion. */
  #mark(cursor: string, at: number): void {
    const last = this.#marks.at(-1);
    if (cursor === "") return;
    if (last !== undefined && (cursor === last.cursor || at - last.at < MARK_EVERY_MS)) return;
    this.#marks.push({ cursor, at });
    if (this.#marks.length > MARKS_MAX_COUNT) this.#marks.shift();
  }

  async #readAll(): Promise<number> {
    let count = 0;
    try {
      for (;;) {
        this.#isAskedAgain = false;
        const read = await this.#readSome();
        count += read;
        if (this.#isStopped || (read < LIST_COUNT && !this.#isAskedAgain)) return count;
      }
    } finally {
      // Without a wait after checking for another `look`, so that none gets lost.
      this.#run = null;
    }
  }

  async #readSome(): Promise<number> {
    const { db, epoch, shard, onRow } = this.#options;
    const prefix = keys.feedShard(epoch, shard);
    const cursor = this.#cursor;
    if (cursor === null) return 0;
    const begunAt = this.#moment();
    // A stamp plus a character sorts after the stamp and before the next one.
    const rows = await db.list<FeedRow>(prefix, { limit: LIST_COUNT, start: [...prefix, `${cursor}0`] });
    // Check after reading: the process may have been stopped before or during the read.
    if (this.#isLong(this.#moment())) {
      const floor = await db.get<string>(keys.feedFloor(epoch, shard));
      if (floor.value !== null && floor.value > cursor) return this.#giveUp();
    }
    for (const row of rows) {
      if (this.#isStopped) return 0;
      const stamp = stampOf(row) ?? "";
      await onRow(row.value, stamp);
      this.#cursor = stamp;
    }
    this.#mark(stampOf(rows.at(-1)) ?? cursor, begunAt.elapsed);
    this.#lookedAt = begunAt;
    return rows.length;
  }

  #moment(): Moment {
    const { now, elapsed } = this.#options;
    return { now: now(), elapsed: elapsed() };
  }

  /** Returns whether the last read is so long ago, by either clock, that rows may have been deleted. */
  #isLong({ now, elapsed }: Moment): boolean {
    return Math.max(Math.abs(now - this.#lookedAt.now), elapsed - this.#lookedAt.elapsed) > FLOOR_CHECK_MS;
  }

  #giveUp(): number {
    this.#isStopped = true;
    this.#options.onBehind();
    return 0;
  }
}

function stampOf(row: Deno.KvEntry<unknown> | undefined): string | null {
  const last = row?.key.at(-1);
  return last === undefined ? null : String(last);
}
