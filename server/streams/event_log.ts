import type { UserId } from "../../shared/ids.ts";
import type { CommitQueue } from "../kv/commit_queue.ts";
import type { Database } from "../kv/database.ts";
import type { StreamPointer } from "../kv/pointer_rows.ts";
import { ReadCache } from "../kv/read_cache.ts";
import type { CacheStats } from "../kv/read_cache.ts";
import type { Feed } from "./feed.ts";
import type { LoggedRow, StreamKind, StreamTypes } from "./stream_kind.ts";
import { StreamWriter } from "./stream_writer.ts";

/** Maximum number of writers in memory; the least recently used idle one goes first. */
const WRITERS_MAX_COUNT = 10_000;
/** Maximum number of cached heads of streams without a writer. */
const RESTING_HEADS_MAX_COUNT = 20_000;
const NO_HEAD: StreamHead = { offset: 0, messageCount: 0 };

/** The last offset of a stream and the number of its events that count as messages. */
export interface StreamHead {
  readonly offset: number;
  readonly messageCount: number;
}

/** The place of an event that is about to be appended. */
export interface Slot {
  readonly offset: number;
  /** The message count of the stream including this event, if it counts as a message. */
  readonly ordinal: number;
  readonly at: string;
  /** False if another instance may have changed the stream and the feed has not delivered that yet. */
  readonly isCaughtUp: boolean;
}

/** The event of an append request and the rows to write in the same commit. */
export interface Built<T extends StreamTypes> {
  /** What happened. */
  readonly body: T["body"];
  readonly sets?: readonly (readonly [key: Deno.KvKey, value: unknown])[];
  readonly deletes?: readonly Deno.KvKey[];
  /** If one fails, `build` runs again, so read the checked rows inside `build`. */
  readonly checks?: readonly Deno.AtomicCheck[];
  /** Whether the message count of the head includes it. */
  readonly countsAsMessage?: boolean;
}

/** A request to append one event; with `Nothing` as null, `build` may find that there is nothing to append. */
export interface AppendRequest<T extends StreamTypes, Nothing extends null = never> {
  readonly by: UserId;
  /** Row that keeps `{offset}` of the first append with this key; later appends return that offset. */
  readonly dedupeKey?: Deno.KvKey;
  /** Requests with a common target never share a commit; for rows that one reads and another may write. */
  readonly targets?: readonly string[];
  /** What `build` waits for. The commit begins only then, so that requests that come in the meantime share it. */
  readonly prepared?: Promise<unknown>;
  /** Builds the rows for a slot. May run several times; if it throws, only this request fails. */
  build(slot: Slot): Built<T> | Nothing | Promise<Built<T> | Nothing>;
}

/** The appended event, or the offset of the first append with the same dedupe key. */
export type Appended<T extends StreamTypes> =
  | { readonly isDuplicate: false; readonly event: T["event"] }
  | { readonly isDuplicate: true; readonly offset: number };

export interface EventLogOptions<T extends StreamTypes> {
  readonly db: Database;
  /** Shared by all streams of the database. */
  readonly commits: CommitQueue;
  readonly feed: Feed;
  /** Random id, new after a restore. */
  readonly epoch: string;
  readonly kind: StreamKind<T>;
  /** Epoch time in milliseconds. */
  readonly now?: () => number;
}

/**
 * The durable, ordered log of every stream of one kind.
 *
 * Guarantees: offsets are 1, 2, 3 … without gaps, given in the same atomic commit as the event and all its rows;
 * `append` resolves after the commit, and only then is the event published, in the order of offsets. An append with
 * a dedupe key happens once, however often it is tried. A rejected append may still have happened; only a retry with
 * the same dedupe key can tell.
 */
export class EventLog<T extends StreamTypes> {
  /** Random id, new after a restore; the first half of every position. */
  readonly epoch: string;
  readonly #options: Required<EventLogOptions<T>>;
  readonly #writers = new Map<T["id"], StreamWriter<T>>();
  /** Heads of streams without a writer; valid as long as no other instance writes. */
  readonly #restingHeads = new ReadCache<T["id"], StreamHead>({ maxCount: RESTING_HEADS_MAX_COUNT });

