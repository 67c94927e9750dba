import {
  excuse,
  GAP_MAX_MS,
  gapAtStart,
  gapWhileRunning,
  hasSurvivor,
  HEARTBEAT_MS,
} from "../../shared/status/heartbeat.ts";
import type { ClockReading, Heartbeat } from "../../shared/status/heartbeat.ts";
import { addTime, splitByDay, uncounted, UPTIME_DAYS_COUNT } from "../../shared/status/uptime.ts";
import type { Span } from "../../shared/status/uptime.ts";
import type { StatusBoard } from "./status_board.ts";
import type { ComponentSpan, Days, UptimeStore } from "./uptime_store.ts";

/** Hours of flapping while storage is down; beyond that the oldest time stays unknown. */
const PENDING_MAX_COUNT = 5_000;

/** The components that are counted as down while processes live and storage is gone. */
export const STORED_IDS: readonly string[] = ["storage", "messages"];

/** A gap before this start that is not counted yet. */
interface Silence {
  readonly gap: Span;
  /** The last heartbeats before it. */
  readonly beats: ReadonlyMap<string, Heartbeat>;
  /** When this process found it, by the clock that only moves forward. */
  readonly foundAt: number;
}

export interface UptimeCounterOptions {
  readonly store: UptimeStore;
  readonly board: StatusBoard;
  readonly componentIds: readonly string[];
  /** Different for every process. */
  readonly instanceId: string;
  readonly clocks: () => ClockReading;
  /** Whether this instance counts for all. */
  readonly isFirst: () => boolean;
  /** Whether other instances may use the same storage. */
  readonly isShared: boolean;
}

/** Counts how long components were in which state, our own downtime included, and writes that once a minute. */
export class UptimeCounter {
  readonly #options: UptimeCounterOptions;
  #pending: ComponentSpan[] = [];
  /** Spans that are being written. */
  #writing: readonly ComponentSpan[] = [];
  /** What is stored, as far as it is shown. */
  readonly #written: Days = new Map();
  #countedUntil: ReadonlyMap<string, number> = new Map();
  #last: ClockReading | null = null;
  #flushedAt = -Infinity;
  #silence: Silence | null = null;
  /** When this process started, in epoch ms: only what was before it is a silence, however late heartbeats are read. */
  #startedAt: number | null = null;
  #isRead = false;

  constructor(options: UptimeCounterOptions) {
    this.#options = options;
  }

  /** Finds the silence before this start, and reads the days that are shown. What fails is done by a later `flush`. */
  async start(): Promise<void> {
    this.#startedAt ??= this.#options.clocks().wallMs;
    await this.flush({ isPlanned: false });
  }

  /** Looks at the clocks: a process that stood still was down. Call it before the probes of each round. */
  lookAtClocks(): void {
    const reading = this.#options.clocks();
    const gap = this.#last === null ? null : gapWhileRunning(this.#last, reading);
    const spans = gap === null ? [] : this.#spansOf(gap, this.#options.componentIds);
    for (const span of spans) this.add(span);
    this.#last = reading;
  }

