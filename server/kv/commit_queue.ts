import { runForAll } from "./caller.ts";
import {
  COMMIT_MAX_BYTES,
  COMMIT_MAX_KEY_BYTES,
  COMMIT_MAX_MUTATION_COUNT,
  FILE_COMMIT_MAX_CHECK_COUNT,
  REMOTE_COMMIT_MAX_CHECK_COUNT,
} from "./database.ts";
import type { Commit, Database } from "./database.ts";
import { isRefusedUnread } from "./storage_error.ts";

/** How much goes together, by the kind of storage. */
export interface CommitLimits {
  readonly maxCheckCount: number;
  readonly maxPartCount: number;
  /** Commits under way at a time. */
  readonly maxInFlightCount: number;
}

/** One thread does one commit after the other; while it works, the next is put together. */
export const FILE_COMMITS: CommitLimits = {
  maxCheckCount: FILE_COMMIT_MAX_CHECK_COUNT,
  maxPartCount: 50,
  maxInFlightCount: 2,
};
/** KV Connect takes ten checks, and a part's row for other instances ends with the stamp of its own commit. */
export const REMOTE_COMMITS: CommitLimits = {
  maxCheckCount: REMOTE_COMMIT_MAX_CHECK_COUNT,
  maxPartCount: 1,
  maxInFlightCount: 8,
};

/** How long a turn is put off for what still comes in at the same time. */
const GATHER_MAX_MS = 4;

/** What must be written whole or not at all; others may be written with it. */
export interface CommitPart {
  readonly commit: Commit;
  /** Upper bounds of its values with their keys, and of the keys alone. */
  readonly sizeBytes: number;
  readonly keyBytes: number;
  /** True for what was tried before: it goes alone, so that it makes nobody else fail again. */
  readonly isAlone: boolean;
}

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
 * Writes what several streams have to write in one commit.
 *
 * Guarantees: each part is atomic and learns its own outcome as if it had been committed alone; parts that touch the
 * same rows never share a commit. Turns go round by account, so that one with many streams delays no other.
 */
export class CommitQueue {
  readonly #db: Database;
  readonly limits: CommitLimits;
  readonly #turns: Turn[] = [];
  readonly #ready: Ready[] = [];
  #inFlightCount = 0;
  #isScheduled = false;
  /** Turns that were asked for when this was last looked at. */
  #seenCount = 0;
  /** Those whose turn it was last and who have not given their part yet; some have none. */
  #expectedCount = 0;

  /** Made once a database. */
  constructor(db: Database, limits: CommitLimits) {
    this.#db = db;
    this.limits = limits;
  }