  constructor(options: EventLogOptions<T>) {
    this.#options = { now: Date.now, ...options };
    this.epoch = options.epoch;
  }

  /** Appends one event; a stream begins with its first. */
  append(id: T["id"], request: AppendRequest<T>): Promise<Appended<T>>;
  /** Appends one event, or returns null if `build` does. */
  append(id: T["id"], request: AppendRequest<T, null>): Promise<Appended<T> | null>;
  /** Only a `build` that may return null makes the writer return null. */
  append(id: T["id"], request: AppendRequest<T, null>): Promise<Appended<T> | null> {
    return this.#writerOf(id).append(request);
  }

  /** Takes events from the feed: publishes them here and updates the head without a read. */
  async observe(pointer: StreamPointer, versionstamp: string, isOwn: boolean): Promise<void> {
    await this.#writerOf(pointer.streamId).observe(pointer, versionstamp, isOwn);
  }

  /** Returns the current head; offset 0 if the stream has no events. */
  async head(id: T["id"]): Promise<StreamHead> {
    return (await this.heads([id])).get(id) ?? NO_HEAD;
  }

  /** Returns current heads, reading all that are not cached in one call. */
  async heads(ids: readonly T["id"][]): Promise<Map<T["id"], StreamHead>> {
    const heads = new Map<T["id"], StreamHead>();
    const resting: T["id"][] = [];
    const unknown: T["id"][] = [];
    for (const id of ids) {
      const writer = this.#writers.get(id);
      // Appends that another instance has acknowledged count at once, even before the feed delivers them.
      if (this.#options.feed.isShared || writer?.head === null) unknown.push(id);
      else if (writer === undefined) resting.push(id);
      else heads.set(id, writer.head);
    }
    const [rested, read] = await Promise.all([
      this.#restingHeads.getMany(resting, (missing) => this.#readHeads(missing)),
      this.#readHeads(unknown),
    ]);
    for (const [id, head] of rested) heads.set(id, head);
    for (const [index, id] of unknown.entries()) heads.set(id, read[index] ?? NO_HEAD);
    return heads;
  }

  /** Reads at most `limit` rows after an offset, oldest first, and the head before that read. */
  async read(
    id: T["id"],
    after: number,
    limit: number,
  ): Promise<{ rows: LoggedRow<T["row"]>[]; head: StreamHead }> {
    const { db, kind } = this.#options;
    const head = await this.head(id);
    if (head.offset <= after) return { rows: [], head };
    const entries = await db.list<T["row"]>(kind.keys.rows(id), {
      limit,
      start: kind.keys.row(id, after + 1),
    });
    const rows = entries.map((entry) => ({ offset: Number(entry.key.at(-1)), row: entry.value }));
    return { rows, head };
  }

  /** Statistics of the cached heads. */
  get cache(): CacheStats {
    return this.#restingHeads;
  }

  /** Resolves when nothing is waiting to be committed. */
  async drained(): Promise<void> {
    await Promise.all([...this.#writers.values()].map((writer) => writer.drained()));
  }

  async #readHeads(ids: readonly T["id"][]): Promise<StreamHead[]> {
    if (ids.length === 0) return [];
    const { db, kind } = this.#options;
    const rows = await db.getMany<StreamHead>(ids.map((id) => kind.keys.head(id)));
    return rows.map(({ value }) => value ?? NO_HEAD);
  }

  #writerOf(id: T["id"]): StreamWriter<T> {
    let writer = this.#writers.get(id);
    // Removed and added again, so that the map stays in order of use.
    if (writer !== undefined) this.#writers.delete(id);
    else writer = this.#newWriter(id);
    this.#writers.set(id, writer);
    if (this.#writers.size > WRITERS_MAX_COUNT) this.#forgetOldest();
    return writer;
  }

  #newWriter(id: T["id"]): StreamWriter<T> {
    this.#restingHeads.drop(id);
    return new StreamWriter(id, this.#options);
  }

  #forgetOldest(): void {
    for (const [id, writer] of this.#writers) {
      if (writer.isIdle) {
        this.#writers.delete(id);
        return;
      }
    }
  }
}
