import { SOCKET_STARTED_WEIGHT } from "../../shared/limits.ts";
import { runFor } from "../kv/caller.ts";
import type { AdmittedRequest, RequestId } from "./request_gate.ts";
import type { WorkCall, WorkLane } from "./work_lane.ts";
import type { WorkQueue } from "./work_queue.ts";

/** What a line needs from its connection. */
export interface RequestLineOptions {
  readonly work: WorkQueue;
  readonly accountId: () => string;
  /** True while the reader leaves so much of its answers that nothing more shall be made for it. */
  readonly isBlocked: () => boolean;
  /** Gives a request to tRPC. */
  readonly dispatch: (request: AdmittedRequest) => void;
  /** Answers a request whose turn has not come in time. */
  readonly refuse: (request: AdmittedRequest, retryAfterMs: number) => void;
  /** A request that waited will not be answered. */
  readonly onDropped: (id: RequestId) => void;
  /** Sends something of no meaning: a peer that has gone shows only by that, while nothing is read of it. */
  readonly ping: () => void;
  /** Nothing waits any more. */
  readonly onEmpty: () => void;
}

/** How often a peer of whom nothing is read is looked for. */
const PING_INTERVAL_MS = 250;

/** Requests of one WebSocket between the gate and tRPC: each waits here, unread, until it may begin. */
export class RequestLine {
  readonly #options: RequestLineOptions;
  readonly #calls = new Map<RequestId, WorkCall>();
  #lane: WorkLane | null = null;
  #pinger: ReturnType<typeof setInterval> | null = null;

  /** Counts for nobody before the first request. */
  constructor(options: RequestLineOptions) {
    this.#options = options;
  }

  /** True while requests wait for their turn. */
  get isWaiting(): boolean {
    return this.#lane !== null && this.#lane.waiting.length > 0;
  }

  /** Gives a request to tRPC, now or in its turn. */
  submit(request: AdmittedRequest): void {
    const { dispatch, refuse } = this.#options;
    const { id, path } = request;
    // What tRPC cannot read, and the end of a subscription, cost nothing.
    if (id === null || request.isStop) return dispatch(request);
    const call = this.#laneOf().submit(path, {
      start: (call) => {
        // Before it begins: it may be answered at once.
        this.#calls.set(id, call);
        runFor(call, () => dispatch(request));
      },
      refuse: (retryAfterMs) => {
        this.#calls.delete(id);
        refuse(request, retryAfterMs);
      },
    });
    if (call.isStarted) return;
    this.#calls.set(id, call);
    this.#pinger ??= setInterval(this.#options.ping, PING_INTERVAL_MS);
  }

  /** Takes back a request that waits; false when it has begun or there is none. */
  withdraw(id: RequestId): boolean {
    const call = this.#calls.get(id);
    if (call === undefined || !call.lane.withdraw(call)) return false;
    this.#calls.delete(id);
    return true;
  }

  /** Drops what waits: the connection is about to close. */
  dropWaiting(): void {
    for (const id of [...this.#calls.keys()]) if (this.withdraw(id)) this.#options.onDropped(id);
  }

  /** A subscription is live: it counts no more. */
  live(id: RequestId): void {
    this.#calls.get(id)?.finish();
  }

  /** A request was answered for good. */
  settled(id: RequestId): void {
    this.#calls.get(id)?.finish();
    this.#calls.delete(id);
  }

  /** Notes an answer, and how many bytes wait for the reader by now. */
  answered(sizeBytes: number, bufferedBytes: number): void {
    const lane = this.#laneOf();
    lane.chargeBytes(sizeBytes);
    lane.holds(bufferedBytes);
  }

  /** The reader has taken something: so many bytes are left. */
  taken(bufferedBytes: number): void {
    this.#lane?.holds(bufferedBytes);
    this.#lane?.poke();
  }

  /** Somebody has signed in: what was counted for the address counts for the account. */
  moveTo(accountId: string): void {
    this.#lane?.moveTo(accountId);
  }

  /** Drops what waits and lets go of what has begun: nobody hears the answers. */
  close(): void {
    this.#stopPinging();
    this.#lane?.close();
    for (const call of this.#calls.values()) call.abandon();
    this.#calls.clear();
  }

  #laneOf(): WorkLane {
    const { work, accountId, isBlocked } = this.#options;
    const onEmpty = () => this.#onEmpty();
    this.#lane ??= work.lane(accountId(), { maxWeight: SOCKET_STARTED_WEIGHT, isBlocked, onEmpty });
    return this.#lane;
  }

  #onEmpty(): void {
    this.#stopPinging();
    this.#options.onEmpty();
  }

  #stopPinging(): void {
    if (this.#pinger !== null) clearInterval(this.#pinger);
    this.#pinger = null;
  }
}