  /** Adds a stretch of one component. */
  add(span: ComponentSpan): void {
    if (!this.#options.isFirst()) return;
    const last = this.#pending.findLast(({ id }) => id === span.id);
    if (last !== undefined && last.to === span.from && last.state === span.state) {
      this.#pending[this.#pending.indexOf(last)] = { ...last, to: span.to };
    } else this.#pending.push(span);
    if (this.#pending.length > PENDING_MAX_COUNT) this.#pending.shift();
    this.#showDays(span.id);
  }

  /** Whether it is time for a heartbeat. */
  get isDue(): boolean {
    return Math.abs(this.#options.clocks().wallMs - this.#flushedAt) >= HEARTBEAT_MS;
  }

  /** Writes what was counted, and a heartbeat. What fails is written with the next one. */
  async flush({ isPlanned }: { readonly isPlanned: boolean }): Promise<void> {
    const { store, componentIds, clocks, instanceId, isFirst } = this.#options;
    const { wallMs } = clocks();
    // A heartbeat would hide the silence, and a day that is counted first would be shown without the others.
    await this.#read();
    const canWrite = isPlanned || !this.#mustWait();
    if (canWrite) {
      await this.#countSilence();
      await this.#writePending();
    }
    if (!isFirst()) this.#show(await store.days(componentIds, wallMs));
    // Should this process die while it waits, the next one finds the same silence.
    if (canWrite) await store.beat(instanceId, { at: wallMs, isPlanned });
    this.#flushedAt = wallMs;
  }

  async #read(): Promise<void> {
    if (this.#isRead) return;
    const { store, componentIds, clocks } = this.#options;
    const { wallMs } = clocks();
    const startedAt = this.#startedAt ??= wallMs;
    const beats = await store.beats();
    const days = await store.days(componentIds, wallMs);
    this.#countedUntil = await store.countedUntil();
    const gap = gapAtStart([...beats.values()], startedAt);
    if (gap !== null) this.#silence = { gap, beats, foundAt: clocks().monotonicMs };
    this.#isRead = true;
    this.#show(days);
  }

  /** Whether instances that lived through the silence may not have had the time to say so. */
  #mustWait(): boolean {
    const { isShared, clocks } = this.#options;
    if (this.#silence === null || !isShared) return false;
    return clocks().monotonicMs - this.#silence.foundAt < GAP_MAX_MS;
  }

  /** Puts the silence before what was measured since, whoever counts now: no time is counted twice. */
  async #countSilence(): Promise<void> {
    if (this.#silence === null) return;
    const { gap, beats } = this.#silence;
    const { store, componentIds } = this.#options;
    const spans = hasSurvivor(beats, await store.beats())
      ? this.#spansOf({ ...gap, state: "major_outage" }, componentIds.filter((id) => STORED_IDS.includes(id)))
      : this.#spansOf(gap, componentIds);
    this.#pending = [...spans, ...this.#pending];
    this.#silence = null;
  }

  /** What is added in the meantime waits for the next time, and what fails is put back before it. */
  async #writePending(): Promise<void> {
    const counted = this.#pending;
    if (counted.length === 0) return;
    this.#pending = [];
    this.#writing = counted;
    try {
      const changed = await this.#options.store.count(counted);
      this.#writing = [];
      this.#show(changed);
    } catch (error) {
      this.#writing = [];
      this.#pending = [...counted, ...this.#pending].slice(-PENDING_MAX_COUNT);
      throw error;
    }
  }

  #show(changed: Days): void {
    for (const [id, days] of changed) {
      const known = new Map([...this.#written.get(id) ?? [], ...days]);
      this.#written.set(id, new Map([...known].slice(-UPTIME_DAYS_COUNT)));
      this.#showDays(id);
    }
  }

  /** Shows what is stored of a component, and what could not be stored yet: an outage of storage must not hide itself. */
  #showDays(id: string): void {
    if (!this.#isRead) return;
    const days = new Map(this.#written.get(id));
    // After a clock was set back, what it shows twice is counted once.
    const own = [...this.#writing, ...this.#pending].filter((span) => span.id === id)
      .flatMap((span) => uncounted(span, this.#countedUntil.get(id) ?? 0) ?? []);
    for (const share of own.flatMap(splitByDay)) {
      days.set(share.day, addTime(days.get(share.day) ?? {}, share));
    }
    this.#options.board.setDays(id, days);
  }

  /** A gap of some components, without planned maintenance. */
  #spansOf(gap: Span, ids: readonly string[]): ComponentSpan[] {
    const planned = this.#options.board.maintenances().filter(({ state }) => state !== "cancelled");
    return ids.flatMap((id) => {
      const own = planned.filter(({ components }) => components.includes(id));
      return excuse(gap, own).map((span) => ({ id, ...span }));
    });
  }
}
