import { currentCaller } from "./caller.ts";
import type { Commit, Database, ListOptions } from "./database.ts";
import { CALL_TIMEOUT_MS, getManyInParts } from "./kv_calls.ts";
import { CallTimeout } from "./storage_error.ts";

/** Maximum number of calls queued for the thread of a file. */
export const LOCAL_CALLS_COUNT = 32;
/** The number of handles in the pool. */
export const REMOTE_CALLS_COUNT = 8;
/** Maximum number of calls of one account in flight; the calls of others wait for all of these on the only thread. */
export const ACCOUNT_CALLS_COUNT = 4;
/** Number of listed rows that cost as much as a call. */
const ROWS_PER_UNIT = 8;

/** Storage whose calls take turns by account, so that one with a thousand calls delays others only by those in flight. */
export class FairDatabase implements Database {
  readonly #inner: Database;
  readonly #maxCount: number;
  #inFlightCount = 0;
  /** Calls in flight by account; those on nobody's account are not limited. */
  readonly #inFlight = new Map<string, number>();
  /** Waiting calls by account, in the order of turns. */
  readonly #waiting = new Map<string, (() => void)[]>();

  /** Lets at most `maxCount` calls into `inner` at a time. */
  constructor(inner: Database, maxCount: number) {
    this.#inner = inner;
    this.#maxCount = maxCount;
  }

  get<T>(key: Deno.KvKey): Promise<Deno.KvEntryMaybe<T>> {
    return this.#call(() => this.#inner.get<T>(key));
  }

  getMany<T>(keys: readonly Deno.KvKey[]): Promise<Deno.KvEntryMaybe<T>[]> {
    return getManyInParts<T>(keys, (part) => this.#call(() => this.#inner.getMany<T>(part)));
  }

  async list<T>(prefix: Deno.KvKey, options: ListOptions): Promise<Deno.KvEntry<T>[]> {
    const rows = await this.#call(() => this.#inner.list<T>(prefix, options));
    currentCaller()?.charge(rows.length / ROWS_PER_UNIT);
    return rows;
  }

  commit(commit: Commit): Promise<string | null> {
    return this.#call(() => this.#inner.commit(commit));
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  #call<T>(run: () => Promise<T>): Promise<T> {
    const caller = currentCaller();
    caller?.charge(1);
    const id = caller?.accountId ?? "";
    if (this.#inFlightCount < this.#maxCount && this.#hasShare(id)) return this.#start(id, run);
    return this.#wait(id, run);
  }

  #start<T>(id: string, run: () => Promise<T>): Promise<T> {
    this.#inFlightCount++;
    this.#inFlight.set(id, (this.#inFlight.get(id) ?? 0) + 1);
    const result = run();
    const ended = () => this.#ended(id);
    result.then(ended, (cause) => {
      // The caller has its error, but the thread still works on the call or hangs; more calls would only pile up.
      if (cause instanceof CallTimeout && cause.work !== null) cause.work.then(ended, ended);
      else ended();
    });
    return result;
  }

  /** Queues a call; the wait counts towards its timeout. */
  #wait<T>(id: string, run: () => Promise<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const calls = this.#waiting.get(id) ?? [];
    this.#waiting.set(id, calls);
    const timer = setTimeout(() => {
      const at = calls.indexOf(start);
      if (at >= 0) calls.splice(at, 1);
      if (calls.length === 0 && this.#waiting.get(id) === calls) this.#waiting.delete(id);
      reject(new CallTimeout());
    }, CALL_TIMEOUT_MS);
    const start = () => void this.#start(id, run).then(resolve, reject).finally(() => clearTimeout(timer));
    calls.push(start);
    return promise;
  }

  #ended(id: string): void {
    this.#inFlightCount--;
    const left = (this.#inFlight.get(id) ?? 1) - 1;
    if (left > 0) this.#inFlight.set(id, left);
    else this.#inFlight.delete(id);
    if (this.#waiting.size > 0) this.#startNext();
  }

  /** Starts the next call of each account in turn, then moves the account to the end. */
  #startNext(): void {
    for (const [id, calls] of this.#waiting) {
      if (this.#inFlightCount >= this.#maxCount) return;
      if (!this.#hasShare(id)) continue;
      const start = calls.shift();
      this.#waiting.delete(id);
      if (calls.length > 0) this.#waiting.set(id, calls);
      start?.();
    }
  }

  #hasShare(id: string): boolean {
    return id === "" || (this.#inFlight.get(id) ?? 0) < ACCOUNT_CALLS_COUNT;
  }
}
