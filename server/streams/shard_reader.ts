import type { Database } from "../kv/database.ts";
import { keys } from "../kv/keys.ts";
import type { Log } from "../log.ts";
import type { FeedRow } from "./feed.ts";

const LIST_COUNT = 500;
const COLLECT_COUNT = 500;
/** Rows live longer than this; after a longer pause (a stopped process) some may be gone. */
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
  readonly now: () => number;
}

/** Reads one shard of the feed in order, from its cursor to its end, whenever asked to look. */
export class ShardReader {
  readonly #options: ShardReaderOptions;
  /** Versionstamp of the last row read; null until started. */
  #cursor: string | null = null;
  #run: Promise<number> | null = null;
  #lookedAt = 0;
  #isAskedAgain = false;
  #isStopped = false;

  /** Reads nothing yet. */
  constructor(options: ShardReaderOptions) {
    this.#options = options;
  }

  /** Puts the cursor at the end: what stands before it is read from the database itself. */
  async start(): Promise<void> {
    const { db, epoch, shard } = this.#options;
    const last = await db.list<FeedRow>(keys.feedShard(epoch, shard), { limit: 1, reverse: true });
    const floor = await db.get<string>(keys.feedFloor(epoch, shard));
    this.#cursor = stampOf(last[0]) ?? floor.value ?? "";
    this.#lookedAt = this.#options.now();
  }

  /** Reads until nothing is left; gives the number of rows. A look during a look runs once more at its end. */
  look(): Promise<number> {
    if (this.#isStopped) return Promise.resolve(0);
    this.#isAskedAgain = this.#run !== null;
    this.#run ??= this.#readAll().finally(() => this.#run = null);
    return this.#run;
  }

  /** Ends after the row at hand. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#run?.catch(() => {});
  }

  /** Deletes rows older than `before` (epoch ms); the floor first, so that a reader left behind can tell. */
  async collect(before: number): Promise<void> {
    const { db, epoch, shard } = this.#options;
    const rows = await db.list<FeedRow>(keys.feedShard(epoch, shard), { limit: COLLECT_COUNT });
    const old = rows.filter((row) => row.value.at < before);
    const newest = stampOf(old.at(-1));
    if (newest === null) return;
    await db.commit({ sets: [[keys.feedFloor(epoch, shard), newest]] });
    await db.commit({ deletes: old.map((row) => row.key) });
  }

  async #readAll(): Promise<number> {
    let count = 0;
    for (;;) {
      this.#isAskedAgain = false;
      const read = await this.#readSome();
      count += read;
      if (this.#isStopped || (read < LIST_COUNT && !this.#isAskedAgain)) return count;
    }
  }

  async #readSome(): Promise<number> {
    const { db, epoch, shard, onRow, now } = this.#options;
    const prefix = keys.feedShard(epoch, shard);
    const cursor = this.#cursor;
    if (cursor === null) return 0;
    if (now() - this.#lookedAt > FLOOR_CHECK_MS) {
      const floor = await db.get<string>(keys.feedFloor(epoch, shard));
      if (floor.value !== null && floor.value > cursor) return this.#giveUp();
    }
    // A stamp with a character behind it sorts after the stamp and before the next one.
    const rows = await db.list<FeedRow>(prefix, { limit: LIST_COUNT, start: [...prefix, `${cursor}0`] });
    for (const row of rows) {
      if (this.#isStopped) return 0;
      const stamp = stampOf(row) ?? "";
      await onRow(row.value, stamp);
      this.#cursor = stamp;
    }
    this.#lookedAt = now();
    return rows.length;
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
