import {
  ACCOUNT_STARTED_WEIGHT,
  INSTANCE_ANSWER_BYTES,
  INSTANCE_STARTED_WEIGHT,
  SLOW_CONSUMER_BYTES,
  WORK_WAIT_MAX_MS,
} from "../../shared/limits.ts";
import { WorkAccount } from "./work_account.ts";
import { WorkLane } from "./work_lane.ts";
import type { WorkCall, WorkLaneOptions } from "./work_lane.ts";

/** While calls wait, how often to check whether allowances have grown or calls have waited too long. */
const TICK_MS = 25;
/** How many calls of one account begin in one turn of the event loop. */
const STARTS_PER_TURN_COUNT = 4;
/** Below this number of accounts, none is forgotten. */
const SWEEP_MIN_COUNT = 1_000;
/** Minimum retry delay for calls that have waited in vain. */
const REFUSED_RETRY_AFTER_MS = 1_000;

/** The state of a queue. */
export interface QueueStats {
  /** The number of waiting items. */
  readonly waitingCount: number;
  /** The number of items refused since the start. */
  readonly refusedCount: number;
}

/**
 * Decides when calls begin, across all sockets and requests of this process: each account within its allowance, and
 * taking turns when not all fit. A waiting call costs nothing but its place.
 */
export class WorkQueue implements QueueStats {
  refusedCount = 0;
  readonly #accounts = new Map<string, WorkAccount>();
  /** Accounts with waiting calls, in the order of their turns. */
  readonly #turns = new Set<WorkAccount>();
  #startedWeight = 0;
  #heldBytes = 0;
  #sweepAt = SWEEP_MIN_COUNT;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #isScheduled = false;
  /**
   * The first call in turn waits for capacity of the instance. No other call may overtake it, or heavy calls would
   * wait forever.
   */
  #isFull = false;

  /** Bytes of unread answers of all accounts. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** The number of waiting calls. */
  get waitingCount(): number {
    return [...this.#turns].flatMap(({ lanes }) => [...lanes]).reduce(
      (sum, { waiting }) => sum + waiting.length,
      0,
    );
  }

