import { effect, untracked } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import { TRPCClientError } from "@trpc/client";
import type { Operation, OperationResultEnvelope, TRPCLink } from "@trpc/client";
import { observable } from "@trpc/server/observable";
import type { Unsubscribable } from "@trpc/server/observable";
import type { AppRouter } from "../../server/router.ts";
import { backoffMs } from "./backoff.ts";
import type { Lane } from "./lane.ts";
import { readWireError } from "./wire_error.ts";

/** What the link goes by. */
export interface LiveLinkOptions {
  readonly lane: ReadonlySignal<Lane | null>;
  readonly isOpen: ReadonlySignal<boolean>;
  /** A call said that nobody is signed in. */
  readonly onUnauthenticated: () => void;
}

interface Sink {
  next(envelope: OperationResultEnvelope<unknown, TRPCClientError<AppRouter>>): void;
  error(error: TRPCClientError<AppRouter>): void;
  complete(): void;
}

/** An answer that a lost connection swallowed is asked for again this often. */
const QUERY_TRY_COUNT = 4;

/**
 * Sends every operation the way that is open now. Queries are asked again when the connection takes them
 * along; mutations are not, since nobody knows whether they were done. A subscription goes on over lost
 * connections and changed transports, from its last tracked position, until somebody ends it.
 */
export function liveLink(options: LiveLinkOptions): TRPCLink<AppRouter> {
  return () => ({ op }) =>
    observable((sink) => {
      if (op.type === "subscription") return new LiveSubscription(op, sink as Sink, options).stop;
      return request(op, sink as Sink, options);
    });
}

function request(op: Operation, sink: Sink, options: LiveLinkOptions): () => void {
  let current: Unsubscribable | null = null;
  let stopWaiting = () => {};
  let isOver = false;
  const run = (tryCount: number) => {
    const lane = options.lane.peek();
    if (lane === null) return sink.error(new TRPCClientError("Nobody is signed in"));
    current = lane.run({ op, next: terminal }).subscribe({
      next: (envelope) => sink.next(envelope),
      error: (error) => {
        const { appCode } = readWireError(error);
        if (appCode === "unauthenticated") options.onUnauthenticated();
        const mayRetry = op.type === "query" && appCode === null && !op.signal?.aborted && !isOver;
        if (appCode === null) lane.doubt();
        if (!mayRetry || tryCount >= QUERY_TRY_COUNT) sink.error(error);
        else {stopWaiting = whenOpen(options.isOpen, backoffMs({ failedCount: 0, lostForMs: 0 }), () =>
            run(tryCount + 1));}
      },
      complete: () => sink.complete(),
    });
  };
  run(1);
  return () => {
    isOver = true;
    stopWaiting();
    current?.unsubscribe();
  };
}

/** One subscription, carried from lane to lane. */
class LiveSubscription {
  readonly #op: Operation;
  readonly #sink: Sink;
  readonly #options: LiveLinkOptions;
  readonly #stopFollowing: () => void;
  #current: Unsubscribable | null = null;
  #stopWaiting: () => void = () => {};
  #lastEventId: string | null = null;
  #failedCount = 0;
  #isOver = false;

  constructor(op: Operation, sink: Sink, options: LiveLinkOptions) {
    this.#op = op;
    this.#sink = sink;
    this.#options = options;
    this.#stopFollowing = effect(() => {
      const lane = options.lane.value;
      const mode = lane?.streams.value ?? "none";
      untracked(() => {
        this.#release();
        if (lane !== null && mode !== "none") this.#begin(lane);
      });
    });
  }

  readonly stop = (): void => {
    this.#isOver = true;
    this.#stopFollowing();
    this.#release();
  };

  #release(): void {
    this.#stopWaiting();
    const current = this.#current;
    this.#current = null;
    current?.unsubscribe();
  }

  #begin(lane: Lane): void {
    let isCurrent = true;
    const inner = lane.run({ op: this.#resumed(), next: terminal }).subscribe({
      next: (envelope) => {
        if (!isCurrent) return;
        const { result } = envelope;
        if (result.type === "data" || result.type === undefined) {
          this.#failedCount = 0;
          if ("id" in result && result.id !== undefined) this.#lastEventId = String(result.id);
        }
        this.#sink.next(envelope);
      },
      error: (error) => {
        if (isCurrent) this.#failed(lane, error);
      },
      // The server never ends a subscription by itself but on its own way out.
      complete: () => {
        if (isCurrent) this.#again(0);
      },
    });
    this.#current = {
      unsubscribe: () => {
        isCurrent = false;
        inner.unsubscribe();
      },
    };
  }

  #failed(lane: Lane, error: TRPCClientError<AppRouter>): void {
    const { appCode, isRetryable, retryAfterMs } = readWireError(error);
    if (appCode === "unauthenticated") this.#options.onUnauthenticated();
    if (!isRetryable) {
      this.#isOver = true;
      this.#sink.error(error);
      return;
    }
    if (appCode === null) lane.doubt();
    this.#again(retryAfterMs);
  }

  #again(atLeastMs: number): void {
    if (this.#isOver) return;
    this.#release();
    const ms = backoffMs({ failedCount: this.#failedCount++, lostForMs: 0, atLeastMs });
    this.#stopWaiting = whenOpen(this.#options.isOpen, ms, () => {
      const lane = this.#options.lane.peek();
      if (lane !== null && lane.streams.peek() !== "none") this.#begin(lane);
    });
  }

  #resumed(): Operation {
    if (this.#lastEventId === null) return { ...this.#op };
    return { ...this.#op, input: { ...this.#op.input as object, lastEventId: this.#lastEventId } };
  }
}

/** Calls back once after a pause, and not before the connection is open. */
function whenOpen(isOpen: ReadonlySignal<boolean>, ms: number, callback: () => void): () => void {
  let stop = () => {};
  const timer = setTimeout(() => {
    stop = isOpen.subscribe((isTrue) => {
      if (!isTrue) return;
      // The first call comes before `subscribe` has given what ends it.
      queueMicrotask(() => {
        if (isStopped) return;
        stop();
        isStopped = true;
        callback();
      });
    });
  }, ms);
  let isStopped = false;
  return () => {
    isStopped = true;
    clearTimeout(timer);
    stop();
  };
}

function terminal(): never {
  throw new Error("A terminating link has nothing after it");
}
