import type { StatusMetrics } from "../../shared/status/status.ts";

/** One hour of probes. */
const SAMPLES_MAX_COUNT = 180;
/** The day is kept by quarters of an hour. */
const SLOT_MS = 900_000;
const SLOTS_COUNT = 96;

/** Half of the synthetic messages of a quarter of an hour took at most this long. */
export interface DeliverySlot {
  /** Start in epoch ms. */
  readonly at: number;
  readonly ms: number;
}

/** How long the synthetic messages of the last hour took, and in short those of the last day. */
export class DeliveryTimes {
  readonly #samples: number[] = [];
  #slots: readonly DeliverySlot[] = [];
  #slotSamples: number[] = [];

  /** Takes over what was measured before a restart. */
  restore(slots: readonly DeliverySlot[]): void {
    this.#slots = slots;
  }

  /** Adds the newest. */
  add(ms: number, now: number): void {
    this.#samples.push(ms);
    if (this.#samples.length > SAMPLES_MAX_COUNT) this.#samples.shift();
    const at = slotOf(now);
    const last = this.#slots.at(-1);
    if (last?.at !== at) this.#slotSamples = [];
    this.#slotSamples.push(ms);
    const slot = { at, ms: percentile(this.#slotSamples, 0.5) };
    // A clock that was set back begins anew where it is.
    this.#slots = [...this.#slots.filter((one) => one.at < at), slot].slice(-SLOTS_COUNT);
  }

  /** The half of all and 95 of 100, rounded up to whole milliseconds. */
  percentiles(): StatusMetrics["deliveredMs"] {
    if (this.#samples.length === 0) return null;
    return { p50: percentile(this.#samples, 0.5), p95: percentile(this.#samples, 0.95) };
  }

  /** What is worth keeping over a restart. */
  get slots(): readonly DeliverySlot[] {
    return this.#slots;
  }

  /** The last 24 hours by quarters, oldest first; null where nothing was measured. */
  day(now: number): (number | null)[] {
    const byTime = new Map(this.#slots.map(({ at, ms }) => [at, ms]));
    return Array.from(
      { length: SLOTS_COUNT },
      (_, index) => byTime.get(slotOf(now) - (SLOTS_COUNT - 1 - index) * SLOT_MS) ?? null,
    );
  }
}

function slotOf(at: number): number {
  return Math.floor(at / SLOT_MS) * SLOT_MS;
}

function percentile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return Math.ceil(sorted[Math.ceil(share * sorted.length) - 1] ?? 0);
}
