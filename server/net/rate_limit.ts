import { AppError } from "../../shared/errors.ts";

/** A long-term rate, and how many tokens can be used at once. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

interface Bucket {
  tokens: number;
  at: number;
  readonly rate: Rate;
}

/** Below this number of buckets, none is removed. */
const SWEEP_MIN_COUNT = 10_000;
/** Above this number the oldest is dropped, full or not, so that memory is bounded. */
const BUCKET_MAX_COUNT = 200_000;

/** The token buckets of this process, one per name and subject. */
export class RateLimiter {
  readonly #now: () => number;
  readonly #buckets = new Map<string, Bucket>();
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
    const bucket = this.#refill(name, subject, rate);
    if (bucket.tokens < 1) return waitFor(bucket, rate);
    bucket.tokens -= 1;
    return 0;
  }

  /** Returns a token, for things that turned out not to count. */
  giveBack(name: string, subject: string, rate: Rate): void {
    const bucket = this.#refill(name, subject, rate);
    bucket.tokens = Math.min(rate.burst, bucket.tokens + 1);
  }

  /** Returns the time until there is a token without taking it, for limits that only count failures. */
  peek(name: string, subject: string, rate: Rate): number {
    const bucket = this.#refill(name, subject, rate);
    return bucket.tokens < 1 ? waitFor(bucket, rate) : 0;
  }

  #refill(name: string, subject: string, rate: Rate): Bucket {
    const key = `${name} ${subject}`;
    const now = this.#now();
    let bucket = this.#buckets.get(key);
    if (bucket === undefined) {
      if (this.#buckets.size >= this.#sweepAt) this.#sweep(now);
      bucket = { tokens: rate.burst, at: now, rate };
      this.#buckets.set(key, bucket);
      return bucket;
    }
    bucket.tokens = tokensAt(bucket, now);
    bucket.at = now;
    return bucket;
  }

  /** Removes full buckets, which are the same as new ones. */
  #sweep(now: number): void {
    for (const [key, bucket] of this.#buckets) {
      if (tokensAt(bucket, now) >= bucket.rate.burst) this.#buckets.delete(key);
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

function tokensAt(bucket: Bucket, now: number): number {
  // If the clock steps back, no tokens are lost.
  const elapsedMs = Math.max(0, now - bucket.at);
  return Math.min(bucket.rate.burst, bucket.tokens + elapsedMs / 1000 * bucket.rate.perSecond);
}

function waitFor(bucket: Bucket, rate: Rate): number {
  return Math.max(1, Math.ceil((1 - bucket.tokens) / rate.perSecond * 1000));
}
