import { CallTimeout } from "./storage_error.ts";
import type { Commit, ListOptions } from "./database.ts";

/** Maximum number of keys in one `getMany` call of KV. */
export const GET_MANY_MAX_COUNT = 10;
const LIST_BATCH_MAX_COUNT = 500;

/** Timeout of one call to storage. */
export const CALL_TIMEOUT_MS = 5_000;

/** Reads any number of rows in order, in as few calls as KV allows. */
export async function getManyInParts<T>(
  keys: readonly Deno.KvKey[],
  read: (part: readonly Deno.KvKey[]) => Promise<Deno.KvEntryMaybe<T>[]>,
): Promise<Deno.KvEntryMaybe<T>[]> {
  if (keys.length <= GET_MANY_MAX_COUNT) return keys.length === 0 ? [] : await read(keys);
  const parts: Promise<Deno.KvEntryMaybe<T>[]>[] = [];
  for (let from = 0; from < keys.length; from += GET_MANY_MAX_COUNT) {
    parts.push(read(keys.slice(from, from + GET_MANY_MAX_COUNT)));
  }
  return (await Promise.all(parts)).flat();
}

/** Lists rows below a prefix. */
export async function listRows<T>(
  kv: Deno.Kv,
  prefix: Deno.KvKey,
  options: ListOptions,
): Promise<Deno.KvEntry<T>[]> {
  const { limit, reverse = false, start, end } = options;
  const rows: Deno.KvEntry<T>[] = [];
  // KV accepts a prefix with one bound, or two bounds without a prefix.
  const selector = {
    ...(start !== undefined && end !== undefined ? {} : { prefix }),
    ...(start === undefined ? {} : { start }),
    ...(end === undefined ? {} : { end }),
  } as Deno.KvListSelector;
  // One batch for all rows, instead of a call per 100 rows.
  const batchSize = Math.max(1, Math.min(limit, LIST_BATCH_MAX_COUNT));
  for await (const row of kv.list<T>(selector, { limit, reverse, batchSize })) rows.push(row);
  return rows;
}

/** Writes a commit; returns its versionstamp, or null if a check failed. */
export async function applyCommit(kv: Deno.Kv, commit: Commit): Promise<string | null> {
  const atomic = kv.atomic();
  if (commit.checks) atomic.check(...commit.checks);
  for (const [key, value] of commit.sets ?? []) atomic.set(key, value);
  for (const [prefix, value] of commit.stamped ?? []) {
    // The key types lack the placeholder that KV replaces with the versionstamp of the commit.
    atomic.set([...prefix, kv.commitVersionstamp() as unknown as Deno.KvKeyPart], value);
  }
  for (const key of commit.deletes ?? []) atomic.delete(key);
  const result = await atomic.commit();
  return result.ok ? result.versionstamp : null;
}

/** Returns the time in `ms` milliseconds by the monotonic clock. */
export function deadlineIn(ms: number): number {
  return performance.now() + ms;
}

/** Waits for a call, at most until a deadline, then throws a CallTimeout; the call itself may still finish. */
export async function withDeadline<T>(work: Promise<T>, deadline: number): Promise<T> {
  const { promise: expired, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new CallTimeout(work)), Math.max(0, deadline - performance.now()));
  // After the deadline nobody waits for it, and a late failure must not end the process.
  work.catch(() => {});
  try {
    return await Promise.race([work, expired]);
  } finally {
    clearTimeout(timer);
  }
}
