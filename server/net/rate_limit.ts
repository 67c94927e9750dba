import { AppError } from "../../shared/errors.ts";
import { TokenBucket } from "./token_bucket.ts";
import type { Rate } from "./token_bucket.ts";

/** Below this number of buckets, none is removed. */
const SWEEP_MIN_COUNT = 10_000;
/** Above this number the oldest is dropped, full or not, so that memory is bounded. */
const BUCKET_MAX_COUNT = 200_000;

/** The token buckets of this process, one per name and subject. */
export class RateLimiter {
  readonly #now: () => number;
  readonly #buckets = new Map<string, TokenBucket>();
  #sweepAt = SWEEP_MIN_COUNT;

  /** `now` returns epoch milliseconds. */
  constructor(options: { readonly now?: () => number } = {}) {
    this.#now = options.now ?? Date.now;
  }

  /** The number of buckets in memory. */
  get size(): number {
    return this.#buckets.size;
  }

  /** Takes one token, or throws `rate_limited` with the time until there is one. */
  take(name: string, subject: string, rate: Rate): void {
    const retryAfterMs = this.tryTake(name, subject, rate);
    if (retryAfterMs > 0) throw rateLimited(retryAfterMs);
  }

  /** Takes one token and returns 0, or takes none and returns the time to wait in milliseconds. */
  tryTake(name: string, subject: string, rate: Rate): number {
    const now = this.#now();
    const bucket = this.#bucket(name, subject, rate, now);
    const waitMs = bucket.waitMs(now);
    if (waitMs === 0) bucket.spend(1);
    return waitMs;
  }

  /** Returns a token, for things that turned out not to count. */
  giveBack(name: string, subject: string, rate: Rate): void {
    const now = this.#now();
    this.#bucket(name, subject, rate, now).giveBack(now);
  }

  /** Returns the time until there is a token without taking it, for limits that only count failures. */
  peek(name: string, subject: string, rate: Rate): number {
    const now = this.#now();
    return this.#bucket(name, subject, rate, now).waitMs(now);
  }

  #bucket(name: string, subject: string, rate: Rate, now: number): TokenBucket {
    return this.#buckets.getOrInsertComputed(`${name} ${subject}`, () => {
      if (this.#buckets.size >= this.#sweepAt) this.#sweep(now);
      return new TokenBucket(rate, now);
    });
  }

  /** Removes full buckets, which are the same as new ones. */
  #sweep(now: number): void {
    for (const [key, bucket] of this.#buckets) {
      if (bucket.isFull(now)) this.#buckets.delete(key);
    }
    // A tenth at once; otherwise, under attack, every new bucket would cost a scan of all of them.
    for (const key of this.#buckets.keys()) {
      if (this.#buckets.size < BUCKET_MAX_COUNT * 0.9) break;
      this.#buckets.delete(key);
    }
    this.#sweepAt = Math.min(BUCKET_MAX_COUNT, Math.max(SWEEP_MIN_COUNT, this.#buckets.size * 2));
  }
}

/** Creates the error for a limit that was reached. */
export function rateLimited(retryAfterMs: number): AppError {
  const seconds = Math.max(1, Math.ceil(retryAfterMs / 1000));
  return new AppError("rate_limited", `Too many requests, try again in ${seconds} s`, { retryAfterMs });
}

/** Makes the error that ends a call whose caller has disconnected; nobody reads it. */
export function callerIsGone(): AppError {
  return new AppError("rate_limited", "The request was cancelled", { retryAfterMs: 1_000 });
}
