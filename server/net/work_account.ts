import { ACCOUNT_ANSWER_BYTES, WORK_PACE, WORK_RATE } from "../../shared/limits.ts";
import { Allowance } from "./allowance.ts";
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
  /** What it may do after all, and what it may do at once. */
  readonly #allowances: readonly Allowance[];

  /** Begins with a full allowance. */
  constructor(id: string) {
    this.id = id;
    const now = performance.now();
    this.#allowances = [new Allowance(WORK_RATE, now), new Allowance(WORK_PACE, now)];
  }

  /** Notes work that was done; what goes beyond an allowance is waited for before the next call. */
  charge(units: number): void {
    for (const allowance of this.#allowances) allowance.spend(units);
  }

  /** How long until the next call may begin. */
  waitMs(now: number): number {
    return Math.max(...this.#allowances.map((allowance) => allowance.waitMs(now)));
  }

  /** True when answers wait that are too many to make more. */
  isFullWith(weight: number): boolean {
    return this.heldBytes + (this.startedWeight + weight) * RESERVED_BYTES > ACCOUNT_ANSWER_BYTES;
  }

  /** True when nothing would be lost by forgetting it. */
  isFresh(now: number): boolean {
    return this.laneCount === 0 && this.startedWeight === 0 && this.waitCount === 0 &&
      this.#allowances.every((allowance) => allowance.isFull(now));
  }
}
