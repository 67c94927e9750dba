import { ACCOUNT_ANSWER_BYTES, WORK_PACE, WORK_RATE } from "../../shared/limits.ts";
import { TokenBucket } from "./token_bucket.ts";
import type { WorkLane } from "./work_lane.ts";

/** Answer bytes reserved for each unit of weight of a running call. */
const RESERVED_BYTES = 128 * 1024;

/** The current work of one account over all its sockets and requests, and how much more it may do. */
export class WorkAccount {
  readonly id: string;
  /** Weight of running calls. */
  startedWeight = 0;
  /** Calls that wait for something to happen, such as long polls. */
  waitCount = 0;
  /** Bytes of unread answers. */
  heldBytes = 0;
  /** Open sockets and requests. */
  laneCount = 0;
  /** Lanes with waiting calls, in the order of their turns. */
  readonly lanes = new Set<WorkLane>();
  /** The long-term allowance, and the one for short bursts. */
  readonly #allowances: readonly TokenBucket[];

  /** Starts with full allowances. */
  constructor(id: string) {
    this.id = id;
    const now = performance.now();
    this.#allowances = [new TokenBucket(WORK_RATE, now), new TokenBucket(WORK_PACE, now)];
  }

  /** Counts finished work; if it exceeds an allowance, the next call waits. */
  charge(units: number): void {
    for (const allowance of this.#allowances) allowance.spend(units);
  }

  /** How long until the next call may begin. */
  waitMs(now: number): number {
    return Math.max(...this.#allowances.map((allowance) => allowance.waitMs(now)));
  }

  /** Whether too many answers are unread to start a call of this weight. */
  isFullWith(weight: number): boolean {
    return this.heldBytes + (this.startedWeight + weight) * RESERVED_BYTES > ACCOUNT_ANSWER_BYTES;
  }

  /** Whether it can be forgotten without any loss. */
  isFresh(now: number): boolean {
    return this.laneCount === 0 && this.startedWeight === 0 && this.waitCount === 0 &&
      this.#allowances.every((allowance) => allowance.isFull(now));
  }
}
