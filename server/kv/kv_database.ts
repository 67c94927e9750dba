import type { Commit, Database, ListOptions } from "./database.ts";
import {
  applyCommit,
  CALL_TIMEOUT_MS,
  deadlineIn,
  getManyInParts,
  listRows,
  withDeadline,
} from "./kv_calls.ts";
import { asStorageError } from "./storage_error.ts";

/** Storage on one KV handle: a SQLite file or `:memory:`. */
export class KvDatabase implements Database {
  readonly #kv: Deno.Kv;
  readonly #inFlight = new Set<Promise<unknown>>();

  /** Takes over the handle and closes it in `close`. */
  constructor(kv: Deno.Kv) {
    this.#kv = kv;
  }

  get<T>(key: Deno.KvKey): Promise<Deno.KvEntryMaybe<T>> {
    return this.#call(this.#kv.get<T>(key));
  }

  getMany<T>(keys: readonly Deno.KvKey[]): Promise<Deno.KvEntryMaybe<T>[]> {
    return getManyInParts<T>(keys, (part) => this.#call(this.#kv.getMany<T[]>(part)));
  }

  list<T>(prefix: Deno.KvKey, options: ListOptions): Promise<Deno.KvEntry<T>[]> {
    return this.#call(listRows<T>(this.#kv, prefix, options));
  }

  commit(commit: Commit): Promise<string | null> {
    return this.#call(applyCommit(this.#kv, commit));
  }

  async close(): Promise<void> {
    // Closing rejects commits in flight although they may be written: wait for them first.
    await Promise.allSettled(this.#inFlight);
    this.#kv.close();
  }

  async #call<T>(work: Promise<T>): Promise<T> {
    this.#inFlight.add(work);
    const settled = () => this.#inFlight.delete(work);
    work.then(settled, settled);
    try {
      return await withDeadline(work, deadlineIn(CALL_TIMEOUT_MS));
    } catch (cause) {
      throw asStorageError(cause);
    }
  }
}
