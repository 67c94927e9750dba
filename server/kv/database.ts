/** Rows that one commit checks on KV Connect, and on a SQLite file (measured). */
export const REMOTE_COMMIT_MAX_CHECK_COUNT = 10;
export const FILE_COMMIT_MAX_CHECK_COUNT = 100;
/** What one commit writes, by upper bounds: well below the limits of KV (1000 mutations, 800 KiB, 80 KiB of keys). */
export const COMMIT_MAX_MUTATION_COUNT = 800;
export const COMMIT_MAX_BYTES = 400 * 1024;
export const COMMIT_MAX_KEY_BYTES = 60 * 1024;

/** What one atomic commit does. All checks hold and all is written, or nothing is. */
export interface Commit {
  readonly checks?: readonly Deno.AtomicCheck[];
  readonly sets?: readonly (readonly [key: Deno.KvKey, value: unknown])[];
  /** Rows whose key ends with this commit's own versionstamp; no two may have the same prefix. */
  readonly stamped?: readonly (readonly [prefix: Deno.KvKey, value: unknown])[];
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
