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
import { RELAY_KEEP_MS, RELAY_SHARD, RelayRows } from "./relay_rows.ts";
import { SignalBatch } from "./signal_batch.ts";
import { ShardReader } from "./shard_reader.ts";

/** Number of shards for appends; with the shard of notices they fit into one watch (at most ten keys). */
const STREAM_SHARD_COUNT = 4;
const NOTICE_SHARD = "notices";
const POLL_MS = 1_500;
/** Polls between two deletions of old rows. */
const COLLECT_EVERY_COUNT = 8;
/** Older rows are deleted; readers that far behind start over. */
const STREAM_KEEP_MS = 60_000;
const KEEP_MS: Readonly<Record<string, number>> = { [NOTICE_SHARD]: 30_000, [RELAY_SHARD]: RELAY_KEEP_MS };
/** After this time without a successful read, this instance is outdated. */
const STALE_AFTER_MS = 10_000;

export interface KvFeedOptions<Change extends StoredChange> {
  readonly db: Database;
  /** Opens a handle only for the watch, which would stall other calls on the same handle. */
  readonly openWatch: () => Promise<Deno.Kv>;
  readonly instanceId: string;
  /** The database's epoch, part of every key: after a restore, versionstamps go back. */
  readonly epoch: string;
  readonly log: Log;
  /** All types of changes; other notices in rows are signals. */
  readonly changes: ChangeTypes<Change>;
  /** Called when memory cannot be trusted: the database was restored, or rows were missed. */
  readonly onLost: (reason: FeedLoss) => void;
  /** Whether this instance is the one that deletes old rows. */
  readonly mayCollect: () => boolean;
  /** Epoch time in milliseconds. */
  readonly now?: () => number;
  /** Monotonic time in milliseconds. */
  readonly elapsed?: () => number;
}

/** Why an instance must restart. */
export type FeedLoss = "restored" | "behind";

/** Handles an append; `isOwn` if it was made by this instance. */
export type OnAppended = (pointer: StreamPointer, versionstamp: string, isOwn: boolean) => Promise<void>;

/**
 * The feed of several instances on one database. Rows contain the changes; bells only signal that there are new rows.
 * Each instance watches the bells and reads new rows on a ring and every 1.5 s.
 *
 * Guarantees: rows are ordered by the versionstamp of their commit, and none appears behind a reader's cursor. So
 * every instance receives every append and every change once and in order, even if the instance that made it never
 * learned that its commit succeeded. Signals of one instance arrive in order; those of its last 50 ms are lost if it
 * crashes. Relayed ones are not batched. A lost bell causes delay, never data loss.
 */
export class KvFeed<Change extends StoredChange = StoredChange> implements Feed<Change> {
  readonly isShared = true;
  readonly #options: Required<KvFeedOptions<Change>>;
  readonly #handlers = new FeedHandlers<Change>();
  readonly #readers: ReadonlyMap<string, ShardReader>;
  readonly #outgoing: SignalBatch;
  readonly #relayed: RelayRows;
  readonly #watch: BellWatch;
  /** Commits of own changes that were already delivered here; their rows still arrive. */
  readonly #told = new Set<string>();
  /** Versionstamp of the last own change that arrived. */
  #ownHeardUpTo = "";
  #onAppended: OnAppended = () => Promise.resolve();
  #timer: ReturnType<typeof setTimeout> | null = null;
  #ringCount = 0;
  #lookedAt: number;
  #isStopped = false;

  /** Call `open` and then `listen` to start. */
  constructor(options: KvFeedOptions<Change>) {
    this.#options = { now: Date.now, elapsed: () => performance.now(), ...options };
    this.#lookedAt = this.#options.elapsed();
    const { db, epoch, log, openWatch, onLost } = this.#options;
    const shards = [...Array.from({ length: STREAM_SHARD_COUNT }, (_, index) => String(index)), NOTICE_SHARD]
      .concat(RELAY_SHARD);
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
    const { instanceId, elapsed } = this.#options;
    this.#relayed = new RelayRows({ db, instanceId, epoch, elapsed });
    this.#outgoing = new SignalBatch({ log, write: (signals) => this.#writeSignals(signals) });
    this.#watch = new BellWatch({ open: openWatch, shards, onRing: (shard) => this.#ring(shard), log });
  }

