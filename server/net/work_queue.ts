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

/** How often is looked whether an allowance has grown or a wait has been too long, while any call waits. */
const TICK_MS = 25;
/** Calls of one account that begin in one turn of the event loop. */
const STARTS_PER_TURN_COUNT = 4;
/** Below this many accounts none is looked at to be forgotten. */
const SWEEP_MIN_COUNT = 1_000;
/** The least that who waited in vain is asked to wait. */
const REFUSED_RETRY_AFTER_MS = 1_000;

/**
 * Decides when calls begin, over all sockets and requests of this process: each account within its allowance, and
 * where not all can go, each account in its turn. What has not begun costs nothing but its place.
 */
export class WorkQueue {
  readonly #accounts = new Map<string, WorkAccount>();
  /** Accounts with calls that wait, in the order of their turns. */
  readonly #turns = new Set<WorkAccount>();
  #startedWeight = 0;
  #heldBytes = 0;
  #sweepAt = SWEEP_MIN_COUNT;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #isScheduled = false;
  /** The first in turn waits for weight of the instance: nobody goes before it, or heavy calls would wait for ever. */
  #isFull = false;

  /** Bytes of answers of all accounts that their readers have not taken. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Opens a lane for a socket or a request; close it with it. */
  lane(accountId: string, options: WorkLaneOptions): WorkLane {
    return new WorkLane(this, this.#accountOf(accountId), options);
  }

  /** Begins a call or lets it wait; used by lanes. */
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

  /** Takes back the weight of a call; used by lanes. */
  finished(call: WorkCall): void {
    this.#startedWeight -= call.weight;
    call.lane.startedWeight -= call.weight;
    call.lane.account.startedWeight -= call.weight;
    this.schedule();
  }

  /** Counts bytes of answers that wait, or that were taken; used by lanes. */
  hold(account: WorkAccount, bytes: number): void {
    account.heldBytes += bytes;
    this.#heldBytes += bytes;
  }

  /** Counts a lane and what it has begun for another account; used by lanes. */
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

  /** Forgets a lane that has ended; used by lanes. */
  closed(lane: WorkLane): void {
    const { account } = lane;
    account.laneCount--;
    if (account.lanes.delete(lane) && account.lanes.size === 0) this.#turns.delete(account);
    if (this.#turns.size > 0) this.schedule();
    else this.#disarm();
  }

  /** Takes a lane out of the line; used by lanes. */
  emptied(lane: WorkLane): void {
    const { account } = lane;
    if (account.lanes.delete(lane) && account.lanes.size === 0) this.#turns.delete(account);
    if (this.#turns.size === 0) this.#disarm();
    lane.emptied();
  }

  /**
   * Begins what may begin, after all that has come in meanwhile had its turn: calls that end without waiting for
   * anything would otherwise follow each other for as long as an allowance lasts, and nobody else would be heard.
   */
  schedule(): void {
    if (this.#isScheduled || this.#turns.size === 0) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#pump();
    });
  }

  /** One call of each account at a time, and a few of each before others are heard again. */
  #pump(): void {
    const now = performance.now();
    let isMoving = true;
    this.#isFull = false;
    for (let round = 0; round < STARTS_PER_TURN_COUNT && isMoving && !this.#isFull; round++) {
      isMoving = false;
      // Who has begun something stands at the end from then on and is met again; one round ends before.
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
      // To the end of the line, or out of it.
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

  /** Says whether the account itself lets it begin. */
  #mayStart({ lane, weight }: WorkCall, now: number): boolean {
    const { account } = lane;
    if (account.startedWeight + weight > ACCOUNT_STARTED_WEIGHT || !lane.hasRoom(weight)) return false;
    if (account.isFullWith(weight)) return false;
    // Who does not read its answers waits for the others, not they for it.
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

  /** Tells those who have waited too long when to come again. */
  #refuseLate(): void {
    const now = performance.now();
    for (const account of [...this.#turns]) {
      for (const lane of [...account.lanes]) {
        const late = lane.waiting.findIndex(({ queuedAt }) => now - queuedAt < WORK_WAIT_MAX_MS);
        const refused = lane.waiting.splice(0, late < 0 ? lane.waiting.length : late);
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
