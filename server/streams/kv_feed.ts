import type { Commit, Database } from "../kv/database.ts";
import { keys } from "../kv/keys.ts";
import { fromPointerRow, toPointerRow } from "../kv/pointer_rows.ts";
import type { StreamPointer } from "../kv/pointer_rows.ts";
import type { Log } from "../log.ts";
import { BellWatch } from "./bell_watch.ts";
import { withRows } from "./feed.ts";
import type {
  ChangeTypes,
  CommittedNotice,
  Feed,
  FeedRow,
  FeedRows,
  FeedStage,
  Notice,
  SignalNotice,
  SignalRow,
  StoredChange,
} from "./feed.ts";
import { FeedHandlers } from "./feed_handlers.ts";
import { NoticeBatch } from "./notice_batch.ts";
import { ShardReader } from "./shard_reader.ts";

/** Durable rows stand in as many shards; with the shard of notices they fit one watch of ten keys. */
const STREAM_SHARD_COUNT = 4;
const NOTICE_SHARD = "notices";
const POLL_MS = 1_500;
/** Looks between two collections of old rows. */
const COLLECT_EVERY_COUNT = 8;
/** Whoever is further behind reads everything anew. */
const STREAM_KEEP_MS = 60_000;
const NOTICE_KEEP_MS = 30_000;
/** Without a look that succeeded for this long, what this instance shows is old. */
const STALE_AFTER_MS = 10_000;

/** What the feed works with. */
export interface KvFeedOptions<Change extends StoredChange> {
  readonly db: Database;
  /** Opens a handle for the watch alone: a watch would stall every call beside it. */
  readonly openWatch: () => Promise<Deno.Kv>;
  readonly instanceId: string;
  /** Random id of the database's life, part of every key: after a restore stamps go back. */
  readonly epoch: string;
  readonly log: Log;
  /** All types of changes; what else stands in rows beside pointers is a signal. */
  readonly changes: ChangeTypes<Change>;
  /** What this instance has in memory cannot be trusted: the database was restored, or rows were missed. */
  readonly onLost: (reason: FeedLoss) => void;
  /** Says whether this instance is the one that takes old rows away. */
  readonly mayCollect: () => boolean;
  /** Epoch time in milliseconds. */
  readonly now?: () => number;
  /** Monotonic time in milliseconds. */
  readonly elapsed?: () => number;
}

/** Why an instance has to begin anew. */
export type FeedLoss = "restored" | "behind";

/** Takes an append that was heard of; `isOwn` when this very instance made it. */
export type OnAppended = (pointer: StreamPointer, versionstamp: string, isOwn: boolean) => Promise<void>;

/**
 * The feed of several instances on one database. Rows say what changed, bells only say "look": each instance watches
 * the bells, and looks on a ring and every 1.5 s.
 *
 * Guarantees: rows are ordered by the versionstamp of their commit and none appears behind a cursor that a reader has
 * passed, so every instance hears of every append and of every change once and in order, also when the instance that
 * made it never learned that its commit happened. Signals of one instance arrive in order; those of the last
 * 50 ms die with it. A lost bell costs delay, never data.
 */
export class KvFeed<Change extends StoredChange = StoredChange> implements Feed<Change> {
  readonly isShared = true;
  readonly #options: Required<KvFeedOptions<Change>>;
  readonly #handlers = new FeedHandlers<Change>();
  readonly #readers: ReadonlyMap<string, ShardReader>;
  readonly #outgoing: NoticeBatch;
  readonly #watch: BellWatch;
  /** Commits of own changes that were told here at once; their rows come by as well. */
  readonly #told = new Set<string>();
  /** Commit of the last own change that came by. */
  #ownHeardUpTo = "";
  #onAppended: OnAppended = () => Promise.resolve();
  #timer: ReturnType<typeof setTimeout> | null = null;
  #ringCount = 0;
  #lookedAt: number;
  #isStopped = false;

