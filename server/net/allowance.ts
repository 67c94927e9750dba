import type { Rate } from "./rate_limit.ts";

/** A bucket of units that may be overdrawn: what work costs is known only when it is done. */
export class Allowance {
  readonly #rate: Rate;
  #units: number;
  #at: number;

  /** Begins full; times are milliseconds of the monotonic clock. */
  constructor(rate: Rate, now: number) {
    this.#rate = rate;
    this.#units = rate.burst;
    this.#at = now;
  }

  /** Takes units, also those that are not there. */
  spend(units: number): void {
    this.#units -= units;
  }

  /** How long until there is something again; 0 while there is. */
  waitMs(now: number): number {
    const units = this.#refill(now);
    return units > 0 ? 0 : Math.ceil((1 - units) / this.#rate.perSecond * 1000);
  }

  /** True when nothing is missing. */
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
