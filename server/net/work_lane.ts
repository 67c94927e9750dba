import { BYTES_PER_WORK_UNIT, WAITS_PER_ACCOUNT_COUNT } from "../../shared/limits.ts";
import { runFor } from "../kv/caller.ts";
import type { Caller } from "../kv/caller.ts";
import { weightOf } from "./procedure_weights.ts";
import { rateLimited } from "./rate_limit.ts";
import type { WorkAccount } from "./work_account.ts";
import type { WorkQueue } from "./work_queue.ts";

/** When somebody who waits for too much may try again: one of the waits may end at any time. */
const WAITS_RETRY_AFTER_MS = 1_000;

/** Where calls come from in their order: one socket, or one HTTP request. */
export interface WorkLaneOptions {
  /** Weight of its calls that may have begun at a time. */
  readonly maxWeight: number;
  /** True while its reader takes nothing: no call begins. */
  readonly isBlocked?: () => boolean;
  /** Nothing waits here any more. */
  readonly onEmpty?: () => void;
  /** Its subscription has given all there was. */
  readonly onLive?: () => void;
}

/** What is done when the turn of a call comes, or when it has not come in time. */
export interface WorkHandlers {
  readonly start: (call: WorkCall) => void;
  readonly refuse: (retryAfterMs: number) => void;
}

const NO_HANDLERS: WorkHandlers = { start: () => {}, refuse: () => {} };

/** The calls of one socket or HTTP request, begun in their order as far as its account's allowance goes. */
export class WorkLane {
  readonly #queue: WorkQueue;
  readonly #options: WorkLaneOptions;
  readonly waiting: WorkCall[] = [];
  startedWeight = 0;
  account: WorkAccount;
  #heldBytes = 0;
  #isClosed = false;

  /** Made by the queue. */
  constructor(queue: WorkQueue, account: WorkAccount, options: WorkLaneOptions) {
    this.#queue = queue;
    this.#options = options;
    this.account = account;
    account.laneCount++;
  }

  /** Bytes of its answers that are not taken yet. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** True when its reader has gone. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Begins a call at once or when its turn comes. */
  submit(path: string, handlers: WorkHandlers): WorkCall {
    const call = new WorkCall(this, weightOf(path), handlers);
    this.#queue.submit(call);
    return call;
  }

  /** Resolves with a call when its turn comes; throws `rate_limited` when it does not come in time. */
  turn(path: string): Promise<WorkCall> {
    const { promise, resolve, reject } = Promise.withResolvers<WorkCall>();
    this.submit(path, { start: resolve, refuse: (retryAfterMs) => reject(rateLimited(retryAfterMs)) });
    return promise;
  }

  /** Does a call when its turn comes. */
  async perform<T>(path: string, work: () => Promise<T>): Promise<T> {
    const call = await this.turn(path);
    try {
      return await runFor(call, work);
    } finally {
      call.finish();
    }
  }

  /** Does something on the account without its being a call. */
  runFor<T>(work: () => T): T {
    return runFor(new WorkCall(this, 0, NO_HANDLERS), work);
  }

  /** True when one more call of this weight may begin here; a lone one always may. */
  hasRoom(weight: number): boolean {
    if (this.#options.isBlocked?.() === true) return false;
    return this.startedWeight === 0 || this.startedWeight + weight <= this.#options.maxWeight;
  }

  /** Notes how many bytes wait for the reader by now. */
  holds(bytes: number): void {
    if (this.#isClosed || bytes === this.#heldBytes) return;
    this.#queue.hold(this.account, bytes - this.#heldBytes);
    this.#heldBytes = bytes;
  }

  /** Notes that an answer of so many bytes was built. */
  chargeBytes(bytes: number): void {
    this.account.charge(bytes / BYTES_PER_WORK_UNIT);
  }

  /** Takes back a call that has not begun; false when it has. */
  withdraw(call: WorkCall): boolean {
    const at = this.waiting.indexOf(call);
    if (at < 0) return false;
    this.waiting.splice(at, 1);
    if (this.waiting.length === 0) this.#queue.emptied(this);
    return true;
  }

  /** Says that nothing waits any more; used by the queue. */
  emptied(): void {
    this.#options.onEmpty?.();
  }

  /** Takes back the weight of a call; used by its calls. */
  finished(call: WorkCall): void {
    this.#queue.finished(call);
  }

  /** Says that its subscription is live; used by its calls. */
  live(): void {
    this.#options.onLive?.();
  }

  /** Its reader has taken something: calls may begin again. */
  poke(): void {
    if (this.waiting.length > 0) this.#queue.schedule();
  }

  /** Counts it for somebody else from now on: who signs in on a socket. */
  moveTo(accountId: string): void {
    this.#queue.move(this, accountId);
  }

  /** Drops what has not begun; what has begun counts until it is finished. */
  close(): void {
    if (this.#isClosed) return;
    this.#queue.hold(this.account, -this.#heldBytes);
    this.#heldBytes = 0;
    this.#isClosed = true;
    this.waiting.length = 0;
    this.#queue.closed(this);
  }
}

/** One call: it waits, has begun, or is finished. */
export class WorkCall implements Caller {
  readonly lane: WorkLane;
  readonly weight: number;
  readonly handlers: WorkHandlers;
  readonly queuedAt = performance.now();
  isStarted = false;
  /** What its wait calls back when the caller goes. */
  #onGone: (() => void) | null = null;
  #isCounted = false;
  #isGone = false;

  /** Made by a lane. */
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

  /** Begins it; called by the queue. */
  start(): void {
    this.isStarted = true;
    this.#isCounted = true;
    this.handlers.start(this);
  }

  /** Says that it is done, or that it need not count any more; later calls do nothing. */
  finish(): void {
    if (!this.#isCounted) return;
    this.#isCounted = false;
    this.lane.finished(this);
  }

  /** The caller has gone: nobody hears the answer. */
  abandon(): void {
    this.#isGone = true;
    this.#onGone?.();
    this.finish();
  }
}
