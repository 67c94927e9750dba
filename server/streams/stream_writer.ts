import { AppError } from "../../shared/errors.ts";
import { currentCaller, runForAll } from "../kv/caller.ts";
import type { Commit } from "../kv/database.ts";
import type { StreamPointer } from "../kv/pointer_rows.ts";
import { assembleGroup, GROUP_MAX_COUNT } from "./append_group.ts";
import type { AppendGroup, CachedHead, Waiting } from "./append_group.ts";
import type { Appended, AppendRequest, EventLogOptions, StreamHead } from "./event_log.ts";
import { withRows } from "./feed.ts";
import type { StreamTypes } from "./stream_kind.ts";

/** How long an append goes on losing against others before it is given back. */
const CONTEND_MAX_MS = 5_000;
/** A loser tries again at once, before the winner's next commit. */
const RETRY_JITTER_MS = 2;
/** After a commit the other writer of a stream goes first: without this two instances starve each other (measured). */
const POLITE_MIN_MS = 4;
const POLITE_JITTER_MS = 6;
/** Share of the newest value in the mean time of an attempt. */
const MEAN_WEIGHT = 0.25;
/** How long another instance counts as writing to the stream after its last append. */
const SHARED_FOR_MS = 1_000;
const RECOVER_MAX_COUNT = 1_000;

/** Writes one stream: groups what waits into one commit after the other, and publishes in order. */
export class StreamWriter<T extends StreamTypes> {
  readonly #streamId: T["id"];
  readonly #options: Required<EventLogOptions<T>>;
  /** Appends in one commit that check their dedupe keys instead of reading them: all checks but of head and rights. */
  readonly #smallGroupCount: number;
  readonly #waiting: Waiting<T>[] = [];
  #head: CachedHead | null = null;
  /** Last offset given to the feed; null until the first head is read or, where others write too, is heard of. */
  #published: number | null = null;
  #run: Promise<void> | null = null;
  /** The step that has the head and what was published to itself. */
  #step: Promise<unknown> = Promise.resolve();
  #observing = 0;
  /** When another instance last appended here, in ms of the monotonic clock. */
  #sharedAt = -SHARED_FOR_MS;
  #committedAt = 0;
  /** Mean time of an attempt to commit. */
  #attemptMs = 0;

  /** Made by the event log, one a stream. */
  constructor(streamId: T["id"], options: Required<EventLogOptions<T>>) {
    this.#streamId = streamId;
    this.#options = options;
    this.#smallGroupCount = options.commits.limits.maxCheckCount - 2;
  }

  /** The head as far as it is known; null when it must be read. */
  get head(): StreamHead | null {
    return this.#head;
  }

  /** True when nothing waits or is being written. */
  get isIdle(): boolean {
    return this.#run === null && this.#observing === 0;
  }

  /** Resolves when nothing waits. */
  async drained(): Promise<void> {
    await this.#run;
  }

  /** Queues an append request; it goes with the next commit. */
  append(request: AppendRequest<T>): Promise<Appended<T>> {
    const { promise, resolve, reject } = Promise.withResolvers<Appended<T>>();
    const accountId = currentCaller()?.accountId ?? "";
    this.#waiting.push({ request, accountId, resolve, reject, queuedAt: performance.now(), attempts: 0 });
    // For all who write here: it goes on for as long as anybody does.
    this.#run ??= runForAll(() => this.#commitAll());
    return promise;
  }

  /** Publishes what was appended elsewhere, or here without an answer, and takes over the head. */
  async observe(pointer: StreamPointer, versionstamp: string, isOwn: boolean): Promise<void> {
    if (!isOwn) this.#sharedAt = performance.now();
    // What a read of the head has published already must not wait behind a commit: the rest of the feed waits with it.
    if (this.#published !== null && this.#published >= pointer.to) return;
    this.#observing++;
    try {
      await this.#exclusively(async () => {
        // A head read meanwhile may be newer than this row.
        if (this.#published !== null && this.#published >= pointer.to) return;
        this.#published ??= pointer.from - 1;
        await this.#publishMissed({ offset: pointer.to, messageCount: pointer.messageCount });
        this.#head = { offset: pointer.to, messageCount: pointer.messageCount, versionstamp };
      });
    } finally {
      this.#observing--;
    }
  }

