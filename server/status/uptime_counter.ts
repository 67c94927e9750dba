import { excuse, gapAtStart, gapWhileRunning, HEARTBEAT_MS } from "../../shared/status/heartbeat.ts";
import type { ClockReading } from "../../shared/status/heartbeat.ts";
import type { Span } from "../../shared/status/uptime.ts";
import type { StatusBoard } from "./status_board.ts";
import type { ComponentSpan, Days, UptimeStore } from "./uptime_store.ts";

/** Hours of flapping while storage is down; beyond that the oldest time stays unknown. */
const PENDING_MAX_COUNT = 5_000;

export interface UptimeCounterOptions {
  readonly store: UptimeStore;
  readonly board: StatusBoard;
  readonly componentIds: readonly string[];
  /** Different for every process. */
  readonly instanceId: string;
  readonly clocks: () => ClockReading;
  /** Whether this instance counts for all. */
  readonly isFirst: () => boolean;
}

/** Counts how long components were in which state, our own downtime included, and writes that once a minute. */
export class UptimeCounter {
  readonly #options: UptimeCounterOptions;
  #pending: ComponentSpan[] = [];
  #last: ClockReading | null = null;
  #flushedAt = -Infinity;

  constructor(options: UptimeCounterOptions) {
    this.#options = options;
  }

  /** Counts the silence before this start, and reads the days that are shown. */
  async start(): Promise<void> {
    const { store, board, componentIds, clocks } = this.#options;
    const { wallMs } = clocks();
    const gap = gapAtStart(await store.beats(), wallMs);
    if (gap !== null) this.#addToAll(gap);
    for (const [id, days] of await store.days(componentIds, wallMs)) board.setDays(id, days);
    await this.flush({ isPlanned: false });
  }

  /** Looks at the clocks: a process that stood still was down. Call it before the probes of each round. */
  lookAtClocks(): void {
    const reading = this.#options.clocks();
    const gap = this.#last === null ? null : gapWhileRunning(this.#last, reading);
    if (gap !== null) this.#addToAll(gap);
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
  }

  /** Whether it is time for a heartbeat. */
  get isDue(): boolean {
    return Math.abs(this.#options.clocks().wallMs - this.#flushedAt) >= HEARTBEAT_MS;
  }

  /** Writes what was counted, and a heartbeat. What fails is written with the next one. */
  async flush({ isPlanned }: { readonly isPlanned: boolean }): Promise<void> {
    const { store, componentIds, clocks, instanceId, isFirst } = this.#options;
    const { wallMs } = clocks();
    await this.#writePending();
    if (!isFirst()) this.#show(await store.days(componentIds, wallMs));
    await store.beat(instanceId, { at: wallMs, isPlanned });
    this.#flushedAt = wallMs;
  }

  /** What is added in the meantime waits for the next time, and what fails is put back before it. */
  async #writePending(): Promise<void> {
    const counted = this.#pending;
    if (counted.length === 0) return;
    this.#pending = [];
    try {
      this.#show(await this.#options.store.count(counted));
    } catch (error) {
      this.#pending = [...counted, ...this.#pending].slice(-PENDING_MAX_COUNT);
      throw error;
    }
  }

  #show(changed: Days): void {
    const { board } = this.#options;
    for (const [id, days] of changed) {
      const known = board.days(id).filter(({ times }) => Object.keys(times).length > 0);
      board.setDays(id, new Map([...known.map(({ day, times }) => [day, times] as const), ...days]));
    }
  }

  #addToAll(gap: Span): void {
    const { board, componentIds } = this.#options;
    const planned = board.maintenances().filter(({ state }) => state !== "cancelled");
    for (const id of componentIds) {
      const own = planned.filter(({ components }) => components.includes(id));
      for (const span of excuse(gap, own)) this.add({ id, ...span });
    }
  }
}
