import { isRefusedUnread } from "../kv/storage_error.ts";
import type { Log } from "../log.ts";
import type { SignalRow } from "./feed.ts";

const BATCH_MS = 50;
const RETRY_MS = 500;
/** A value is at most 64 KiB when serialized, which is never larger than its JSON. */
const BATCH_MAX_BYTES = 40 * 1024;
/** Maximum number of waiting signals while storage is away; losing more is corrected by later ones. */
const WAITING_MAX_COUNT = 5_000;

export interface SignalBatchOptions {
  readonly log: Log;
  /** Writes signals in one row. */
  readonly write: (signals: readonly SignalRow[]) => Promise<void>;
}

/** Collects signals for 50 ms and writes them in batches, in order. */
export class SignalBatch {
  readonly #options: SignalBatchOptions;
  #waiting: SignalRow[] = [];
  #timer: ReturnType<typeof setTimeout> | null = null;
  #run: Promise<void> | null = null;
  #isStopped = false;

  constructor(options: SignalBatchOptions) {
    this.#options = options;
  }

  /** Adds a signal to the next batch. */
  add(signal: SignalRow): void {
    if (this.#isStopped) return;
    // Drop the oldest: leases are renewed, and typing is repeated.
    if (this.#waiting.length >= WAITING_MAX_COUNT) this.#waiting.shift();
    this.#waiting.push(signal);
    this.#flushIn(BATCH_MS);
  }

  /** Writes the waiting signals once; signals that cannot be written are lost. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#run;
    await this.#writeAll();
  }

  #flushIn(ms: number): void {
    if (this.#run !== null) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#run = this.#writeAll().then((isDone) => {
        this.#run = null;
        if (this.#waiting.length > 0 && !this.#isStopped) this.#flushIn(isDone ? BATCH_MS : RETRY_MS);
      });
    }, ms);
  }

  async #writeAll(): Promise<boolean> {
    while (this.#waiting.length > 0) {
      const batch = takeBatch(this.#waiting);
      try {
        await this.#options.write(batch);
        this.#waiting = this.#waiting.slice(batch.length);
      } catch (error) {
        if (isRefusedUnread(error)) {
          // It would be refused each time, and everything behind it would wait forever.
          this.#waiting = this.#waiting.slice(batch.length);
          this.#options.log.warn("Signals that storage refuses are lost", { count: batch.length });
          continue;
        }
        this.#options.log.warn("Signals for other instances are delayed, storage does not answer", {
          count: this.#waiting.length,
          reason: error instanceof Error ? error.message : String(error),
        });
        return false;
      }
    }
    return true;
  }
}

function takeBatch(signals: readonly SignalRow[]): SignalRow[] {
  let bytes = 0;
  const batch: SignalRow[] = [];
  for (const signal of signals) {
    bytes += JSON.stringify(signal).length;
    if (batch.length > 0 && bytes > BATCH_MAX_BYTES) break;
    batch.push(signal);
  }
  return batch;
}
