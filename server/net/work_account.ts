import { ACCOUNT_ANSWER_BYTES, WORK_BURST_UNITS, WORK_UNITS_PER_SECOND } from "../../shared/limits.ts";
import type { WorkLane } from "./work_lane.ts";

/** What a call that has begun may still add to the answers that wait, for each unit of its weight. */
const RESERVED_BYTES = 128 * 1024;

/** What one account does at the moment over all its sockets and requests, and how much it may still do. */
export class WorkAccount {
  readonly id: string;
  /** Weight of the calls that have begun. */
  startedWeight = 0;
  /** Calls that wait for something to come. */
  waitCount = 0;
  /** Bytes of answers that its readers have not taken. */
  heldBytes = 0;
  /** Open sockets and requests. */
  laneCount = 0;
  /** Those with calls that have not begun, in the order of their turns. */
  readonly lanes = new Set<WorkLane>();
  #units = WORK_BURST_UNITS;
  #at = performance.now();

  /** Begins with a full allowance. */
  constructor(id: string) {
    this.id = id;
  }

  /** Notes work that was done; what goes beyond the allowance is waited for before the next call. */
  charge(units: number): void {
    this.#units -= units;
  }

  /** How long until the next call may begin. */
  waitMs(now: number): number {
    const units = this.#refill(now);
    return units > 0 ? 0 : Math.ceil((1 - units) / WORK_UNITS_PER_SECOND * 1000);
  }

  /** True when answers wait that are too many to make more. */
  isFullWith(weight: number): boolean {
    return this.heldBytes + (this.startedWeight + weight) * RESERVED_BYTES > ACCOUNT_ANSWER_BYTES;
  }

  /** True when nothing would be lost by forgetting it. */
  isFresh(now: number): boolean {
    return this.laneCount === 0 && this.startedWeight === 0 && this.waitCount === 0 &&
      this.#refill(now) >= WORK_BURST_UNITS;
  }

  #refill(now: number): number {
    const elapsedMs = now - this.#at;
    this.#at = now;
    this.#units = Math.min(WORK_BURST_UNITS, this.#units + elapsedMs / 1000 * WORK_UNITS_PER_SECOND);
    return this.#units;
  }
}
