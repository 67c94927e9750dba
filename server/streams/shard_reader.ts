import type { Database } from "../kv/database.ts";
import { keys } from "../kv/keys.ts";
import type { Log } from "../log.ts";
import type { FeedRow } from "./feed.ts";

const LIST_COUNT = 500;
const COLLECT_COUNT = 500;
/** Together longer than rows are kept. */
const MARK_EVERY_MS = 5_000;
const MARKS_MAX_COUNT = 20;
/** Rows live longer than this; after a longer pause (a stopped process, a sleeping machine) some may be gone. */
const FLOOR_CHECK_MS = 15_000;

/** What a reader works with. */
export interface ShardReaderOptions {
  readonly db: Database;
  readonly epoch: string;
  readonly shard: string;
  readonly log: Log;
  /** Takes one row and the versionstamp of its commit; rows come one after the other, in order. */
  readonly onRow: (row: FeedRow, versionstamp: string) => Promise<void> | void;
  /** Rows after the cursor were collected before they were read; the reader has stopped. */
  readonly onBehind: () => void;
  /** Epoch time in milliseconds. */
  readonly now: () => number;
  /** Monotonic time in milliseconds. */
  readonly elapsed: () => number;
}

/** A moment by both clocks. */
interface Moment {
  readonly now: number;
  readonly elapsed: number;
}

/** Where the reader was, and when by the monotonic clock. */
interface Mark {
  readonly cursor: string;
  readonly at: number;
}

/** Reads one shard of the feed in order, from its cursor to its end, whenever asked to look. */
export class ShardReader {
  readonly #options: ShardReaderOptions;
  /** Versionstamp of the last row read; null until started. */
  #cursor: string | null = null;
  #run: Promise<number> | null = null;
  /** By both clocks: the monotonic one stands still while the machine sleeps, the other can be set. */
  #lookedAt: Moment = { now: 0, elapsed: 0 };
  /** How far the reader was at earlier looks, oldest first. */
  readonly #marks: Mark[] = [];
  #isAskedAgain = false;
  #isStopped = false;

  /** Reads nothing yet. */
  constructor(options: ShardReaderOptions) {
    this.#options = options;
  }

  /** Puts the cursor at the end: what stands before it is read from the database itself. */
  async start(): Promise<void> {
    const { db, epoch, shard } = this.#options;
    const begunAt = this.#moment();
    const last = await db.list<FeedRow>(keys.feedShard(epoch, shard), { limit: 1, reverse: true });
    const floor = await db.get<string>(keys.feedFloor(epoch, shard));
    this.#lookedAt = begunAt;
    this.#cursor = stampOf(last[0]) ?? floor.value ?? "";
  }

  /** Reads until nothing is left; gives the number of rows. A look during a look runs once more at its end. */
  look(): Promise<number> {
    if (this.#isStopped) return Promise.resolve(0);
    this.#isAskedAgain = this.#run !== null;
    this.#run ??= this.#readAll();
    return this.#run;
  }

  /** Ends after the row at hand. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#run?.catch(() => {});
  }

  /**
   * Deletes rows that were read here at least `keepMs` ago; the floor first, so that a reader left behind can tell.
   * Clocks of instances may differ by hours: how old a row is says only when it was seen.
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

  /** Remembers how far it is now and then, for a collection a minute later. */
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
      // In the same step as the question whether another look was asked for, or one in between would be lost.
      this.#run = null;
    }
  }

  async #readSome(): Promise<number> {
    const { db, epoch, shard, onRow } = this.#options;
    const prefix = keys.feedShard(epoch, shard);
    const cursor = this.#cursor;
    if (cursor === null) return 0;
    const begunAt = this.#moment();
    // A stamp with a character behind it sorts after the stamp and before the next one.
    const rows = await db.list<FeedRow>(prefix, { limit: LIST_COUNT, start: [...prefix, `${cursor}0`] });
    // After the rows: this process may have been stopped before they were read, or on their way.
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

  /** True when so much time has passed since the last look, by either clock, that rows may have been collected. */
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
