import type { Commit, Database, ListOptions } from "./database.ts";
import { applyCommit, CALL_TIMEOUT_MS, getManyInParts, listRows } from "./kv_calls.ts";
import { ReadBatches } from "./read_batches.ts";
import { asStorageError, CallTimeout } from "./storage_error.ts";

/** How often to look for calls that have timed out. */
const CHECK_INTERVAL_MS = 500;

interface Call {
  readonly work: Promise<unknown>;
  /** When it times out, in ms of the monotonic clock; Infinity afterwards. */
  failsAt: number;
  readonly fail: (error: CallTimeout) => void;
}

/** Storage on one KV handle: a SQLite file or `:memory:`. */
export class KvDatabase implements Database {
  readonly #kv: Deno.Kv;
  readonly #reads: ReadBatches;
  /** Calls in flight, the oldest first. */
  readonly #calls = new Set<Call>();
  /** One timer for all calls; one timer per call cost more than the rest of this class. */
  readonly #timer: ReturnType<typeof setInterval>;

  /** Takes ownership of the handle. */
  constructor(kv: Deno.Kv) {
    this.#kv = kv;
    this.#reads = new ReadBatches(kv);
    this.#timer = setInterval(() => this.#failLate(), CHECK_INTERVAL_MS);
    this.#timer.unref();
  }

  async get<T>(key: Deno.KvKey): Promise<Deno.KvEntryMaybe<T>> {
    const [entry] = await this.getMany<T>([key]);
    return entry as Deno.KvEntryMaybe<T>;
  }

  getMany<T>(keys: readonly Deno.KvKey[]): Promise<Deno.KvEntryMaybe<T>[]> {
    return getManyInParts<T>(
      keys,
      (part) => this.#call(this.#reads.read(part)) as Promise<Deno.KvEntryMaybe<T>[]>,
    );
  }

  list<T>(prefix: Deno.KvKey, options: ListOptions): Promise<Deno.KvEntry<T>[]> {
    return this.#call(listRows<T>(this.#kv, prefix, options));
  }

  commit(commit: Commit): Promise<string | null> {
    return this.#call(applyCommit(this.#kv, commit));
  }

  async close(): Promise<void> {
    // Wait for commits in flight: closing would reject them although they may be written.
    await Promise.allSettled([...this.#calls].map(({ work }) => work));
    clearInterval(this.#timer);
    this.#kv.close();
  }

  #call<T>(work: Promise<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const call: Call = { work, failsAt: performance.now() + CALL_TIMEOUT_MS, fail: reject };
    this.#calls.add(call);
    work.then((value) => {
      this.#calls.delete(call);
      resolve(value);
    }, (cause) => {
      this.#calls.delete(call);
      reject(asStorageError(cause));
    });
    return promise;
  }

  /** Rejects calls that have timed out; their work may still finish. */
  #failLate(): void {
    const now = performance.now();
    for (const call of this.#calls) {
      if (call.failsAt === Infinity) continue;
      if (call.failsAt > now) return;
      call.failsAt = Infinity;
      call.fail(new CallTimeout(call.work));
    }
  }
}
