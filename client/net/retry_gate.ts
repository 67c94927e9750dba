import { backoffMs } from "./backoff.ts";

/** What a gate needs. */
export interface RetryGateOptions {
  readonly now: () => number;
  readonly random: () => number;
  /** How many dials have failed, and when the next one starts; null once it does. */
  readonly onPlanned: (failedCount: number, retryAt: number | null) => void;
}

/** A connection that ended sooner than this has not proved that dialing works. */
const PROVEN_AFTER_MS = 5_000;

/** Lets dials through one by one, with a growing, jittered wait that a person can cut short. */
export class RetryGate {
  readonly #options: RetryGateOptions;
  #failedCount = 0;
  #lostAt: number | null = null;
  #openedAt: number | null = null;
  /** A dial beside the connection that works has failed since: the next one waits like any other. */
  #isDoubted = false;
  #atLeastMs = 0;
  #end: ((error?: Error) => void) | null = null;

  constructor(options: RetryGateOptions) {
    this.#options = options;
  }

  /** Resolves when the next dial may start. */
  async pass(): Promise<void> {
    const { now, random, onPlanned } = this.#options;
    // The very first dial needs no wait, nor does one that the server asks for while the old connection works.
    const isFree = this.#openedAt !== null
      ? !this.#isDoubted
      : this.#lostAt === null && this.#failedCount === 0;
    if (isFree) return;
    const lostForMs = this.#lostAt === null ? 0 : now() - this.#lostAt;
    const ms = backoffMs({ failedCount: this.#failedCount, lostForMs, atLeastMs: this.#atLeastMs }, random);
    this.#atLeastMs = 0;
    onPlanned(this.#failedCount, now() + ms);
    await this.#wait(ms);
    onPlanned(this.#failedCount, null);
  }

  /** Lets the waiting dial through now. */
  open(): void {
    this.#end?.();
  }

  /** Nobody waits for the next dial any more. */
  cancel(): void {
    this.#end?.(new Error("Not needed any more"));
    this.reset();
  }

  /** Forgets earlier trouble. */
  reset(): void {
    this.#failedCount = 0;
    this.#lostAt = null;
    this.#openedAt = null;
    this.#isDoubted = false;
    this.#atLeastMs = 0;
  }

  /** A dial worked. */
  succeeded(): void {
    this.#openedAt = this.#options.now();
    this.#isDoubted = false;
  }

  /** A dial did not work. */
  failed(): void {
    this.#failedCount++;
    this.#isDoubted = true;
    this.#lostAt ??= this.#options.now();
  }

  /** A working connection ended; the server may ask for a wait. */
  lost(atLeastMs = 0): void {
    const now = this.#options.now();
    // Only a connection that lasted starts the count anew, or a server that refuses at once is hammered.
    if (this.#openedAt !== null && now - this.#openedAt >= PROVEN_AFTER_MS) {
      this.#failedCount = 0;
      this.#lostAt = now;
    } else {
      this.#failedCount++;
      this.#lostAt ??= now;
    }
    this.#openedAt = null;
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
