import { SOCKET_STARTED_WEIGHT } from "../../shared/limits.ts";
import { runFor } from "../kv/caller.ts";
import type { AdmittedRequest, RequestId } from "./request_gate.ts";
import type { WorkCall, WorkLane } from "./work_lane.ts";
import type { WorkQueue } from "./work_queue.ts";

export interface RequestLineOptions {
  readonly work: WorkQueue;
  readonly accountId: () => string;
  /** Whether too many answers are unread for more to be created. */
  readonly isBlocked: () => boolean;
  /** Passes a request to tRPC. */
  readonly dispatch: (request: AdmittedRequest) => void;
  /** Answers a request that has waited too long. */
  readonly refuse: (request: AdmittedRequest, retryAfterMs: number) => void;
  /** Called for a waiting request that will not be answered. */
  readonly onDropped: (id: RequestId) => void;
  /** Sends a ping. While nothing is read from a peer, only a failed write shows that it has gone. */
  readonly ping: () => void;
  /** Called when no request is waiting any more. */
  readonly onEmpty: () => void;
}

/** How often a peer is pinged while nothing is read from it. */
const PING_INTERVAL_MS = 250;

/** The requests of a WebSocket between the gate and tRPC. Each waits here, unparsed, until it may begin. */
export class RequestLine {
  readonly #options: RequestLineOptions;
  readonly #calls = new Map<RequestId, WorkCall>();
  #lane: WorkLane | null = null;
  #pinger: ReturnType<typeof setInterval> | null = null;

  constructor(options: RequestLineOptions) {
    this.#options = options;
  }

  /** Whether requests are waiting for their turn. */
  get isWaiting(): boolean {
    return this.#lane !== null && this.#lane.waiting.length > 0;
  }

  /** Passes a request to tRPC, now or when its turn comes. */
  submit(request: AdmittedRequest): void {
    const { dispatch, refuse } = this.#options;
    const { id, path } = request;
    // Unreadable requests and stopping a subscription cost nothing.
    if (id === null || request.isStop) return dispatch(request);
    const call = this.#laneOf().submit(path, {
      start: (call) => {
        // Before it begins, because it may be answered immediately.
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

  /** Removes a waiting request; false if it has begun or there is none. */
  withdraw(id: RequestId): boolean {
    const call = this.#calls.get(id);
    if (call === undefined || !call.lane.withdraw(call)) return false;
    this.#calls.delete(id);
    return true;
  }

  /** Drops waiting requests, because the connection is about to close. */
  dropWaiting(): void {
    for (const id of [...this.#calls.keys()]) if (this.withdraw(id)) this.#options.onDropped(id);
  }

  /** A subscription is live and no longer counts as running. */
  live(id: RequestId): void {
    this.#calls.get(id)?.finish();
  }

  /** A request was answered for the last time. */
  settled(id: RequestId): void {
    this.#calls.get(id)?.finish();
    this.#calls.delete(id);
  }

  /** Counts an answer, and how many bytes are now unread. */
  answered(sizeBytes: number, bufferedBytes: number): void {
    const lane = this.#laneOf();
    lane.chargeBytes(sizeBytes);
    lane.holds(bufferedBytes);
  }

  /** The reader has read something, and this many bytes are left. */
  taken(bufferedBytes: number): void {
    this.#lane?.holds(bufferedBytes);
    this.#lane?.poke();
  }

  /** Moves the counts from the address to the account, after sign-in. */
  accountChanged(): void {
    const { work, accountId } = this.#options;
    if (this.#lane !== null) work.move(this.#lane, accountId());
  }

  /** Drops waiting requests and abandons running ones, because nobody will see the answers. */
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