  /** False if this instance no longer receives the feed. */
  get isCurrent(): boolean {
    return this.#options.elapsed() - this.#lookedAt < STALE_AFTER_MS;
  }

  /** Sets the cursors: older commits are in the database, later ones are delivered after `listen`. */
  async open(): Promise<void> {
    await Promise.all([...this.#readers.values()].map((reader) => reader.start()));
  }

  /** Starts delivering what other instances do; call it after all handlers have subscribed. */
  listen(onAppended: OnAppended): void {
    this.#onAppended = onAppended;
    this.#watch.start();
    this.#pollSoon(1);
  }

  publish(notice: CommittedNotice | SignalNotice): void {
    this.#tell(notice);
    // Appends write their rows in their own commit.
    if (notice.type === "signal") this.#outgoing.add(notice.row);
  }

  async relay(row: SignalRow): Promise<void> {
    this.#tell({ type: "signal", row });
    await this.#relayed.write(row);
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
    // The row may arrive before the answer to the commit.
    if (versionstamp <= this.#ownHeardUpTo) return versionstamp;
    this.#told.add(versionstamp);
    for (const change of changes) this.#tell({ type: "changed", change });
    return versionstamp;
  }

  subscribe(stage: FeedStage, handler: (notice: Notice<Change>) => void): () => void {
    return this.#handlers.add(stage, handler);
  }

  /** Returns the rows for the commit of an append, so that no append gets lost. */
  rowsFor(pointer: StreamPointer): FeedRows {
    const shard = shardOf(pointer.streamId);
    return this.#rows(shard, { from: this.#options.instanceId, ...toPointerRow(pointer) });
  }

  /** Moves the watch to a new handle, if the old ones are no longer trusted. */
  renew(): void {
    this.#watch.renew();
  }

  /** Writes pending notices, then stops the watch and the timer. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#outgoing.stop();
    // If this fails, another instance deletes them.
    await this.#relayed.collect({ isAll: true }).catch(() => {});
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
    // If it was not delivered yet, the answer to the commit was lost or is late.
    const isTold = this.#told.delete(versionstamp);
    for (const change of notices) {
      if (!this.#isChange(change)) continue;
      // Deliver states again, in the order of the feed: another instance may have been first.
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

  async #writeSignals(signals: readonly SignalRow[]): Promise<void> {
    const { db, instanceId } = this.#options;
    await db.commit(this.#rows(NOTICE_SHARD, { from: instanceId, notices: signals }));
  }

  #ring(shard: string): void {
    this.#ringCount++;
    this.#look(shard);
  }

  /** Reads a shard; returns the number of rows, or null on failure, which the next read corrects. */
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

  /** Finds rows without a bell, a restored database, and rows to delete. */
  async #poll(isCollecting: boolean): Promise<void> {
    const { db, epoch, log, elapsed, onLost, mayCollect } = this.#options;
    try {
      const ringCount = this.#ringCount;
      if ((await db.get<string>(keys.epoch())).value !== epoch) return onLost("restored");
      const counts = await Promise.all([...this.#readers.keys()].map((shard) => this.#look(shard)));
      if (!counts.includes(null)) this.#lookedAt = elapsed();
      // A watch that lost its connection retries ever more slowly: open a new one.
      if (counts.some((count) => count !== null && count > 0) && ringCount === this.#ringCount) {
        this.#watch.renew();
      }
      await this.#relayed.collect();
      if (!isCollecting || !mayCollect()) return;
      for (const [shard, reader] of this.#readers) await reader.collect(KEEP_MS[shard] ?? STREAM_KEEP_MS);
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
