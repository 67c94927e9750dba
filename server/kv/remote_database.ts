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

/** Handles lent at a time: two calls in flight on one handle stall 44 ms (measured); eight keep a server busy. */
const LANE_COUNT = 8;
/** From this size on a lone request body stalls 44 ms, unless another call has just begun on its handle (measured). */
const PRIMER_BODY_BYTES = 1_024;
/** Timeouts in a row, over all lanes, after which no handle is trusted any more. */
const TIMEOUTS_BEFORE_RENEWAL_COUNT = 2;
/** Tags and lengths of a mutation in the protocol's encoding, and of a check without and with its versionstamp. */
const MUTATION_OVERHEAD_BYTES = 12;
const ABSENCE_OVERHEAD_BYTES = 7;
const CHECK_OVERHEAD_BYTES = 19;

/** What the pool works with. */
export interface RemoteDatabaseOptions {
  /** Opens one more handle to the same database. */
  readonly open: () => Promise<Deno.Kv>;
  readonly callTimeoutMs?: number;
}

/** A place in the pool; its handle is opened by the first call and given up by a call that ran out of time. */
interface Lane {
  kv: Promise<Deno.Kv> | null;
}

/**
 * Storage on a KV Connect server. Each call has a handle to itself and ends within 5 s; a handle that let a call run
 * out of time is never used again, because the client library waits for ever on a frozen connection.
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

  /** Opens nothing yet. */
  constructor(options: RemoteDatabaseOptions) {
    this.#options = { callTimeoutMs: CALL_TIMEOUT_MS, ...options };
  }

  /** Calls that ran out of time and hang on, as those on a frozen connection do for ever. */
  get abandonedCount(): number {
    return this.#abandonedCount;
  }

  /** Opens a handle apart from the pool, for a watch: it would stall every call beside it. */
  openApart(): Promise<Deno.Kv> {
    return this.#options.open();
  }

  /** Calls back when all handles were given up: what watches has to move to a fresh one too. */
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
        // Also behind a commit that was refused at once: the next call shall have the handle to itself.
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
      // Opening may have failed as well; either way the next call begins with a fresh handle.
      drop(lane);
      if (!(cause instanceof CallTimeout)) throw cause;
      this.#abandon(work);
      // The next call has a handle of its own: it does not wait for this one.
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
      // Lent in the same moment: it has to come back.
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

/** Gives a handle up without waiting: `close` does not settle the calls of a frozen connection. */
function drop(lane: Lane): void {
  const kv = lane.kv;
  lane.kv = null;
  kv?.then((handle) => handle.close()).catch(() => {});
}

/** Size of a commit's request, to a few bytes: beside the limit a wrong guess either way costs 44 ms. */
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