  /**
   * Resolves when a part may be put together: when nothing more comes in at the same time and a commit can begin.
   * `accountIds` says for whom.
   */
  turn(accountIds: () => Iterable<string>): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#turns.push({ accountIds, askedAt: performance.now(), resolve });
    this.#schedule();
    return promise;
  }

  /** Commits a part; gives the versionstamp, or null when one of its checks did not hold. */
  commit(part: CommitPart): Promise<string | null> {
    const { promise, resolve, reject } = Promise.withResolvers<string | null>();
    this.#ready.push({ part, resolve, reject });
    // Whoever takes longer goes with the next commit; when nobody else is expected, not even a turn is lost.
    if (this.#expectedCount > 0 && --this.#expectedCount === 0) this.#begin();
    this.#schedule();
    return promise;
  }

  /** Once a turn of the event loop, while there is something to do and room for it. */
  #schedule(): void {
    if (this.#isScheduled || this.#inFlightCount >= this.limits.maxInFlightCount) return;
    if (this.#turns.length === 0 && (this.#ready.length === 0 || this.#isWaiting)) return;
    this.#isScheduled = true;
    // For all who write: whoever happens to be first must not pay for the others.
    runForAll(() => setImmediate(() => this.#pump()));
  }

  /** True while parts are still put together that can go along, and storage has something to do meanwhile. */
  get #isWaiting(): boolean {
    return this.#expectedCount > 0 && this.#inFlightCount > 0 && this.limits.maxPartCount > 1;
  }

  #pump(): void {
    this.#isScheduled = false;
    if (!this.#isWaiting) this.#begin();
    if (this.#inFlightCount < this.limits.maxInFlightCount && !this.#isGathering()) this.#letGo();
    this.#schedule();
  }

  #begin(): void {
    while (this.#ready.length > 0 && this.#inFlightCount < this.limits.maxInFlightCount) {
      void this.#write(takeTogether(this.#ready, this.limits));
    }
  }

  /** True while each turn of the event loop brings more, and storage has something to do meanwhile. */
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

  /** When a check did not hold, those whose checks hold go together once more, and then each alone. */
  async #writeTogether(parts: readonly Ready[], isFirst: boolean): Promise<void> {
    try {
      const versionstamp = await this.#db.commit(merge(parts));
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

  /** Tells those whose checks do not hold, and gives the others. */
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

/** Takes turns so that of each account the first comes before anybody's second. */
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

/** Takes the first part and whatever fits beside it. */
function takeTogether(ready: Ready[], limits: CommitLimits): Ready[] {
  const load = new Load(limits);
  const taken = ready.filter(({ part }) => load.take(part));
  ready.splice(0, ready.length, ...ready.filter((one) => !taken.includes(one)));
  return taken;
}

/** What is in a commit so far. */
class Load {
  readonly #limits: CommitLimits;
  readonly #checks = new Set<Deno.AtomicCheck>();
  readonly #checkedIds = new Set<string>();
  readonly #writtenIds = new Set<string>();
  #partCount = 0;
  #mutationCount = 0;
  #sizeBytes = 0;
  #keyBytes = 0;
  #isClosed = false;

  constructor(limits: CommitLimits) {
    this.#limits = limits;
  }

  /** Takes a part unless there is no room for it; the first always has room. */
  take(part: CommitPart): boolean {
    if (this.#isClosed) return false;
    const checks = checksOf(part);
    const checked = checks.map(({ key }) => idOf(key));
    const written = writtenKeys(part).map(idOf);
    if (this.#partCount > 0 && !(this.#fits(part, written.length) && this.#isApart(checked, written))) {
      return false;
    }
    this.#partCount++;
    this.#mutationCount += written.length;
    this.#sizeBytes += part.sizeBytes;
    this.#keyBytes += part.keyBytes;
    for (const check of checks) this.#checks.add(check);
    for (const id of checked) this.#checkedIds.add(id);
    for (const id of written) this.#writtenIds.add(id);
    this.#isClosed = part.isAlone || this.#partCount >= this.#limits.maxPartCount;
    return true;
  }

  #fits(part: CommitPart, mutationCount: number): boolean {
    if (part.isAlone) return false;
    const added = checksOf(part).filter((check) => !this.#checks.has(check)).length;
    return this.#checks.size + added <= this.#limits.maxCheckCount &&
      this.#mutationCount + mutationCount <= COMMIT_MAX_MUTATION_COUNT &&
      this.#sizeBytes + part.sizeBytes <= COMMIT_MAX_BYTES &&
      this.#keyBytes + part.keyBytes <= COMMIT_MAX_KEY_BYTES;
  }

  /** Checks are made before anything is written: what one part writes must not be what another relies on. */
  #isApart(checked: readonly string[], written: readonly string[]): boolean {
    return !checked.some((id) => this.#writtenIds.has(id)) &&
      !written.some((id) => this.#writtenIds.has(id) || this.#checkedIds.has(id));
  }
}

function merge(parts: readonly Ready[]): Commit {
  const [first] = parts;
  if (first !== undefined && parts.length === 1) return first.part.commit;
  const commits = parts.map(({ part }) => part.commit);
  return {
    // What many check alike is checked once.
    checks: [...new Set(commits.flatMap(({ checks = [] }) => checks))],
    sets: commits.flatMap(({ sets = [] }) => sets),
    deletes: commits.flatMap(({ deletes = [] }) => deletes),
  };
}

function checksOf({ commit }: CommitPart): readonly Deno.AtomicCheck[] {
  return commit.checks ?? [];
}

function writtenKeys({ commit }: CommitPart): Deno.KvKey[] {
  return [...(commit.sets ?? []).map(([key]) => key), ...commit.deletes ?? []];
}

/** Two keys with one id by chance go in two commits, no more. */
function idOf(key: Deno.KvKey): string {
  return key.join(" ");
}
