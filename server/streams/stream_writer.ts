import { AppError } from "../../shared/errors.ts";
import { currentCaller, runForAll } from "../kv/caller.ts";
import type { Commit } from "../kv/database.ts";
import type { StreamPointer } from "../kv/pointer_rows.ts";
import { assembleGroup, GROUP_MAX_COUNT } from "./append_group.ts";
import type { AppendGroup, CachedHead, Waiting } from "./append_group.ts";
import type { Appended, AppendRequest, EventLogOptions, StreamHead } from "./event_log.ts";
import { withRows } from "./feed.ts";
import type { StreamTypes } from "./stream_kind.ts";
import { StreamPacing } from "./stream_pacing.ts";
import { StreamPublisher } from "./stream_publisher.ts";

/** How long an append is retried after conflicts before it is rejected. */
const CONTEND_MAX_MS = 5_000;
/** After a conflict, retry before the other writer's next commit. */
const RETRY_JITTER_MS = 2;

/** Writes one stream: puts waiting append requests into one commit after another and publishes in order. */
export class StreamWriter<T extends StreamTypes> {
  readonly #streamId: T["id"];
  readonly #options: Required<EventLogOptions<T>>;
  /** Largest group that checks its dedupe keys instead of reading them; two checks are for the head and the rights. */
  readonly #smallGroupCount: number;
  readonly #waiting: Waiting<T>[] = [];
  readonly #publisher: StreamPublisher<T>;
  readonly #pacing = new StreamPacing();
  #head: CachedHead | null = null;
  #run: Promise<void> | null = null;
  /** Steps that change the head or publish run one after another; this is the last. */
  #step: Promise<unknown> = Promise.resolve();
  #observing = 0;
  /** Created by the event log, one per stream. */
  constructor(streamId: T["id"], options: Required<EventLogOptions<T>>) {
    this.#streamId = streamId;
    this.#options = options;
    this.#publisher = new StreamPublisher(streamId, options);
    this.#smallGroupCount = options.commits.limits.maxCheckCount - 2;
  }

  /** The cached head; null if it must be read. */
  get head(): StreamHead | null {
    return this.#head;
  }

  /** Whether nothing is waiting or being written. */
  get isIdle(): boolean {
    return this.#run === null && this.#observing === 0;
  }

  /** Resolves when nothing is waiting. */
  async drained(): Promise<void> {
    await this.#run;
  }

  /** Queues an append request for the next commit. */
  append(request: AppendRequest<T, null>): Promise<Appended<T> | null> {
    const { promise, resolve, reject } = Promise.withResolvers<Appended<T> | null>();
    const accountId = currentCaller()?.accountId ?? "";
    this.#waiting.push({ request, accountId, resolve, reject, queuedAt: performance.now(), attempts: 0 });
    // On nobody's account, because the loop runs as long as anyone writes here.
    this.#run ??= runForAll(() => this.#commitAll());
    return promise;
  }

  /** Publishes events of another instance, or own ones whose commit got no answer, and takes over their head. */
  async observe(pointer: StreamPointer, versionstamp: string, isOwn: boolean): Promise<void> {
    if (!isOwn) this.#pacing.foreignAppended();
    // Already published after a read of the head: do not wait for a commit, because the rest of the feed would wait too.
    if (this.#publisher.hasPublished(pointer.to)) return;
    this.#observing++;
    try {
      await this.#exclusively(async () => {
        // A head that was read in the meantime may be newer than this row.
        if (this.#publisher.hasPublished(pointer.to)) return;
        this.#publisher.startAfter(pointer.from - 1);
        await this.#publisher.publishMissed({ offset: pointer.to, messageCount: pointer.messageCount });
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
      const pause = this.#pacing.pauseMs();
      if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause));
      // If it fails, `build` says so, only to this request.
      const prepared = this.#waiting[0]?.request.prepared;
      if (prepared !== undefined) await prepared.catch(() => {});
      // Requests queued until then join this commit.
      await this.#options.commits.turn(() => this.#waiting.map(({ accountId }) => accountId));
      const batch = this.#waiting.splice(0, GROUP_MAX_COUNT);
      try {
        await this.#exclusively(() => this.#commitBatch(batch));
      } catch (error) {
        // The outcome is unknown, so the cached head may be wrong.
        this.#head = null;
        for (const waiting of batch) waiting.reject(error);
      }
    }
    // No await since the queue was found empty, or a request queued in between would wait forever.
    this.#run = null;
  }

  /** Writes one group of the batch; requests that did not fit or must be retried return to the front of the queue. */
  async #commitBatch(batch: Waiting<T>[]): Promise<void> {
    const beganAt = performance.now();
    const isUncertain = batch.some((waiting) => waiting.attempts > 0);
    // After a conflict, the feed may still be behind the other writer; a head taken from it would conflict again.
    if (isUncertain) this.#head = null;
    // Small groups check that their dedupe keys are absent; large or retried groups read them.
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
      isCaughtUp: this.#publisher.isStarted,
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
      this.#pacing.attempted(performance.now() - beganAt);
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

  #succeed(group: AppendGroup<T>, versionstamp: string): void {
    this.#head = { ...group.head, versionstamp };
    this.#pacing.committed();
    // Otherwise the feed delivers it, after earlier events that have not arrived yet.
    if (this.#publisher.isStarted) {
      const events = group.members.map((member) => member.event);
      this.#publisher.publish(events, group.head.messageCount, this.#waiting.length > 0);
    }
    for (const { waiting, event } of group.members) waiting.resolve({ isDuplicate: false, event });
  }

  /** Retries after a conflict or an unknown outcome; after the latter, only requests with a dedupe key. */
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

  /** Reads the head and the dedupe rows, in one call if they fit, and resolves requests that were appended before. */
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
    // If other instances write too, earlier events may still be on their way; the feed delivers them in order.
    if (!this.#options.feed.isShared) this.#publisher.startAfter(head.offset);
    await this.#publisher.publishMissed(head);
    this.#head = head;
    return head;
  }
}

type DedupeEntry = Deno.KvEntryMaybe<{ offset: number }>;

/** Resolves requests that were appended before and returns the rest of the batch. */
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
