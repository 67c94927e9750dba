import { runForAll } from "./caller.ts";
import { checksOf, CommitLoad, idOf, merge } from "./commit_parts.ts";
import type { CommitLimits, CommitPart } from "./commit_parts.ts";
import { FILE_COMMIT_MAX_CHECK_COUNT, REMOTE_COMMIT_MAX_CHECK_COUNT } from "./database.ts";
import type { Database } from "./database.ts";
import { isRefusedUnread } from "./storage_error.ts";

/** One thread makes one commit after another; the next is put together in the meantime. */
export const FILE_COMMITS: CommitLimits = {
  maxCheckCount: FILE_COMMIT_MAX_CHECK_COUNT,
  maxPartCount: 50,
  maxInFlightCount: 2,
};
/** KV Connect allows ten checks, and the feed row of each part must end with the stamp of its own commit. */
export const REMOTE_COMMITS: CommitLimits = {
  maxCheckCount: REMOTE_COMMIT_MAX_CHECK_COUNT,
  maxPartCount: 1,
  maxInFlightCount: 8,
};

/** How long a turn waits for others that arrive at the same time. */
const GATHER_MAX_MS = 4;
/** After turns have met, how long each waits for the end of its event-loop turn, which may bring others. */
const CROWDED_MS = 1_000;

interface Turn {
  readonly accountIds: () => Iterable<string>;
  readonly askedAt: number;
  readonly resolve: () => void;
}

interface Ready {
  readonly part: CommitPart;
  readonly resolve: (versionstamp: string | null) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Puts what several streams write into shared commits.
 *
 * Guarantees: each part is atomic and gets its own outcome, as if it had been committed alone; parts that touch the
 * same rows never share a commit. Accounts take turns, so one with many streams does not delay others.
 */
export class CommitQueue {
  readonly #db: Database;
  readonly limits: CommitLimits;
  readonly #turns: Turn[] = [];
  readonly #ready: Ready[] = [];
  #inFlightCount = 0;
  #isScheduled = false;
  /** Number of waiting turns at the last check. */
  #seenCount = 0;
  /** Number of parts still to come from the last turns; some turns have none. */
  #expectedCount = 0;
  /** When the last turns were let go, and when turns last met, in ms of the monotonic clock. */
  #letGoAt = -Infinity;
  #crowdedAt = -Infinity;

  /** Created once per database. */
  constructor(db: Database, limits: CommitLimits) {
    this.#db = db;
    this.limits = limits;
  }

