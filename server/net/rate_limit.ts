import { AppError } from "../../shared/errors.ts";

/** How many a second in the long run, and how many may come at once. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

interface Bucket {
  tokens: number;
  at: number;
  readonly rate: Rate;
}

/** Below this many buckets none is looked at for removal. */
const SWEEP_MIN_COUNT = 10_000;
/** Beyond this many the oldest goes, full or not: memory is bounded whatever comes in. */
const BUCKET_MAX_COUNT = 200_000;

/** Token buckets of this process, one for each (name, subject). */
export class RateLimiter {
  readonly #now: () => number;
  readonly #buckets = new Map<string, Bucket>();
  #sweepAt = SWEEP_MIN_COUNT;

  /** `now` gives epoch milliseconds. */
  constructor(options: { readonly now?: () => number } = {}) {
    this.#now = options.now ?? Date.now;
  }

  /** How many buckets are kept. */
  get size(): number {
    return this.#buckets.size;
  }

  /** Takes one token or throws `rate_limited` with the wait until there is one. */
  take(name: string, subject: string, rate: Rate): void {
    const retryAfterMs = this.tryTake(name, subject, rate);
    if (retryAfterMs > 0) throw rateLimited(retryAfterMs);
  }

  /** Takes one token and gives 0, or takes none and gives the wait in milliseconds. */
  tryTake(name: string, subject: string, rate: Rate): number {
    const bucket = this.#refill(name, subject, rate);
    if (bucket.tokens < 1) return waitFor(bucket, rate);
    bucket.tokens -= 1;
    return 0;
  }

  /** Puts back a token that was taken for what turned out not to count. */
  giveBack(name: string, subject: string, rate: Rate): void {
    const bucket = this.#refill(name, subject, rate);
    bucket.tokens = Math.min(rate.burst, bucket.tokens + 1);
  }

  /** Gives the wait until a token is there without taking it, for limits that count failures only. */
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

  /** A full bucket says nothing: it may go. */
  #sweep(now: number): void {
    for (const [key, bucket] of this.#buckets) {
      if (tokensAt(bucket, now) >= bucket.rate.burst) this.#buckets.delete(key);
    }
    // A tenth at once, or under attack every new bucket would cost a look at all of them.
    for (const key of this.#buckets.keys()) {
      if (this.#buckets.size < BUCKET_MAX_COUNT * 0.9) break;
      this.#buckets.delete(key);
    }
    this.#sweepAt = Math.min(BUCKET_MAX_COUNT, Math.max(SWEEP_MIN_COUNT, this.#buckets.size * 2));
  }
}

/** Makes the error for a limit that is reached. */
export function rateLimited(retryAfterMs: number): AppError {
  const seconds = Math.max(1, Math.ceil(retryAfterMs / 1000));
  return new AppError("rate_limited", `Too many requests, try again in ${seconds} s`, { retryAfterMs });
}

function tokensAt(bucket: Bucket, now: number): number {
  // A clock that was set back must not take tokens away.
  const elapsedMs = Math.max(0, now - bucket.at);
  return Math.min(bucket.rate.burst, bucket.tokens + elapsedMs / 1000 * bucket.rate.perSecond);
}

function waitFor(bucket: Bucket, rate: Rate): number {
  return Math.max(1, Math.ceil((1 - bucket.tokens) / rate.perSecond * 1000));
}
