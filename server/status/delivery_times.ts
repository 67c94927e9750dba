import type { StatusMetrics } from "../../shared/status/status.ts";

/** One hour of probes. */
const SAMPLES_MAX_COUNT = 180;

/** How long the synthetic messages of the last hour took. */
export class DeliveryTimes {
  readonly #samples: number[] = [];

  /** Adds the newest. */
  add(ms: number): void {
    this.#samples.push(ms);
    if (this.#samples.length > SAMPLES_MAX_COUNT) this.#samples.shift();
  }

  /** The half of all and 95 of 100, rounded up to whole milliseconds. */
  percentiles(): StatusMetrics["deliveredMs"] {
    const sorted = this.#samples.toSorted((a, b) => a - b);
    if (sorted.length === 0) return null;
    const at = (share: number) => Math.ceil(sorted[Math.ceil(share * sorted.length) - 1] ?? 0);
    return { p50: at(0.5), p95: at(0.95) };
  }
}
