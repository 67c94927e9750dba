import type { Rate } from "./rate_limit.ts";

/** A token bucket that can be overdrawn, because the cost of work is only known afterwards. */
export class Allowance {
  readonly #rate: Rate;
  #units: number;
  #at: number;

  /** Starts full. Times are in milliseconds of the monotonic clock. */
  constructor(rate: Rate, now: number) {
    this.#rate = rate;
    this.#units = rate.burst;
    this.#at = now;
  }

  /** Takes units, even if the bucket is empty. */
  spend(units: number): void {
    this.#units -= units;
  }

  /** How long until the bucket is no longer empty; 0 if it is not. */
  waitMs(now: number): number {
    const units = this.#refill(now);
    return units > 0 ? 0 : Math.ceil((1 - units) / this.#rate.perSecond * 1000);
  }

  /** Whether the bucket is full. */
  isFull(now: number): boolean {
    return this.#refill(now) >= this.#rate.burst;
  }

  #refill(now: number): number {
    const { perSecond, burst } = this.#rate;
    this.#units = Math.min(burst, this.#units + (now - this.#at) / 1000 * perSecond);
    this.#at = now;
    return this.#units;
  }
}
