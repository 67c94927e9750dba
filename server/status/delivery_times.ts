import type { StatusMetrics } from "../../shared/status/status.ts";

/** One hour of probes. */
const SAMPLES_MAX_COUNT = 180;
const SAMPLES_MAX_AGE_MS = 3_600_000;
/** The day is kept by quarters of an hour. */
const SLOT_MS = 900_000;
const SLOTS_COUNT = 96;

/** Half of the synthetic messages of a quarter of an hour took at most this long. */
export interface DeliverySlot {
  /** Start in epoch ms. */
  readonly at: number;
  readonly ms: number;
}

/** How long the synthetic messages of the last hour took, for other instances to merge. */
export interface RecentDeliveries {
  /** When the last one was delivered, in epoch ms. */
  readonly at: number;
  /** Rounded up to whole milliseconds. */
  readonly ms: readonly number[];
}

/** How long the synthetic messages of the last hour took, and in short those of the last day. */
export class DeliveryTimes {
  #samples: readonly DeliverySlot[] = [];
  #slots: readonly DeliverySlot[] = [];
  #slotSamples: number[] = [];

  /** Takes over what was measured before a restart; what was measured since stays. */
  restore(slots: readonly DeliverySlot[]): void {
    const first = this.#slots[0]?.at ?? Infinity;
    this.#slots = [...slots.filter(({ at }) => at < first), ...this.#slots].slice(-SLOTS_COUNT);
  }

  /** Adds the newest. */
  add(ms: number, now: number): void {
    const isRecent = (sample: DeliverySlot) => Math.abs(now - sample.at) < SAMPLES_MAX_AGE_MS;
    const samples = [...this.#samples.filter(isRecent), { at: now, ms: Math.ceil(ms) }];
    this.#samples = samples.slice(-SAMPLES_MAX_COUNT);
    const at = slotOf(now);
    const last = this.#slots.at(-1);
    if (last?.at !== at) this.#slotSamples = [];
    this.#slotSamples.push(ms);
    const slot = { at, ms: percentile(this.#slotSamples, 0.5) };
    // A clock that was set back begins anew where it is.
    this.#slots = [...this.#slots.filter((one) => one.at < at), slot].slice(-SLOTS_COUNT);
  }

  /** The last hour; null when nothing was delivered. */
  get recent(): RecentDeliveries | null {
    const last = this.#samples.at(-1);
    return last === undefined ? null : { at: last.at, ms: this.#samples.map(({ ms }) => ms) };
  }

  /** What is worth keeping over a restart. */
  get slots(): readonly DeliverySlot[] {
    return this.#slots;
  }
}

/** The half of all and 95 of 100, of what several instances delivered; null when that is nothing. */
export function percentilesOf(all: readonly RecentDeliveries[]): StatusMetrics["deliveredMs"] {
  const samples = all.flatMap(({ ms }) => ms);
  if (samples.length === 0) return null;
  return { p50: percentile(samples, 0.5), p95: percentile(samples, 0.95) };
}

/**
 * The last 24 hours by quarters, oldest first; null where nothing was measured. Of several instances the slowest
 * counts, so that none hides behind the others.
 */
export function dayOfDeliveries(all: readonly (readonly DeliverySlot[])[], now: number): (number | null)[] {
  const byTime = new Map<number, number>();
  for (const { at, ms } of all.flat()) byTime.set(at, Math.max(ms, byTime.get(at) ?? 0));
  return Array.from(
    { length: SLOTS_COUNT },
    (_, index) => byTime.get(slotOf(now) - (SLOTS_COUNT - 1 - index) * SLOT_MS) ?? null,
  );
}

function slotOf(at: number): number {
  return Math.floor(at / SLOT_MS) * SLOT_MS;
}

function percentile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return Math.ceil(sorted[Math.ceil(share * sorted.length) - 1] ?? 0);
}
