import { currentCaller } from "./caller.ts";
import type { Commit, Database, ListOptions } from "./database.ts";
import { CALL_TIMEOUT_MS, getManyInParts } from "./kv_calls.ts";
import { CallTimeout } from "./storage_error.ts";

/** Calls that one file's thread has before it at a time; whoever comes next waits for them alone. */
export const LOCAL_CALLS_COUNT = 32;
/** As many as handles are lent. */
export const REMOTE_CALLS_COUNT = 8;
/** Calls of one account in flight: what others ask next waits for all of these, on a thread that does one at a time. */
export const ACCOUNT_CALLS_COUNT = 4;
/** Rows of a list that are as much work as a call. */
const ROWS_PER_UNIT = 8;

/** Storage whose calls go in turns: an account with a thousand of them holds up no other by more than those begun. */
export class FairDatabase implements Database {
  readonly #inner: Database;
  readonly #maxCount: number;
  #inFlightCount = 0;
  /** Calls in flight of each account; what serves everybody has no share. */
  readonly #inFlight = new Map<string, number>();
  /** Whose calls wait, in the order of their turns. */
  readonly #waiting = new Map<string, (() => void)[]>();

  /** Lets `maxCount` calls into `inner` at a time. */
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
      // Whoever asked was told, but the thread still works at it, or hangs: more would only pile up behind.
      if (cause instanceof CallTimeout && cause.work !== null) cause.work.then(ended, ended);
      else ended();
    });
    return result;
  }

  /** The wait counts towards the time that a call may take. */
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

  /** Whose turn it is and who has something in hand goes on; then it is at the end of the line. */
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
