import type { CallUpdate } from "../../shared/call/call_types.ts";
import { newSecret } from "../../shared/ids.ts";
import { jsonSize } from "../net/json_size.ts";
import type { Item } from "../streams/frames.ts";
import type { Sink } from "../streams/sink.ts";

/** How much and how long a tab that polls may be behind; beyond that it starts over with a snapshot. */
const BUFFER_MAX_BYTES = 256 * 1024;
const BUFFER_KEEP_MS = 30_000;

interface Kept {
  readonly number: number;
  readonly update: CallUpdate;
  readonly sizeBytes: number;
  readonly at: number;
}

/** Updates for one tab that polls, until it says that it has them. */
export class PollBuffer implements Sink {
  readonly isSlow = false;
  readonly #id = newSecret().slice(0, 16);
  /** Monotonic time in milliseconds. */
  readonly #elapsed: () => number;
  #kept: Kept[] = [];
  #sizeBytes = 0;
  /** Numbers of the last update, and of the last one that is no longer kept. */
  #last = 0;
  #dropped = 0;
  #wake: () => void = () => {};

  constructor(elapsed: () => number) {
    this.#elapsed = elapsed;
  }

  /** The cursor after the last update. */
  get cursor(): string {
    return `${this.#id}.${this.#last}`;
  }

  write(items: readonly Item[]): boolean {
    for (const { value } of items) this.#add(value as CallUpdate);
    this.#dropWhile(({ at }) => this.#sizeBytes > BUFFER_MAX_BYTES || this.#elapsed() - at > BUFFER_KEEP_MS);
    this.#wake();
    return true;
  }

  drained(): Promise<void> {
    return Promise.resolve();
  }

  /** Forgets what the tab has; false if it must start over, because the cursor is of another buffer or too old. */
  acknowledge(cursor: string): boolean {
    const [id, text = ""] = cursor.split(".");
    const number = Number(text);
    this.#dropWhile(({ at }) => this.#elapsed() - at > BUFFER_KEEP_MS);
    if (id !== this.#id || !(number >= this.#dropped && number <= this.#last)) return false;
    this.#dropWhile((kept) => kept.number <= number);
    return true;
  }

  /** Returns everything that is kept. */
  updates(): CallUpdate[] {
    return this.#kept.map(({ update }) => update);
  }

  /** Resolves when there is something, or another poll of the tab waits, or the signal aborts. */
  async wait(signal: AbortSignal): Promise<void> {
    this.#wake();
    if (this.#kept.length > 0 || signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    signal.addEventListener("abort", () => resolve(), { once: true });
    await promise;
  }

  #add(update: CallUpdate): void {
    // Whoever is out of a call gets no more of its signals, not even earlier ones.
    if (update.type === "call_ended") {
      this.#keepOnly(({ update: kept }) => kept.type !== "signal" || kept.callId !== update.callId);
    }
    const sizeBytes = jsonSize(update);
    this.#kept.push({ number: ++this.#last, update, sizeBytes, at: this.#elapsed() });
    this.#sizeBytes += sizeBytes;
  }

  #keepOnly(isKept: (kept: Kept) => boolean): void {
    this.#kept = this.#kept.filter(isKept);
    this.#sizeBytes = this.#kept.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  }

  #dropWhile(isDropped: (kept: Kept) => boolean): void {
    for (let first = this.#kept[0]; first !== undefined && isDropped(first); first = this.#kept[0]) {
      this.#kept.shift();
      this.#sizeBytes -= first.sizeBytes;
      this.#dropped = first.number;
    }
  }
}
