import { BYTES_PER_WORK_UNIT, WAITS_PER_ACCOUNT_COUNT } from "../../shared/limits.ts";
import { runFor } from "../kv/caller.ts";
import type { Caller } from "../kv/caller.ts";
import { weightOf } from "./procedure_weights.ts";
import { callerIsGone, rateLimited } from "./rate_limit.ts";
import type { WorkAccount } from "./work_account.ts";
import type { WorkQueue } from "./work_queue.ts";

/** Retry delay for accounts with too many waits; one of those may end at any time. */
const WAITS_RETRY_AFTER_MS = 1_000;

export interface WorkLaneOptions {
  /** Maximum weight of its calls that run at the same time. */
  readonly maxWeight: number;
  /** No call begins while this returns true, because the reader takes nothing. */
  readonly isBlocked?: () => boolean;
  /** Called when no call is waiting any more. */
  readonly onEmpty?: () => void;
  /** Called when its subscription has sent everything there was. */
  readonly onLive?: () => void;
}

/** What to do when a call's turn comes, when it has waited too long, or when its lane closes before. */
export interface WorkHandlers {
  readonly start: (call: WorkCall) => void;
  readonly refuse: (retryAfterMs: number) => void;
  readonly drop?: () => void;
}

const NO_HANDLERS: WorkHandlers = { start: () => {}, refuse: () => {} };

/** The calls of one socket or HTTP request, which begin in order as far as the account's allowance permits. */
export class WorkLane {
  readonly #queue: WorkQueue;
  readonly #options: WorkLaneOptions;
  readonly waiting: WorkCall[] = [];
  startedWeight = 0;
  account: WorkAccount;
  #heldBytes = 0;
  #isClosed = false;

  /** Created by the queue. */
  constructor(queue: WorkQueue, account: WorkAccount, options: WorkLaneOptions) {
    this.#queue = queue;
    this.#options = options;
    this.account = account;
    account.laneCount++;
  }

  /** Bytes of its unread answers. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Whether its reader has gone. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Starts a call, now or when its turn comes. */
  submit(path: string, handlers: WorkHandlers): WorkCall {
    const call = new WorkCall(this, weightOf(path), handlers);
    if (this.#isClosed) handlers.drop?.();
    else this.#queue.submit(call);
    return call;
  }

  /** Resolves with a call when its turn comes; throws `rate_limited` if it has waited too long or its lane is closed. */
  turn(path: string): Promise<WorkCall> {
    const { promise, resolve, reject } = Promise.withResolvers<WorkCall>();
    this.submit(path, {
      start: resolve,
      refuse: (retryAfterMs) => reject(rateLimited(retryAfterMs)),
      drop: () => reject(callerIsGone()),
    });
    return promise;
  }

  /** Runs a call when its turn comes. */
  async perform<T>(path: string, work: () => Promise<T>): Promise<T> {
    const call = await this.turn(path);
    try {
      return await runFor(call, work);
    } finally {
      call.finish();
    }
  }

  /** Runs `work` on the account without counting it as a call. */
  runFor<T>(work: () => T): T {
    return runFor(new WorkCall(this, 0, NO_HANDLERS), work);
  }

  /** Whether another call of this weight may begin here; if none is running, one always may. */
  hasRoom(weight: number): boolean {
    if (this.#options.isBlocked?.() === true) return false;
    return this.startedWeight === 0 || this.startedWeight + weight <= this.#options.maxWeight;
  }

  /** Sets how many bytes are unread now. */
  holds(bytes: number): void {
    if (this.#isClosed || bytes === this.#heldBytes) return;
    this.#queue.hold(this.account, bytes - this.#heldBytes);
    this.#heldBytes = bytes;
  }

  /** Counts an answer of this size as work. */
  chargeBytes(bytes: number): void {
    this.account.charge(bytes / BYTES_PER_WORK_UNIT);
  }

  /** Removes a call that has not begun; false if it has. */
  withdraw(call: WorkCall): boolean {
    const at = this.waiting.indexOf(call);
    if (at < 0) return false;
    this.waiting.splice(at, 1);
    if (this.waiting.length === 0) this.#queue.emptied(this);
    return true;
  }

  /** Called by the queue when no call is waiting any more. */
  emptied(): void {
    this.#options.onEmpty?.();
  }

  /** Called by a call to release its weight. */
  finished(call: WorkCall): void {
    this.#queue.finished(call);
  }

  /** Called by a call whose subscription is live. */
  live(): void {
    this.#options.onLive?.();
  }

  /** The reader has read something, so calls may begin again. */
  poke(): void {
    if (this.waiting.length > 0) this.#queue.schedule();
  }

  /** Drops waiting calls; running ones count until they finish. */
  close(): void {
    if (this.#isClosed) return;
    this.#queue.hold(this.account, -this.#heldBytes);
    this.#heldBytes = 0;
    this.#isClosed = true;
    const dropped = this.waiting.splice(0);
    this.#queue.closed(this);
    for (const { handlers } of dropped) handlers.drop?.();
  }
}

/** A call that is waiting, running or finished. */
export class WorkCall implements Caller {
  readonly lane: WorkLane;
  readonly weight: number;
  readonly handlers: WorkHandlers;
  readonly queuedAt = performance.now();
  isStarted = false;
  /** Called when the caller disconnects while the call waits. */
  #onGone: (() => void) | null = null;
  #isCounted = false;
  #isGone = false;

  /** Created by a lane. */
  constructor(lane: WorkLane, weight: number, handlers: WorkHandlers) {
    this.lane = lane;
    this.weight = weight;
    this.handlers = handlers;
  }

  get accountId(): string {
    return this.lane.account.id;
  }

  charge(units: number): void {
    this.lane.account.charge(units);
  }

  beginWait(onGone: () => void): () => void {
    const { account } = this.lane;
    if (account.waitCount >= WAITS_PER_ACCOUNT_COUNT) throw rateLimited(WAITS_RETRY_AFTER_MS);
    account.waitCount++;
    this.#onGone = onGone;
    if (this.#isGone) onGone();
    this.finish();
    return () => {
      if (this.#onGone === null) return;
      this.#onGone = null;
      account.waitCount--;
    };
  }

  live(): void {
    this.lane.live();
  }

  /** Starts the call; called by the queue. */
  start(): void {
    this.isStarted = true;
    this.#isCounted = true;
    this.handlers.start(this);
  }

  /** Marks the call as done, or as no longer counting; later calls do nothing. */
  finish(): void {
    if (!this.#isCounted) return;
    this.#isCounted = false;
    this.lane.finished(this);
  }

  /** The caller has disconnected and will not see the answer. */
  abandon(): void {
    this.#isGone = true;
    this.#onGone?.();
    this.finish();
  }
}