  /**
   * Resolves when a part may be put together, because a commit can begin and no more turns arrive at the same time.
   * `accountIds` returns the accounts it is for.
   */
  turn(accountIds: () => Iterable<string>): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const now = performance.now();
    if (this.#isBusy(now)) this.#crowdedAt = now;
    this.#turns.push({ accountIds, askedAt: now, resolve });
    if (now - this.#crowdedAt < CROWDED_MS) this.#schedule();
    else queueMicrotask(() => this.#letGoAlone());
    return promise;
  }

  /** Commits a part; returns the versionstamp, or null if one of its checks failed. */
  commit(part: CommitPart): Promise<string | null> {
    const { promise, resolve, reject } = Promise.withResolvers<string | null>();
    this.#ready.push({ part, resolve, reject });
    // With the last expected part, begin without waiting for the next event-loop turn; slow parts go with a later commit.
    if (this.#expectedCount > 0 && --this.#expectedCount === 0) this.#begin();
    this.#schedule();
    return promise;
  }

  /** Whether another turn is waiting, being put together or being written. */
  #isBusy(now: number): boolean {
    if (this.#turns.length > 0 || this.#ready.length > 0 || this.#inFlightCount > 0) return true;
    return this.#expectedCount > 0 && now - this.#letGoAt < GATHER_MAX_MS;
  }

  /** Lets a turn go at once, if no other was asked for in the meantime: waiting for others would only delay it. */
  #letGoAlone(): void {
    if (this.#turns.length === 1 && this.#inFlightCount === 0) this.#letGo();
    else this.#schedule();
  }

  /** Runs once per event-loop turn while there is work and another commit can begin. */
  #schedule(): void {
    if (this.#isScheduled || this.#inFlightCount >= this.limits.maxInFlightCount) return;
    if (this.#turns.length === 0 && this.#ready.length === 0) return;
    this.#isScheduled = true;
    // On nobody's account, because it serves everyone who writes.
    runForAll(() => setImmediate(() => this.#pump()));
  }

  #pump(): void {
    this.#isScheduled = false;
    this.#begin();
    if (this.#inFlightCount < this.limits.maxInFlightCount && !this.#isGathering()) this.#letGo();
    this.#schedule();
  }

  #begin(): void {
    while (this.#ready.length > 0 && this.#inFlightCount < this.limits.maxInFlightCount) {
      void this.#write(takeTogether(this.#ready, this.limits));
    }
  }

  /** Whether to wait because each event-loop turn brings more; only while storage is busy anyway. */
  #isGathering(): boolean {
    const isMore = this.#turns.length > this.#seenCount;
    this.#seenCount = this.#turns.length;
    const oldest = this.#turns[0];
    if (!isMore || oldest === undefined || this.#inFlightCount === 0) return false;
    return performance.now() - oldest.askedAt < GATHER_MAX_MS;
  }

  #letGo(): void {
    const chosen = takeFairly(this.#turns, this.limits.maxPartCount);
    this.#seenCount = this.#turns.length;
    this.#expectedCount = chosen.length;
    this.#letGoAt = performance.now();
    for (const { resolve } of chosen) resolve();
  }

  async #write(parts: readonly Ready[]): Promise<void> {
    this.#inFlightCount++;
    try {
      await this.#writeTogether(parts, true);
    } finally {
      this.#inFlightCount--;
      this.#schedule();
    }
  }

  /** If a check fails, parts whose checks hold commit together once more, then each alone. */
  async #writeTogether(parts: readonly Ready[], isFirst: boolean): Promise<void> {
    try {
      const versionstamp = await this.#db.commit(merge(parts.map(({ part }) => part)));
      if (versionstamp !== null || parts.length === 1) {
        for (const { resolve } of parts) resolve(versionstamp);
      } else if (isFirst) {
        const holding = await this.#settleStale(parts);
        if (holding.length > 0) await this.#writeTogether(holding, false);
      } else await this.#writeApart(parts);
    } catch (error) {
      if (parts.length > 1 && isRefusedUnread(error)) return await this.#writeApart(parts);
      for (const { reject } of parts) reject(error);
    }
  }

  async #writeApart(parts: readonly Ready[]): Promise<void> {
    for (const part of parts) await this.#writeTogether([part], false);
  }

  /** Resolves parts whose checks fail with null and returns the others. */
  async #settleStale(parts: readonly Ready[]): Promise<Ready[]> {
    const checked = new Map(parts.flatMap(({ part }) => checksOf(part)).map(({ key }) => [idOf(key), key]));
    const entries = await this.#db.getMany([...checked.values()]);
    const stamps = new Map(entries.map(({ key, versionstamp }) => [idOf(key), versionstamp]));
    return parts.filter(({ part, resolve }) => {
      const isHolding = checksOf(part).every(({ key, versionstamp }) =>
        stamps.get(idOf(key)) === versionstamp
      );
      if (!isHolding) resolve(null);
      return isHolding;
    });
  }
}

/** Takes the first turn of every account before anyone's second. */
function takeFairly(turns: Turn[], maxCount: number): Turn[] {
  if (turns.length <= maxCount) return turns.splice(0);
  const counts = new Map<string, number>();
  const ranked = turns.map((turn) => {
    const ids = [...turn.accountIds()];
    const rank = Math.min(...ids.map((id) => counts.get(id) ?? 0));
    for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
    return { turn, rank };
  });
  const chosen = new Set(
    ranked.toSorted((a, b) => a.rank - b.rank).slice(0, maxCount).map(({ turn }) => turn),
  );
  turns.splice(0, turns.length, ...turns.filter((turn) => !chosen.has(turn)));
  return [...chosen];
}

/** Takes the first part and all others that fit into the same commit. */
function takeTogether(ready: Ready[], limits: CommitLimits): Ready[] {
  if (ready.length === 1) return ready.splice(0);
  const load = new CommitLoad(limits);
  const taken = ready.filter(({ part }) => load.take(part));
  ready.splice(0, ready.length, ...ready.filter((one) => !taken.includes(one)));
  return taken;
}
