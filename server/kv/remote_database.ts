import { serialize } from "node:v8";
import type { Commit, Database, ListOptions } from "./database.ts";
import { keys } from "./keys.ts";
import {
  applyCommit,
  CALL_TIMEOUT_MS,
  deadlineIn,
  getManyInParts,
  listRows,
  withDeadline,
} from "./kv_calls.ts";
import { asStorageError, CallTimeout } from "./storage_error.ts";

/**
 * Handles in use at a time. Two calls in flight on one handle stall for 44 ms (measured); eight keep a server busy.
 */
const LANE_COUNT = 8;
/** A request body of this size stalls for 44 ms unless another call has just begun on its handle (measured). */
const PRIMER_BODY_BYTES = 1_024;
/** After this many timeouts in a row, over all lanes, all handles are replaced. */
const TIMEOUTS_BEFORE_RENEWAL_COUNT = 2;
/** Tags and lengths of a mutation in the protocol's encoding, and of a check without and with its versionstamp. */
const MUTATION_OVERHEAD_BYTES = 12;
const ABSENCE_OVERHEAD_BYTES = 7;
const CHECK_OVERHEAD_BYTES = 19;

export interface RemoteDatabaseOptions {
  /** Opens another handle to the same database. */
  readonly open: () => Promise<Deno.Kv>;
  readonly callTimeoutMs?: number;
}

/** A place in the pool. Its first call opens the handle, and a call that times out gives it up. */
interface Lane {
  kv: Promise<Deno.Kv> | null;
}

/**
 * Storage on a KV Connect server. Each call has a handle to itself and ends within 5 s. A handle whose call timed
 * out is never used again, because the client library waits forever on a frozen connection.
 */
export class RemoteDatabase implements Database {
  readonly #options: Required<RemoteDatabaseOptions>;
  readonly #idle: Lane[] = Array.from({ length: LANE_COUNT }, () => ({ kv: null }));
  readonly #lanes: readonly Lane[] = [...this.#idle];
  readonly #waiting: ((lane: Lane) => void)[] = [];
  readonly #inFlight = new Set<Promise<unknown>>();
  readonly #onRenewal: (() => void)[] = [];
  #timeoutsInARow = 0;
  #abandonedCount = 0;

  constructor(options: RemoteDatabaseOptions) {
    this.#options = { callTimeoutMs: CALL_TIMEOUT_MS, ...options };
  }

  /** Number of calls that timed out but still hang, as calls on a frozen connection do forever. */
  get abandonedCount(): number {
    return this.#abandonedCount;
  }

  /** Opens a handle outside the pool, for a watch, which would stall every other call on its handle. */
  openApart(): Promise<Deno.Kv> {
    return this.#options.open();
  }

  /** Calls `handler` when all handles were replaced, so that watches move to a new one too. */
  whenRenewed(handler: () => void): void {
    this.#onRenewal.push(handler);
  }

  get<T>(key: Deno.KvKey): Promise<Deno.KvEntryMaybe<T>> {
    return this.#call((kv) => kv.get<T>(key));
  }

  getMany<T>(wanted: readonly Deno.KvKey[]): Promise<Deno.KvEntryMaybe<T>[]> {
    return getManyInParts<T>(wanted, (part) => this.#call((kv) => kv.getMany<T[]>(part)));
  }

  list<T>(prefix: Deno.KvKey, options: ListOptions): Promise<Deno.KvEntry<T>[]> {
    return this.#call((kv) => listRows<T>(kv, prefix, options));
  }

  commit(commit: Commit): Promise<string | null> {
    const isPrimed = bodyBytes(commit) >= PRIMER_BODY_BYTES;
    return this.#call(async (kv) => {
      const primer = isPrimed ? kv.get(keys.epoch()) : null;
      try {
        return await applyCommit(kv, commit);
      } finally {
        // Also after a commit that was refused immediately: the next call needs the handle to itself.
        await Promise.allSettled([primer]);
      }
    });
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#inFlight);
    for (const lane of this.#lanes) drop(lane);
  }

  async #call<T>(run: (kv: Deno.Kv) => Promise<T>): Promise<T> {
    const call = this.#runOnLane(run);
    this.#inFlight.add(call);
    try {
      return await call;
    } catch (cause) {
      throw asStorageError(cause);
    } finally {
      this.#inFlight.delete(call);
    }
  }

  async #runOnLane<T>(run: (kv: Deno.Kv) => Promise<T>): Promise<T> {
    const deadline = deadlineIn(this.#options.callTimeoutMs);
    const lane = await this.#borrow(deadline);
    lane.kv ??= this.#options.open();
    const work = lane.kv.then(run);
    try {
      const result = await withDeadline(work, deadline);
      this.#timeoutsInARow = 0;
      return result;
    } catch (cause) {
      // Opening may have failed too; either way the next call starts with a new handle.
      drop(lane);
      if (!(cause instanceof CallTimeout)) throw cause;
      this.#abandon(work);
      // The next call has its own handle and does not wait for this one.
      throw new CallTimeout();
    } finally {
      this.#giveBack(lane);
    }
  }

  #borrow(deadline: number): Promise<Lane> {
    const lane = this.#idle.pop();
    if (lane !== undefined) return Promise.resolve(lane);
    const { promise, resolve } = Promise.withResolvers<Lane>();
    this.#waiting.push(resolve);
    return withDeadline(promise, deadline).catch((cause) => {
      const at = this.#waiting.indexOf(resolve);
      if (at >= 0) this.#waiting.splice(at, 1);
      // Acquired at the same moment, so it must be returned.
      else promise.then((late) => this.#giveBack(late));
      throw cause;
    });
  }

  #giveBack(lane: Lane): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#idle.push(lane);
    else next(lane);
  }

  #abandon(work: Promise<unknown>): void {
    this.#abandonedCount++;
    const ended = () => this.#abandonedCount--;
    work.then(ended, ended);
    if (++this.#timeoutsInARow < TIMEOUTS_BEFORE_RENEWAL_COUNT) return;
    this.#timeoutsInARow = 0;
    for (const lane of this.#idle) drop(lane);
    for (const handler of this.#onRenewal) handler();
  }
}

/** Gives up a handle without waiting, because `close` does not settle the calls of a frozen connection. */
function drop(lane: Lane): void {
  const kv = lane.kv;
  lane.kv = null;
  kv?.then((handle) => handle.close()).catch(() => {});
}

/** The size of a commit's request, to within a few bytes: near the limit, a wrong result costs 44 ms either way. */
function bodyBytes(commit: Commit): number {
  let bytes = 0;
  for (const { key, versionstamp } of commit.checks ?? []) {
    bytes += keyBytes(key) + (versionstamp === null ? ABSENCE_OVERHEAD_BYTES : CHECK_OVERHEAD_BYTES);
  }
  for (const [key, value] of [...commit.sets ?? [], ...commit.stamped ?? []]) {
    bytes += keyBytes(key) + serialize(value).length + MUTATION_OVERHEAD_BYTES;
    if (bytes >= PRIMER_BODY_BYTES) return bytes;
  }
  for (const key of commit.deletes ?? []) bytes += keyBytes(key) + MUTATION_OVERHEAD_BYTES;
  return bytes;
}

function keyBytes(key: Deno.KvKey): number {
  let bytes = 0;
  for (const part of key) bytes += typeof part === "string" ? part.length + 2 : 9;
  return bytes;
}
