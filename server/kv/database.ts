/** How many rows one commit can check on KV Connect, and on a SQLite file (measured). */
export const REMOTE_COMMIT_MAX_CHECK_COUNT = 10;
export const FILE_COMMIT_MAX_CHECK_COUNT = 100;
/** Upper bounds for one commit, well below the limits of KV (1000 mutations, 800 KiB, 80 KiB of keys). */
export const COMMIT_MAX_MUTATION_COUNT = 800;
export const COMMIT_MAX_BYTES = 400 * 1024;
export const COMMIT_MAX_KEY_BYTES = 60 * 1024;

/** An atomic commit: either all checks hold and everything is written, or nothing is. */
export interface Commit {
  readonly checks?: readonly Deno.AtomicCheck[];
  readonly sets?: readonly (readonly [key: Deno.KvKey, value: unknown])[];
  /** Rows whose key ends with the versionstamp of this commit; each prefix must be different. */
  readonly stamped?: readonly (readonly [prefix: Deno.KvKey, value: unknown])[];
  readonly deletes?: readonly Deno.KvKey[];
}

/** Lists the keys below `prefix`, optionally from `start` (inclusive) to `end` (exclusive). */
export interface ListOptions {
  readonly limit: number;
  readonly reverse?: boolean;
  readonly start?: Deno.KvKey;
  readonly end?: Deno.KvKey;
}

/**
 * The only way to storage. Every call ends within 5 s and fails with `storage_unavailable` or `storage_full`, both
 * retryable. A failed commit may have been written nevertheless.
 */
export interface Database {
  /** Reads one row. */
  get<T>(key: Deno.KvKey): Promise<Deno.KvEntryMaybe<T>>;
  /** Reads any number of rows, in the order of `keys`. */
  getMany<T>(keys: readonly Deno.KvKey[]): Promise<Deno.KvEntryMaybe<T>[]>;
  /** Lists at most `limit` rows below `prefix`, sorted by key. */
  list<T>(prefix: Deno.KvKey, options: ListOptions): Promise<Deno.KvEntry<T>[]>;
  /** Writes atomically and returns the versionstamp, or null if a check failed. */
  commit(commit: Commit): Promise<string | null>;
  /** Closes the connection once the calls in flight have ended. */
  close(): Promise<void>;
}