  /** Opens a lane for a socket or request; close it when that closes. */
  lane(accountId: string, options: WorkLaneOptions): WorkLane {
    return new WorkLane(this, this.#accountOf(accountId), options);
  }

  /** Starts a call or queues it; used by lanes. */
  submit(call: WorkCall): void {
    const { lane } = call;
    if (this.#turns.size === 0) this.#isFull = false;
    if (!this.#isFull && lane.waiting.length === 0 && this.#mayStart(call, performance.now())) {
      if (this.#hasWeightFor(call)) return this.#start(call);
      this.#isFull = true;
    }
    lane.waiting.push(call);
    lane.account.lanes.add(lane);
    this.#turns.add(lane.account);
    this.#arm();
  }

  /** Releases the weight of a call; used by lanes. */
  finished(call: WorkCall): void {
    this.#startedWeight -= call.weight;
    call.lane.startedWeight -= call.weight;
    call.lane.account.startedWeight -= call.weight;
    this.schedule();
  }

  /** Adds or removes bytes of unread answers; used by lanes. */
  hold(account: WorkAccount, bytes: number): void {
    account.heldBytes += bytes;
    this.#heldBytes += bytes;
  }

  /** Moves a lane and its running calls to another account. */
  move(lane: WorkLane, accountId: string): void {
    const [from, to] = [lane.account, this.#accountOf(accountId)];
    if (from === to) return;
    lane.account = to;
    from.laneCount--;
    to.laneCount++;
    from.startedWeight -= lane.startedWeight;
    to.startedWeight += lane.startedWeight;
    from.heldBytes -= lane.heldBytes;
    to.heldBytes += lane.heldBytes;
    if (!from.lanes.delete(lane)) return;
    if (from.lanes.size === 0) this.#turns.delete(from);
    to.lanes.add(lane);
    this.#turns.add(to);
    this.schedule();
  }

  /** Forgets a closed lane; used by lanes. */
  closed(lane: WorkLane): void {
    const { account } = lane;
    account.laneCount--;
    if (account.lanes.delete(lane) && account.lanes.size === 0) this.#turns.delete(account);
    if (this.#turns.size > 0) this.schedule();
    else this.#disarm();
  }

  /** Removes a lane from the queue; used by lanes. */
  emptied(lane: WorkLane): void {
    const { account } = lane;
    if (account.lanes.delete(lane) && account.lanes.size === 0) this.#turns.delete(account);
    if (this.#turns.size === 0) this.#disarm();
    lane.emptied();
  }

  /**
   * Starts waiting calls after pending input has been handled. Otherwise, calls that never wait would run back to
   * back for as long as an allowance lasts, and nobody else would be served.
   */
  schedule(): void {
    if (this.#isScheduled || this.#turns.size === 0) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#pump();
    });
  }

  /** Starts one call of each account at a time, and a few of each before yielding to the event loop. */
  #pump(): void {
    const now = performance.now();
    let isMoving = true;
    this.#isFull = false;
    for (let round = 0; round < STARTS_PER_TURN_COUNT && isMoving && !this.#isFull; round++) {
      isMoving = false;
      // Accounts that have started a call move to the end and would be visited again, so count one round.
      let left = this.#turns.size;
      for (const account of this.#turns) {
        if (left-- === 0 || this.#isFull) break;
        if (this.#startNext(account, now)) isMoving = true;
      }
    }
    if (this.#turns.size === 0) this.#disarm();
    else if (isMoving && !this.#isFull) this.schedule();
  }

  #startNext(account: WorkAccount, now: number): boolean {
    for (const lane of account.lanes) {
      const call = lane.waiting[0];
      if (call !== undefined && !this.#mayStart(call, now)) continue;
      if (call !== undefined && !this.#hasWeightFor(call)) {
        this.#isFull = true;
        return false;
      }
      lane.waiting.shift();
      // Moves it to the end of the queue, or out of it.
      account.lanes.delete(lane);
      this.#turns.delete(account);
      if (lane.waiting.length > 0) account.lanes.add(lane);
      if (account.lanes.size > 0) this.#turns.add(account);
      if (call !== undefined) this.#start(call);
      if (lane.waiting.length === 0) lane.emptied();
      return true;
    }
    return false;
  }

  #hasWeightFor({ weight }: WorkCall): boolean {
    return this.#startedWeight + weight <= INSTANCE_STARTED_WEIGHT;
  }

  /** Whether the account's own limits let the call begin. */
  #mayStart({ lane, weight }: WorkCall, now: number): boolean {
    const { account } = lane;
    if (account.startedWeight + weight > ACCOUNT_STARTED_WEIGHT || !lane.hasRoom(weight)) return false;
    if (account.isFullWith(weight)) return false;
    // Accounts that do not read their answers wait for the others, not the other way round.
    if (this.#heldBytes > INSTANCE_ANSWER_BYTES && account.heldBytes > SLOW_CONSUMER_BYTES) return false;
    return account.waitMs(now) === 0;
  }

  #start(call: WorkCall): void {
    this.#startedWeight += call.weight;
    call.lane.startedWeight += call.weight;
    call.lane.account.startedWeight += call.weight;
    call.lane.account.charge(1);
    call.start();
  }

  #arm(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#refuseLate();
      this.#pump();
      if (this.#turns.size > 0) this.#arm();
    }, TICK_MS);
  }

  #disarm(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** Refuses calls that have waited too long, with a retry delay. */
  #refuseLate(): void {
    const now = performance.now();
    for (const account of [...this.#turns]) {
      for (const lane of [...account.lanes]) {
        const late = lane.waiting.findIndex(({ queuedAt }) => now - queuedAt < WORK_WAIT_MAX_MS);
        const refused = lane.waiting.splice(0, late < 0 ? lane.waiting.length : late);
        this.refusedCount += refused.length;
        for (const call of refused) {
          call.handlers.refuse(Math.max(REFUSED_RETRY_AFTER_MS, account.waitMs(now)));
        }
        if (lane.waiting.length === 0) this.emptied(lane);
      }
    }
  }

  #accountOf(id: string): WorkAccount {
    let account = this.#accounts.get(id);
    if (account === undefined) {
      if (this.#accounts.size >= this.#sweepAt) this.#sweep();
      account = new WorkAccount(id);
      this.#accounts.set(id, account);
    }
    return account;
  }

  #sweep(): void {
    const now = performance.now();
    for (const [id, account] of this.#accounts) if (account.isFresh(now)) this.#accounts.delete(id);
    this.#sweepAt = Math.max(SWEEP_MIN_COUNT, 2 * this.#accounts.size);
  }
}
