/** A long-term rate, and how many tokens can be used at once. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/** Fills with tokens at a rate, up to a burst. It can be overdrawn, because the cost of work is only known afterwards. */
export class TokenBucket {
  readonly #rate: Rate;
  #tokens: number;
  #at: number;

  /** Starts full. Times are in milliseconds of any one clock. */
  constructor(rate: Rate, now: number) {
    this.#rate = rate;
    this.#tokens = rate.burst;
    this.#at = now;
  }

  /** Takes tokens, even if there are not enough. */
  spend(count: number): void {
    this.#tokens -= count;
  }

  /** Returns one token, for something that turned out not to count. */
  giveBack(now: number): void {
    this.#tokens = Math.min(this.#rate.burst, this.#refill(now) + 1);
  }

  /** Returns the time until there is a token; 0 if there is one. */
  waitMs(now: number): number {
    const tokens = this.#refill(now);
    return tokens >= 1 ? 0 : Math.max(1, Math.ceil((1 - tokens) / this.#rate.perSecond * 1000));
  }

  /** Returns whether it is the same as a new one. */
  isFull(now: number): boolean {
    return this.#refill(now) >= this.#rate.burst;
  }

  #refill(now: number): number {
    const { perSecond, burst } = this.#rate;
    // If the clock steps back, no tokens are lost.
    const elapsedMs = Math.max(0, now - this.#at);
    this.#tokens = Math.min(burst, this.#tokens + elapsedMs / 1000 * perSecond);
    this.#at = now;
    return this.#tokens;
  }
}
