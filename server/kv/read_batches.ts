import { GET_MANY_MAX_COUNT } from "./kv_calls.ts";

type Entries = Deno.KvEntryMaybe<unknown>[];

interface Read {
  readonly keys: readonly Deno.KvKey[];
  readonly resolve: (entries: Entries) => void;
  readonly reject: (cause: unknown) => void;
}

/**
 * Puts reads of several callers into one call to KV, which costs about as much as a call for one key. A read starts at
 * once if no other is in flight; otherwise it waits for the end of this event-loop turn.
 */
export class ReadBatches {
  readonly #kv: Deno.Kv;
  readonly #waiting: Read[] = [];
  #inFlightCount = 0;
  #isScheduled = false;

  /** Reads from a handle. */
  constructor(kv: Deno.Kv) {
    this.#kv = kv;
  }

  /** Reads rows as of one moment, in the order of their keys; at most as many as KV allows. */
  read(keys: readonly Deno.KvKey[]): Promise<Entries> {
    const { promise, resolve, reject } = Promise.withResolvers<Entries>();
    const read: Read = { keys, resolve, reject };
    if (this.#inFlightCount === 0 && this.#waiting.length === 0) this.#start([read]);
    else {
      this.#waiting.push(read);
      this.#schedule();
    }
    return promise;
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      while (this.#waiting.length > 0) this.#start(takeTogether(this.#waiting));
    });
  }

  #start(reads: readonly Read[]): void {
    this.#inFlightCount++;
    this.#kv.getMany<unknown[]>(reads.flatMap(({ keys }) => keys)).then((entries) => {
      this.#inFlightCount--;
      let from = 0;
      for (const { keys, resolve } of reads) resolve(entries.slice(from, from += keys.length));
    }, (cause) => {
      this.#inFlightCount--;
      const [only] = reads;
      // The keys of one caller may be invalid, and only that read must fail.
      if (reads.length > 1) { for (const read of reads) this.#start([read]); }
      else only?.reject(cause);
    });
  }
}

/** Takes the first reads that fit into one call. */
function takeTogether(waiting: Read[]): Read[] {
  let keyCount = 0;
  let count = 0;
  for (const { keys } of waiting) {
    if (count > 0 && keyCount + keys.length > GET_MANY_MAX_COUNT) break;
    keyCount += keys.length;
    count++;
  }
  return waiting.splice(0, count);
}
