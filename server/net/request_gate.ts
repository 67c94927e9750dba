import { AppError } from "../../shared/errors.ts";
import {
  BREACH_WINDOW_MS,
  BREACHES_BEFORE_CLOSE_COUNT,
  FRAME_MAX_REQUEST_COUNT,
  FRAME_RATE,
  REQUEST_ID_MAX_CHARACTERS,
  SUBSCRIBE_RATE,
  SUBSCRIPTIONS_PER_CONNECTION_COUNT,
} from "../../shared/limits.ts";
import { rateLimited } from "./rate_limit.ts";
import type { RateLimiter } from "./rate_limit.ts";
import { refusalShape } from "./refusal.ts";

export interface RequestGateOptions {
  readonly limits: RateLimiter;
  /** The id of the connection, which limits frames. */
  readonly connectionId: string;
  /** The account, or the address before sign-in, which limits subscriptions. */
  readonly subscriber: () => string;
  /** Sends an answer in place of tRPC. */
  readonly answer: (response: unknown) => void;
  /** Called at the third breach of a limit. */
  readonly onFlood: () => void;
  /** Called when a request was answered for the last time. */
  readonly onSettled: (id: RequestId) => void;
  /** Called when no request is in flight. */
  readonly onIdle: () => void;
}

export type RequestId = number | string;

/** A request that may be passed to tRPC. */
export interface AdmittedRequest {
  /** Null for invalid requests, which tRPC will refuse. */
  readonly id: RequestId | null;
  readonly path: string;
  readonly isStop: boolean;
  readonly raw: unknown;
}

interface Request {
  readonly id: RequestId;
  readonly method: string;
  readonly path: string;
  /** The number of its frame, and when it arrived. */
  readonly frame: number;
  readonly at: number;
}

const TOO_MANY_RETRY_AFTER_MS = 1_000;
/** Longer than the name of any procedure. */
const PATH_MAX_CHARACTERS = 64;
const FRAMES = "frames";
const SUBSCRIBES = "subscribes";
const WORK = "work";

/** Decides which requests of a WebSocket reach tRPC, and keeps track of those not answered yet. */
export class RequestGate {
  readonly #options: RequestGateOptions;
  readonly #inFlight = new Map<RequestId, Request>();
  readonly #subscriptions = new Map<RequestId, Request>();
  /** For each limit, when the wait of its last refusal ends, and the number of frames received before it. */
  readonly #refusals = new Map<string, { readonly until: number; readonly frame: number }>();
  #breaches: number[] = [];
  #frame = 0;
  /** The request that tRPC is about to read. */
  #dispatched: RequestId | null = null;

  constructor(options: RequestGateOptions) {
    this.#options = options;
  }

  /** Number of subscriptions that are open or opening. */
  get subscriptionCount(): number {
    return this.#subscriptions.size;
  }

  /** Whether queries or mutations are waiting for their answer. */
  get isBusy(): boolean {
    return this.#inFlight.size > 0;
  }

  /** Counts a frame that is not a request: a ping, or unreadable data. Returns false if there are too many. */
  admitFrame(): boolean {
    this.#frame++;
    return this.#takeFrameToken(performance.now());
  }

