import { backoffMs } from "./backoff.ts";

/** Options of `RetryGate`. */
export interface RetryGateOptions {
  readonly now: () => number;
  readonly random: () => number;
  /** When the next dial starts; null when it has. */
  readonly onPlanned: (retryAt: number | null) => void;
}

/** A connection that ended sooner than this counts as a failed dial. Some networks end each after 5 s. */
const PROVEN_AFTER_MS = 3_000;

/** Delays dials by a growing wait with jitter, which the user can cut short. */
export class RetryGate {
  readonly #options: RetryGateOptions;
  #failedCount = 0;
  #lostAt: number | null = null;
  #openedAt: number | null = null;
  /** A dial next to a working connection has failed: the next one waits like any other. */
  #isDoubted = false;
  #atLeastMs = 0;
  /** How long the failed dial took: that much of the wait is over. */
  #tookMs = 0;
  #end: ((error?: Error) => void) | null = null;

  constructor(options: RetryGateOptions) {
    this.#options = options;
  }

  /** Resolves when the next dial may start. */
  async pass(): Promise<void> {
    const { now, random, onPlanned } = this.#options;
    // The first dial needs no wait, nor does one that the server requests while the old connection works.
    const isFree = this.#openedAt !== null
      ? !this.#isDoubted
      : this.#lostAt === null && this.#failedCount === 0;
    if (isFree) return;
    const lostForMs = this.#lostAt === null ? 0 : now() - this.#lostAt;
    const waitMs = backoffMs({ failedCount: this.#failedCount, lostForMs }, random);
    const ms = this.#atLeastMs + Math.max(0, waitMs - this.#tookMs);
    this.#atLeastMs = 0;
    this.#tookMs = 0;
    onPlanned(now() + ms);
    await this.#wait(ms);
    onPlanned(null);
  }

  /** Starts the waiting dial now. */
  open(): void {
    this.#end?.();
  }

  /** Cancels the waiting dial. */
  cancel(): void {
    this.#end?.(new Error("Not needed any more"));
    this.reset();
  }

  /** Resets the count of failures. */
  reset(): void {
    this.#failedCount = 0;
    this.#lostAt = null;
    this.#openedAt = null;
    this.#isDoubted = false;
    this.#atLeastMs = 0;
    this.#tookMs = 0;
  }

  /** A dial has succeeded. */
  succeeded(): void {
    this.#openedAt = this.#options.now();
    this.#isDoubted = false;
  }

  /** A dial has failed, after this time. */
  failed(tookMs = 0): void {
    this.#tookMs = tookMs;
    this.#failedCount++;
    this.#isDoubted = true;
    this.#lostAt ??= this.#options.now();
  }

  /** An open connection has ended; the server may have requested a wait. */
  lost(atLeastMs = 0): void {
    const now = this.#options.now();
    // Only a connection that lasted resets the count, or a server that refuses at once would be hammered.
    if (this.#openedAt !== null && now - this.#openedAt >= PROVEN_AFTER_MS) {
      this.#failedCount = 0;
      this.#lostAt = now;
    } else {
      this.#failedCount++;
      this.#lostAt ??= now;
    }
    this.#openedAt = null;
    this.#tookMs = 0;
    this.#atLeastMs = atLeastMs;
  }

  #wait(ms: number): Promise<void> {
    this.#end?.(new Error("Replaced by a newer dial"));
    return new Promise((resolve, reject) => {
      const end = (error?: Error) => {
        clearTimeout(timer);
        this.#end = null;
        if (error === undefined) resolve();
        else reject(error);
      };
      const timer = setTimeout(() => end(), ms);
      this.#end = end;
    });
  }
}
