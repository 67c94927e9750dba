import { AppError } from "../../shared/errors.ts";

/** Limits of one commit on a SQLite file and on KV Connect alike. */
export const COMMIT_MAX_CHECK_COUNT = 10;
const GET_MANY_MAX_COUNT = 10;
const LIST_BATCH_MAX_COUNT = 500;
const CALL_TIMEOUT_MS = 5_000;
const RETRY_AFTER_MS = 2_000;

/** What one atomic commit does. All checks hold and all is written, or nothing is. */
export interface Commit {
  readonly checks?: readonly Deno.AtomicCheck[];
  readonly sets?: readonly (readonly [key: Deno.KvKey, value: unknown])[];
  readonly deletes?: readonly Deno.KvKey[];
}

/** What to list: every key below `prefix`, optionally between `start` (included) and `end` (excluded). */
export interface ListOptions {
  readonly limit: number;
  readonly reverse?: boolean;
  readonly start?: Deno.KvKey;
  readonly end?: Deno.KvKey;
}

/**
 * The only way to storage. Every call ends within 5 s and fails with `storage_unavailable` or `storage_full`,
 * both retryable; a commit that failed so may still have been written.
 */
export interface Database {
  /** Reads one row. */
  get<T>(key: Deno.KvKey): Promise<Deno.KvEntryMaybe<T>>;
  /** Reads rows in the order of `keys`, any number of them. */
  getMany<T>(keys: readonly Deno.KvKey[]): Promise<Deno.KvEntryMaybe<T>[]>;
  /** Lists at most `limit` rows below `prefix` in the order of their keys. */
  list<T>(prefix: Deno.KvKey, options: ListOptions): Promise<Deno.KvEntry<T>[]>;
  /** Writes atomically; gives the versionstamp, or null when a check did not hold. */
  commit(commit: Commit): Promise<string | null>;
  /** Ends the connection once the calls in flight have ended. */
  close(): Promise<void>;
}

/** Storage on one KV handle: a SQLite file or `:memory:`. */
export class KvDatabase implements Database {
  readonly #kv: Deno.Kv;
  readonly #inFlight = new Set<Promise<unknown>>();

  /** Takes over the handle and closes it in `close`. */
  constructor(kv: Deno.Kv) {
    this.#kv = kv;
  }

  get<T>(key: Deno.KvKey): Promise<Deno.KvEntryMaybe<T>> {
    return this.#call(() => this.#kv.get<T>(key));
  }

  async getMany<T>(keys: readonly Deno.KvKey[]): Promise<Deno.KvEntryMaybe<T>[]> {
    const parts: Promise<Deno.KvEntryMaybe<T>[]>[] = [];
    for (let from = 0; from < keys.length; from += GET_MANY_MAX_COUNT) {
      const part = keys.slice(from, from + GET_MANY_MAX_COUNT);
      parts.push(this.#call(() => this.#kv.getMany<T[]>(part) as Promise<Deno.KvEntryMaybe<T>[]>));
    }
    return (await Promise.all(parts)).flat();
  }

  list<T>(prefix: Deno.KvKey, options: ListOptions): Promise<Deno.KvEntry<T>[]> {
    const { limit, reverse = false, start, end } = options;
    return this.#call(async () => {
      const rows: Deno.KvEntry<T>[] = [];
      const selector = {
        prefix,
        ...(start === undefined ? {} : { start }),
        ...(end === undefined ? {} : { end }),
      } as Deno.KvListSelector;
      // Asking for all in one batch costs one call instead of one per 100 rows.
      const batchSize = Math.max(1, Math.min(limit, LIST_BATCH_MAX_COUNT));
      for await (const row of this.#kv.list<T>(selector, { limit, reverse, batchSize })) rows.push(row);
      return rows;
    });
  }

  commit(commit: Commit): Promise<string | null> {
    return this.#call(async () => {
      const atomic = this.#kv.atomic();
      if (commit.checks) atomic.check(...commit.checks);
      for (const [key, value] of commit.sets ?? []) atomic.set(key, value);
      for (const key of commit.deletes ?? []) atomic.delete(key);
      const result = await atomic.commit();
      return result.ok ? result.versionstamp : null;
    });
  }

  async close(): Promise<void> {
    // Closing rejects commits in flight although they may be written: wait for them first.
    await Promise.allSettled(this.#inFlight);
    this.#kv.close();
  }

  async #call<T>(run: () => Promise<T>): Promise<T> {
    const { promise: expired, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(
      () =>
        reject(
          new AppError("storage_unavailable", "Storage did not answer in time", {
            retryAfterMs: RETRY_AFTER_MS,
          }),
        ),
      CALL_TIMEOUT_MS,
    );
    const work = run();
    this.#inFlight.add(work);
    const settled = () => this.#inFlight.delete(work);
    work.then(settled, settled);
    try {
      return await Promise.race([work, expired]);
    } catch (cause) {
      throw asStorageError(cause);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Turns what KV throws into an error that says whether there is room, and that it may be tried again. */
export function asStorageError(cause: unknown): AppError {
  if (cause instanceof AppError) return cause;
  const text = cause instanceof Error ? cause.message : String(cause);
  const isFull = /disk is full|no space left/i.test(text);
  return isFull
    ? new AppError("storage_full", "Storage is full", { retryAfterMs: RETRY_AFTER_MS, cause })
    : new AppError("storage_unavailable", "Storage is not available", {
      retryAfterMs: RETRY_AFTER_MS,
      cause,
    });
}