  #exclusively<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#step.then(work);
    this.#step = result.catch(() => {});
    return result;
  }

  async #commitAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const pause = this.#politePause();
      if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause));
      // Whatever is queued until then goes with it.
      await this.#options.commits.turn(() => this.#waiting.map(({ accountId }) => accountId));
      const batch = this.#waiting.splice(0, GROUP_MAX_COUNT);
      try {
        await this.#exclusively(() => this.#commitBatch(batch));
      } catch (error) {
        // The outcome is unknown: what is cached may be wrong now.
        this.#head = null;
        for (const waiting of batch) waiting.reject(error);
      }
    }
    // In the same step as the look at the queue, or an append request queued in between would wait for ever.
    this.#run = null;
  }

  /** Writes one group of the batch; what did not fit or has to be tried again goes back to the front. */
  async #commitBatch(batch: Waiting<T>[]): Promise<void> {
    const beganAt = performance.now();
    const isUncertain = batch.some((waiting) => waiting.attempts > 0);
    // After a conflict the feed may still bring what stood before it: a head from there would lose again and again.
    if (isUncertain) this.#head = null;
    // A small group checks that its dedupe keys are absent; a large one, or one tried before, reads them.
    const isRead = isUncertain || batch.length > this.#smallGroupCount;
    const { head, fresh } = isRead ? await this.#readWithDuplicates(batch) : {
      head: this.#head ?? await this.#readHead(),
      fresh: batch,
    };
    const group = await assembleGroup({
      kind: this.#options.kind,
      streamId: this.#streamId,
      head,
      batch: fresh,
      isRead,
      isHeard: this.#published !== null,
      maxCheckCount: this.#options.commits.limits.maxCheckCount,
      now: this.#options.now,
    });
    this.#waiting.unshift(...group.left);
    if (group.members.length === 0) return;
    try {
      const { sizeBytes, keyBytes } = group;
      const commit = this.#withFeed(group, head);
      const versionstamp = await this.#options.commits.commit({
        commit,
        sizeBytes,
        keyBytes,
        isAlone: isUncertain,
      });
      this.#attemptMs += MEAN_WEIGHT * (performance.now() - beganAt - this.#attemptMs);
      if (versionstamp === null) await this.#retry(group, null);
      else this.#succeed(group, versionstamp);
    } catch (error) {
      await this.#retry(group, error);
    }
  }

  #withFeed(group: AppendGroup<T>, before: StreamHead): Commit {
    const { offset: to, messageCount } = group.head;
    const rows = this.#options.feed.rowsFor({
      kind: this.#options.kind.name,
      streamId: this.#streamId,
      from: before.offset + 1,
      to,
      messageCount,
    });
    return rows === null ? group.commit : withRows(group.commit, rows);
  }

  /** How long to leave the stream to another instance that writes to it too, in ms. */
  #politePause(): number {
    const now = performance.now();
    if (now - this.#sharedAt > SHARED_FOR_MS) return 0;
    // Long enough for a whole attempt of the other, however slow storage is by now.
    const politeMs = Math.max(POLITE_MIN_MS, 1.5 * this.#attemptMs);
    return this.#committedAt + politeMs + Math.random() * Math.max(POLITE_JITTER_MS, this.#attemptMs) - now;
  }

  #succeed(group: AppendGroup<T>, versionstamp: string): void {
    this.#head = { ...group.head, versionstamp };
    this.#committedAt = performance.now();
    // Else the feed brings it, behind what it has not brought yet.
    if (this.#published !== null) {
      this.#publish(group.members.map((member) => member.event), group.head.messageCount);
    }
    for (const { waiting, event } of group.members) waiting.resolve({ isDuplicate: false, event });
  }

  /** After a conflict, or a commit that may or may not have happened: only a dedupe key makes the latter safe. */
  async #retry(group: AppendGroup<T>, error: unknown): Promise<void> {
    this.#head = null;
    const again: Waiting<T>[] = [];
    for (const { waiting } of group.members) {
      waiting.attempts++;
      const isSafe = error === null || waiting.request.dedupeKey !== undefined;
      const isHopeless = error instanceof AppError && error.appCode === "storage_full";
      const isOver = error === null
        ? performance.now() - waiting.queuedAt > CONTEND_MAX_MS
        : waiting.attempts > 1;
      if (!isSafe || isHopeless || isOver) {
        waiting.reject(error ?? contention());
      } else again.push(waiting);
    }
    this.#waiting.unshift(...again);
    if (again.length > 0) {
      await new Promise((resolve) => setTimeout(resolve, Math.random() * RETRY_JITTER_MS));
    }
  }

  /** The head and then the dedupe rows, in one read where they fit: answers what was appended before. */
  async #readWithDuplicates(batch: Waiting<T>[]): Promise<{ head: CachedHead; fresh: Waiting<T>[] }> {
    const { db, kind } = this.#options;
    const keyed = batch.filter((waiting) => waiting.request.dedupeKey !== undefined);
    const dedupeKeys = keyed.map((waiting) => waiting.request.dedupeKey as Deno.KvKey);
    const known = this.#head;
    if (known !== null || dedupeKeys.length > this.#smallGroupCount) {
      const head = known ?? await this.#readHead();
      return { head, fresh: answerDuplicates(batch, keyed, await db.getMany(dedupeKeys)) };
    }
    const [entry, ...rows] = await db.getMany<unknown>([kind.keys.head(this.#streamId), ...dedupeKeys]);
    const head = await this.#takeHead(entry as Deno.KvEntryMaybe<StreamHead>);
    return { head, fresh: answerDuplicates(batch, keyed, rows as DedupeEntry[]) };
  }

  async #readHead(): Promise<CachedHead> {
    const { db, kind } = this.#options;
    return await this.#takeHead(await db.get<StreamHead>(kind.keys.head(this.#streamId)));
  }

  async #takeHead(entry: Deno.KvEntryMaybe<StreamHead>): Promise<CachedHead> {
    const value = entry.value ?? { offset: 0, messageCount: 0 };
    const head = { ...value, versionstamp: entry.versionstamp };
    await this.#publishMissed(head);
    this.#head = head;
    return head;
  }

  /** A commit with an unknown outcome may have happened: whoever listens must not miss its events. */
  async #publishMissed(head: StreamHead): Promise<void> {
    const { db, feed, kind } = this.#options;
    const id = this.#streamId;
    // Where others write too, what stands before this head may still be on its way here: the feed brings it in order.
    if (!feed.isShared) this.#published ??= head.offset;
    if (this.#published === null || this.#published >= head.offset) return;
    const entries = await db.list<T["row"]>(kind.keys.rows(id), {
      start: kind.keys.row(id, this.#published + 1),
      // Not further than the head: its count of messages is told with the events.
      end: kind.keys.row(id, head.offset + 1),
      limit: RECOVER_MAX_COUNT,
    });
    const rows = entries.map((entry) => ({ offset: Number(entry.key.at(-1)), row: entry.value }));
    this.#publish(await kind.materialize(id, rows), head.messageCount);
  }

  #publish(events: readonly T["event"][], messageCount: number): void {
    this.#published = events.at(-1)?.offset ?? this.#published;
    const { feed, kind } = this.#options;
    const isMoreComing = this.#waiting.length > 0;
    feed.publish({
      type: "committed",
      kind: kind.name,
      streamId: this.#streamId,
      events,
      messageCount,
      isMoreComing,
    });
  }
}

type DedupeEntry = Deno.KvEntryMaybe<{ offset: number }>;

/** Answers what was appended before; gives the rest of the batch. */
function answerDuplicates<T extends StreamTypes>(
  batch: Waiting<T>[],
  keyed: readonly Waiting<T>[],
  rows: readonly DedupeEntry[],
): Waiting<T>[] {
  const done = new Set<Waiting<T>>();
  for (const [index, waiting] of keyed.entries()) {
    const row = rows[index]?.value;
    if (!row) continue;
    done.add(waiting);
    waiting.resolve({ isDuplicate: true, offset: row.offset });
  }
  return done.size === 0 ? batch : batch.filter((waiting) => !done.has(waiting));
}

function contention(): AppError {
  return new AppError("storage_unavailable", "Too many messages at once, try again", {
    retryAfterMs: 500,
  });
}