  /** Does nothing before `open` and `listen`. */
  constructor(options: KvFeedOptions<Change>) {
    this.#options = { now: Date.now, elapsed: () => performance.now(), ...options };
    this.#lookedAt = this.#options.elapsed();
    const { db, epoch, log, openWatch, onLost } = this.#options;
    const shards = [...Array.from({ length: STREAM_SHARD_COUNT }, (_, index) => String(index)), NOTICE_SHARD];
    this.#readers = new Map(shards.map((shard) => [
      shard,
      new ShardReader({
        db,
        epoch,
        shard,
        log,
        now: this.#options.now,
        elapsed: this.#options.elapsed,
        onRow: (row, stamp) => this.#hear(row, stamp),
        onBehind: () => onLost("behind"),
      }),
    ]));
    this.#outgoing = new NoticeBatch({ log, write: (notices) => this.#writeNotices(notices) });
    this.#watch = new BellWatch({ open: openWatch, shards, onRing: (shard) => this.#ring(shard), log });
  }

  /** False when this instance hears nothing any more, and what it shows is old. */
  get isCurrent(): boolean {
    return this.#options.elapsed() - this.#lookedAt < STALE_AFTER_MS;
  }

  /** Takes the cursors: what was committed before is read from the database, the rest is told after `listen`. */
  async open(): Promise<void> {
    await Promise.all([...this.#readers.values()].map((reader) => reader.start()));
  }

  /** Begins to tell what other instances do, once everybody who has to hear it has subscribed. */
  listen(onAppended: OnAppended): void {
    this.#onAppended = onAppended;
    this.#watch.start();
    this.#pollSoon(1);
  }

  publish(notice: CommittedNotice | SignalNotice): void {
    this.#tell(notice);
    // Appends travel in their own commit.
    if (notice.type === "signal") this.#outgoing.add(notice.row);
  }

  async commit(
    db: Database,
    commit: Commit,
    changes: readonly Change[],
    onCommitted?: (versionstamp: string) => void,
  ): Promise<string | null> {
    const rows = this.#rows(NOTICE_SHARD, { from: this.#options.instanceId, notices: changes });
    const versionstamp = await db.commit(withRows(commit, rows));
    if (versionstamp === null) return null;
    onCommitted?.(versionstamp);
    // The feed may be faster than the answer to the commit.
    if (versionstamp <= this.#ownHeardUpTo) return versionstamp;
    this.#told.add(versionstamp);
    for (const change of changes) this.#tell({ type: "changed", change });
    return versionstamp;
  }

  subscribe(stage: FeedStage, handler: (notice: Notice<Change>) => void): () => void {
    return this.#handlers.add(stage, handler);
  }

  /** Rows that go with the commit of an append, so that no append is ever unheard. */
  rowsFor(pointer: StreamPointer): FeedRows {
    const shard = shardOf(pointer.streamId);
    return this.#rows(shard, { from: this.#options.instanceId, ...toPointerRow(pointer) });
  }

  /** Moves the watch to a fresh handle, when the old ones are not trusted any more. */
  renew(): void {
    this.#watch.renew();
  }

  /** Writes what waits, then ends watch and timer. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#outgoing.stop();
    this.#watch.stop();
    await Promise.all([...this.#readers.values()].map((reader) => reader.stop()));
  }

  #tell(notice: Notice<Change>): void {
    this.#handlers.tell(notice);
  }

  async #hear(row: FeedRow, versionstamp: string): Promise<void> {
    const isOwn = row.from === this.#options.instanceId;
    const pointer = fromPointerRow(row);
    if (pointer !== null) return await this.#onAppended(pointer, versionstamp, isOwn);
    if (!("notices" in row)) return;
    if (isOwn) return this.#hearOwn(row.notices, versionstamp);
    for (const each of row.notices) {
      if (this.#isChange(each)) this.#tell({ type: "changed", change: each });
      else this.#tell({ type: "signal", row: each as SignalRow });
    }
  }

  #hearOwn(notices: readonly StoredChange[], versionstamp: string): void {
    this.#ownHeardUpTo = versionstamp;
    // An own change that was not told had a commit whose answer was lost, or is late.
    const isTold = this.#told.delete(versionstamp);
    for (const change of notices) {
      if (!this.#isChange(change)) continue;
      // States are told again in the order of the feed: another instance may have been first.
      const { hasState } = this.#options.changes[change.type as Change["type"]];
      if (!isTold || hasState) this.#tell({ type: "changed", change });
    }
  }

  #isChange(notice: StoredChange): notice is Change {
    return Object.hasOwn(this.#options.changes, notice.type);
  }

  #rows(shard: string, row: FeedRow): FeedRows {
    const { epoch } = this.#options;
    return { sets: [[keys.bell(shard), epoch]], stamped: [[keys.feedShard(epoch, shard), row]] };
  }

  async #writeNotices(notices: readonly SignalRow[]): Promise<void> {
    const { db, instanceId } = this.#options;
    await db.commit(this.#rows(NOTICE_SHARD, { from: instanceId, notices }));
  }

  #ring(shard: string): void {
    this.#ringCount++;
    this.#look(shard);
  }

  /** Reads a shard and gives the number of rows, or null; what fails now is read at the next look. */
  async #look(shard: string): Promise<number | null> {
    try {
      return await this.#readers.get(shard)?.look() ?? 0;
    } catch (error) {
      this.#options.log.warn("Cannot read the feed, trying again", {
        shard,
        reason: reasonOf(error),
      });
      return null;
    }
  }

  #pollSoon(round: number): void {
    if (this.#isStopped) return;
    this.#timer = setTimeout(async () => {
      await this.#poll(round % COLLECT_EVERY_COUNT === 0);
      this.#pollSoon(round + 1);
    }, POLL_MS * (0.75 + Math.random() / 2));
  }

  /** Finds what no ring announced, a restored database, and rows that nobody needs any more. */
  async #poll(isCollecting: boolean): Promise<void> {
    const { db, epoch, log, elapsed, onLost, mayCollect } = this.#options;
    try {
      const ringCount = this.#ringCount;
      if ((await db.get<string>(keys.epoch())).value !== epoch) return onLost("restored");
      const counts = await Promise.all([...this.#readers.keys()].map((shard) => this.#look(shard)));
      if (!counts.includes(null)) this.#lookedAt = elapsed();
      // A watch that lost its connection waits longer and longer before it tries again: a new one begins at once.
      if (counts.some((count) => count !== null && count > 0) && ringCount === this.#ringCount) {
        this.#watch.renew();
      }
      if (!isCollecting || !mayCollect()) return;
      for (const [shard, reader] of this.#readers) {
        await reader.collect(shard === NOTICE_SHARD ? NOTICE_KEEP_MS : STREAM_KEEP_MS);
      }
    } catch (error) {
      log.warn("Cannot poll the feed, trying again", { reason: reasonOf(error) });
    }
  }
}

function shardOf(streamId: string): string {
  let hash = 0;
  for (let index = 0; index < streamId.length; index++) hash = (hash * 31 + streamId.charCodeAt(index)) | 0;
  return String(Math.abs(hash) % STREAM_SHARD_COUNT);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
