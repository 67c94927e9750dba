import { effect, untracked } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import { backoffMs } from "./backoff.ts";
import { CallError } from "./caller.ts";
import type { Call, Caller, Handlers } from "./caller.ts";
import type { FrameQueue } from "./frame_queue.ts";
import type { Transport } from "./transport.ts";
import { pauseUntilOpen } from "./wait.ts";
import { readWireError } from "./wire_error.ts";

/** Options of `LiveCaller`. */
export interface LiveCallerOptions {
  readonly transport: ReadonlySignal<Transport | null>;
  readonly isOpen: ReadonlySignal<boolean>;
  /** Events of subscriptions pass through it; answers do not. */
  readonly frames: FrameQueue;
  /** A call has failed because nobody is signed in. */
  readonly onUnauthenticated: () => void;
}

/** How often a query is repeated whose answer was lost with the connection. */
const QUERY_TRY_COUNT = 4;

/**
 * Sends calls over the current transport. Queries that are lost with the connection are repeated; mutations are not,
 * since they may have been executed. Subscriptions continue from their last tracked position after lost connections
 * and changes of transport, until they are ended.
 */
export function liveCaller(options: LiveCallerOptions): Caller {
  return {
    request: (call) => request(call, options),
    subscribe: (call, handlers) => ({ unsubscribe: new LiveSubscription(call, handlers, options).stop }),
  };
}

async function request(call: Call, options: LiveCallerOptions): Promise<unknown> {
  for (let tryCount = 1;; tryCount++) {
    const transport = options.transport.peek();
    if (transport === null) throw new CallError("Nobody is signed in");
    try {
      return await transport.request(call);
    } catch (error) {
      call.signal?.throwIfAborted();
      const { appCode } = readWireError(error);
      if (appCode === "unauthenticated") options.onUnauthenticated();
      if (appCode === null) transport.doubt();
      if (call.type !== "query" || appCode !== null || tryCount >= QUERY_TRY_COUNT) throw error;
      await pauseUntilOpen(options.isOpen, backoffMs({ failedCount: 0, lostForMs: 0 }), call.signal);
    }
  }
}

/** One subscription, moved from transport to transport. */
class LiveSubscription {
  readonly #call: Call;
  readonly #handlers: Handlers;
  readonly #options: LiveCallerOptions;
  readonly #stopFollowing: () => void;
  #current: { unsubscribe(): void } | null = null;
  #waiting = new AbortController();
  #lastEventId: string | null = null;
  #failedCount = 0;
  #isOver = false;

  constructor(call: Call, handlers: Handlers, options: LiveCallerOptions) {
    this.#call = call;
    this.#handlers = handlers;
    this.#options = options;
    this.#stopFollowing = effect(() => {
      const transport = options.transport.value;
      const mode = transport?.streams.value ?? "none";
      untracked(() => {
        this.#release();
        if (transport !== null && mode !== "none") this.#begin(transport);
      });
    });
  }

  readonly stop = (): void => {
    this.#isOver = true;
    this.#stopFollowing();
    this.#release();
  };

  #release(): void {
    this.#waiting.abort();
    const current = this.#current;
    this.#current = null;
    current?.unsubscribe();
  }

  #begin(transport: Transport): void {
    let isCurrent = true;
    const inner = transport.subscribe(this.#resumed(), {
      onData: (item, id) => {
        if (!isCurrent) return;
        this.#failedCount = 0;
        if (id !== undefined) this.#lastEventId = id;
        // Received events are delivered even if the transport changes: the next one continues after them.
        this.#options.frames.add(() => {
          if (!this.#isOver) this.#handlers.onData?.(item, id);
        });
      },
      onError: (error) => {
        if (isCurrent) this.#failed(transport, error);
      },
      // The server completes a subscription only when it shuts down.
      onComplete: () => {
        if (isCurrent) void this.#again(0);
      },
    });
    this.#current = {
      unsubscribe: () => {
        isCurrent = false;
        inner.unsubscribe();
      },
    };
  }

  #failed(transport: Transport, error: unknown): void {
    const { appCode, isRetryable, retryAfterMs } = readWireError(error);
    if (appCode === "unauthenticated") this.#options.onUnauthenticated();
    if (!isRetryable) {
      this.#options.frames.flush();
      this.#isOver = true;
      this.#handlers.onError?.(error);
      return;
    }
    if (appCode === null) transport.doubt();
    void this.#again(retryAfterMs);
  }

  async #again(atLeastMs: number): Promise<void> {
    if (this.#isOver) return;
    this.#release();
    const { signal } = this.#waiting = new AbortController();
    const ms = backoffMs({ failedCount: this.#failedCount++, lostForMs: 0, atLeastMs });
    try {
      await pauseUntilOpen(this.#options.isOpen, ms, signal);
    } catch {
      // Ended, or moved to another transport.
      return;
    }
    const transport = this.#options.transport.peek();
    if (!signal.aborted && transport !== null && transport.streams.peek() !== "none") this.#begin(transport);
  }

  #resumed(): Call {
    if (this.#lastEventId === null) return this.#call;
    return { ...this.#call, input: { ...this.#call.input as object, lastEventId: this.#lastEventId } };
  }
}