  /** Returns the requests of a frame that may go on, in order. */
  admit(frame: unknown): AdmittedRequest[] {
    this.#frame++;
    const at = performance.now();
    const raws = Array.isArray(frame) ? frame : [frame];
    if (raws.length > FRAME_MAX_REQUEST_COUNT) {
      this.#refuseFrame(raws);
      return [];
    }
    return raws.flatMap((raw) => this.#admitOne(raw, at) ?? []);
  }

  /** Sets the request that tRPC reads until the next call; null for none. */
  dispatching(id: RequestId | null): void {
    this.#dispatched = id;
  }

  /** Refuses a request that has waited too long. */
  refuseLate({ id, raw, path }: AdmittedRequest, retryAfterMs: number): void {
    this.#noteRefusal(WORK, { frame: this.#frame, at: performance.now() }, retryAfterMs);
    this.#refuse(raw, rateLimited(retryAfterMs), path);
    if (id !== null) this.settle(id);
  }

  /** Answers a stop of a subscription that has not begun. */
  stop({ id, raw }: AdmittedRequest): void {
    if (id === null) return;
    this.#options.answer({ ...headOf(raw), result: { type: "stopped" } });
    this.settle(id);
  }

  /** Inspects an answer of tRPC; true if it belongs to a subscription, for which no caller is waiting. */
  answered(response: unknown): boolean {
    const { id, error, result } = (response ?? {}) as {
      id?: unknown;
      error?: { data?: { appCode?: unknown; retryAfterMs?: unknown } };
      result?: { type?: unknown };
    };
    if (typeof id !== "number" && typeof id !== "string") {
      // tRPC could not read the frame and will answer none of its requests.
      if (this.#dispatched !== null) this.settle(this.#dispatched);
      return false;
    }
    const request = this.#inFlight.get(id) ?? this.#subscriptions.get(id);
    const retryAfterMs = error?.data?.retryAfterMs;
    if (
      request !== undefined && error?.data?.appCode === "rate_limited" && typeof retryAfterMs === "number"
    ) {
      this.#noteRefusal(request.path, request, retryAfterMs);
    }
    const isSubscription = this.#subscriptions.has(id);
    if (!isSubscription || error !== undefined || result?.type === "stopped") this.settle(id);
    return isSubscription;
  }

  #admitOne(raw: unknown, at: number): AdmittedRequest | null {
    const problem = findHeadProblem(raw);
    if (problem !== null) {
      // Do not repeat the id: every event of the subscription would begin with it.
      if (this.#takeFrameToken(at)) {
        this.#options.answer({ id: null, error: refusalShape(problem, undefined) });
      }
      return null;
    }
    const request = this.#read(raw, at);
    // tRPC refuses what it cannot read; such a request has no id to keep track of.
    const isStop = request?.method === "subscription.stop";
    if (request === null || isStop) {
      if (!this.#takeFrameToken(at)) return null;
      return { id: request?.id ?? null, path: request?.path ?? "", isStop, raw };
    }
    const refusal = this.#findRefusal(request);
    if (refusal !== null) {
      this.#refuse(raw, refusal, request.path);
      return null;
    }
    const kind = request.method === "subscription" ? this.#subscriptions : this.#inFlight;
    kind.set(request.id, request);
    return { id: request.id, path: request.path, isStop, raw };
  }

  #findRefusal(request: Request): AppError | null {
    const { limits, subscriber } = this.#options;
    const frameWaitMs = limits.tryTake(FRAMES, this.#options.connectionId, FRAME_RATE);
    if (frameWaitMs > 0) {
      this.#noteRefusal(FRAMES, request, frameWaitMs);
      return rateLimited(frameWaitMs);
    }
    // If two requests had the same id, the answer to one would settle the other.
    if (this.#subscriptions.has(request.id) || this.#inFlight.has(request.id)) {
      return new AppError("invalid_request", `Request id ${JSON.stringify(request.id)} is in use`);
    }
    if (request.method !== "subscription") return null;
    if (this.#subscriptions.size >= SUBSCRIPTIONS_PER_CONNECTION_COUNT) {
      return new AppError(
        "too_many_subscriptions",
        `A connection may have at most ${SUBSCRIPTIONS_PER_CONNECTION_COUNT} subscriptions`,
        { retryAfterMs: TOO_MANY_RETRY_AFTER_MS },
      );
    }
    const waitMs = limits.tryTake(SUBSCRIBES, subscriber(), SUBSCRIBE_RATE);
    if (waitMs === 0) return null;
    this.#noteRefusal(SUBSCRIBES, request, waitMs);
    return rateLimited(waitMs);
  }

  #takeFrameToken(at: number): boolean {
    const waitMs = this.#options.limits.tryTake(FRAMES, this.#options.connectionId, FRAME_RATE);
    if (waitMs > 0) this.#noteRefusal(FRAMES, { frame: this.#frame, at }, waitMs);
    return waitMs === 0;
  }

  /** Counts a breach if the request arrived after a refusal, before its wait was over. */
  #noteRefusal(limit: string, request: { frame: number; at: number }, retryAfterMs: number): void {
    const earlier = this.#refusals.get(limit);
    const isBreach = earlier !== undefined && request.frame > earlier.frame && request.at < earlier.until;
    const now = performance.now();
    this.#refusals.set(limit, { until: now + retryAfterMs, frame: this.#frame });
    if (!isBreach) return;
    this.#breaches = [...this.#breaches.filter((at) => at > now - BREACH_WINDOW_MS), now];
    if (this.#breaches.length >= BREACHES_BEFORE_CLOSE_COUNT) this.#options.onFlood();
  }

  /** Answers every request of a frame that is too large, because a stock client would wait forever. */
  #refuseFrame(frame: readonly unknown[]): void {
    const error = new AppError(
      "too_large",
      `A frame may have at most ${FRAME_MAX_REQUEST_COUNT} requests, got ${frame.length}`,
    );
    let isAnswered = false;
    for (const raw of frame) {
      const request = findHeadProblem(raw) === null ? this.#read(raw, 0) : null;
      if (request === null || request.method === "subscription.stop") continue;
      this.#refuse(raw, error, request.path);
      isAnswered = true;
    }
    if (!isAnswered) this.#options.answer({ id: null, error: refusalShape(error, undefined) });
  }

  #refuse(raw: unknown, error: AppError, path: string): void {
    this.#options.answer({ ...headOf(raw), error: refusalShape(error, path === "" ? undefined : path) });
  }

  #read(raw: unknown, at: number): Request | null {
    if (typeof raw !== "object" || raw === null) return null;
    const { id, method, params } = raw as {
      id?: unknown;
      method?: unknown;
      params?: { path?: unknown } | null;
    };
    if ((typeof id !== "number" && typeof id !== "string") || typeof method !== "string") return null;
    const path = typeof params?.path === "string" ? params.path : "";
    return { id, method, path, frame: this.#frame, at };
  }

  /** Forgets a request that was answered, or never will be. */
  settle(id: RequestId): void {
    this.#options.onSettled(id);
    this.#subscriptions.delete(id);
    if (this.#inFlight.delete(id) && this.#inFlight.size === 0) this.#options.onIdle();
  }
}

/** The fields that start an answer. */
function headOf(raw: unknown): { id: RequestId; jsonrpc?: string } {
  const { id, jsonrpc } = raw as { id: RequestId; jsonrpc?: unknown };
  return jsonrpc === "2.0" ? { id, jsonrpc } : { id };
}

/** Returns an error if the id or path of a request is too long to be repeated in an answer, otherwise null. */
function findHeadProblem(raw: unknown): AppError | null {
  const { id, params } = (raw ?? {}) as { id?: unknown; params?: { path?: unknown } | null };
  if (typeof id === "string" && id.length > REQUEST_ID_MAX_CHARACTERS) {
    return new AppError(
      "invalid_request",
      `A request id may have at most ${REQUEST_ID_MAX_CHARACTERS} characters`,
    );
  }
  const path = params?.path;
  if (typeof path !== "string" || path.length <= PATH_MAX_CHARACTERS) return null;
  return new AppError("not_found", "Procedure does not exist");
}
