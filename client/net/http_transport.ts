import "../base.ts";
import { computed, effect, signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import { httpBatchLink, httpLink, httpSubscriptionLink, TRPCClientError } from "@trpc/client";
import type { Operation, OperationLink } from "@trpc/client";
import { observable } from "@trpc/server/observable";
import type { AppRouter } from "../../server/router.ts";
import { CLOSE_CODES } from "../../shared/errors.ts";
import type { TabId } from "../../shared/ids.ts";
import { HTTP_BATCH_MAX_COUNT, LONG_POLL_MAX_MS, WAKE_PROBE_MS } from "../../shared/limits.ts";
import type { Call, Handlers } from "./caller.ts";
import type { StreamNeed } from "./connection_model.ts";
import { mergeItems, pollCalls, pollEvents, pollRooms } from "./event_poll.ts";
import type { PollPace, PollQueries } from "./event_poll.ts";
import { HttpLife } from "./http_life.ts";
import { linkCaller, unreachable } from "./link_caller.ts";
import { pollQueries } from "./poll_queries.ts";
import type { Fetch, StreamMode, Transport, TransportEvents } from "./transport.ts";
import type { RetryGate } from "./retry_gate.ts";
import type { SessionCheck, SessionState } from "./session_check.ts";
import { StreamSlot } from "./stream_slot.ts";
import type { Inputs } from "./trpc.ts";
import { pause } from "./wait.ts";

/** Options of `HttpTransport`. */
export interface HttpTransportOptions {
  readonly kind: "sse" | "polling";
  readonly url: string;
  readonly fetch: Fetch;
  readonly EventSource: typeof EventSource;
  readonly locks: LockManager | undefined;
  readonly gate: RetryGate;
  readonly check: SessionCheck;
  readonly events: TransportEvents;
  /** A stream got no first byte: a proxy buffers it. */
  readonly onStreamsBlocked: () => void;
  readonly now: () => number;
  readonly isVisible: ReadonlySignal<boolean>;
  readonly need: ReadonlySignal<StreamNeed>;
}

const NO_ANSWER = "No answer over HTTP";
const ANSWER_PATIENCE_MS = 5_000;
const FIRST_BYTE_MS = 8_000;
/** A tab that becomes visible again within this time keeps its streams. */
const HIDDEN_GRACE_MS = 5_000;
const EVENTS_PAUSE_MS = { withSlot: 50, without: 3_000 } as const;
const ROOMS_PAUSE_MS = 5_000;
/** Inputs of queries are in the address, which proxies limit to 8 KiB or less. */
const URL_MAX_CHARACTERS = 4_000;

/** Calls in batches, and subscriptions as SSE, or by polling where proxies buffer streams. */
export class HttpTransport implements Transport {
  readonly kind: "sse" | "polling";
  readonly streams: ReadonlySignal<StreamMode>;
  readonly #options: HttpTransportOptions;
  readonly #slot: StreamSlot;
  readonly #isAwake = signal(true);
  /** Between a loss and the next answer: then streams are opened anew, since dead ones say nothing. */
  readonly #isLost = signal(false);
  readonly #life: HttpLife;
  readonly #calls: OperationLink<AppRouter>;
  readonly #waits: OperationLink<AppRouter>;
  readonly #streams: OperationLink<AppRouter>;
  readonly #queries: PollQueries;
  readonly #stop: () => void;
  readonly #closing = new AbortController();
  #isOpen = false;
  #isClosed = false;
  #isChecking = false;

  constructor(options: HttpTransportOptions) {
    const { url, kind } = options;
    this.#options = options;
    this.#life = new HttpLife({ ...options, onSilence: () => this.doubt() });
    const { fetch, EventSource } = this.#life;
    this.kind = kind;
    this.#slot = new StreamSlot(options.locks);
    this.#calls = httpBatchLink<AppRouter>({
      url,
      fetch,
      maxItems: HTTP_BATCH_MAX_COUNT,
      maxURLLength: URL_MAX_CHARACTERS,
    })({});
    this.#waits = httpLink<AppRouter>({ url, fetch })({});
    this.#streams = httpSubscriptionLink<AppRouter, typeof EventSource>({
      url,
      EventSource,
    })({});
    this.#queries = pollQueries(url, fetch);
    this.streams = computed(() => {
      const slot = this.#slot.state.value;
      if (!this.#isAwake.value || this.#isLost.value || slot === "unknown") return "none";
      return kind === "sse" && slot === "held" ? "live" : "poll";
    });
    const stopFollowing = effect(() => {
      return this.#followVisibility(options.isVisible.value || options.need.value !== "page");
    });
    const stopAsking = effect(() => this.#slot.setFirst(options.need.value === "call"));
    this.#stop = () => {
      stopFollowing();
      stopAsking();
    };
    void this.#connect();
  }

  readonly #run: OperationLink<AppRouter> = (props) => {
    const { op } = props;
    if (op.type === "subscription") return this.streams.peek() === "live" ? this.#stream(op) : this.#poll(op);
    // A call that waits on the server would delay the whole batch.
    return (op.path === "messages.since" ? this.#waits : this.#calls)(props);
  };

  readonly #caller = linkCaller(this.#run);

  async request(call: Call): Promise<unknown> {
    // Streams may go on although nothing that is sent arrives.
    const timer = setTimeout(() => this.doubt(), ANSWER_PATIENCE_MS);
    try {
      return await this.#caller.request(call);
    } finally {
      clearTimeout(timer);
    }
  }

  subscribe(call: Call, handlers: Handlers): { unsubscribe(): void } {
    return this.#caller.subscribe(call, handlers);
  }

  wake(): void {
    this.doubt();
  }

  tryNow(): void {
    this.#options.gate.open();
    if (!this.#isOpen) void this.#options.check(true);
  }

  doubt(): void {
    if (!this.#isOpen) this.tryNow();
    else void this.#look();
  }

  close(): void {
    this.#isClosed = true;
    this.#closing.abort();
    this.#life.stop();
    this.#stop();
    this.#slot.want(false);
    this.#options.gate.cancel();
  }

  #followVisibility(isAwake: boolean): (() => void) | undefined {
    if (isAwake) {
      this.#isAwake.value = true;
      this.#slot.want(true);
      return undefined;
    }
    const timer = setTimeout(() => {
      this.#isAwake.value = false;
      this.#slot.want(false);
    }, HIDDEN_GRACE_MS);
    return () => clearTimeout(timer);
  }

  /** Repeats until the server answers. */
  async #connect(): Promise<void> {
    const { gate, events, now } = this.#options;
    while (!this.#isClosed) {
      try {
        await gate.pass();
      } catch {
        return;
      }
      const startedAt = now();
      const state = await this.#check();
      if (this.#isClosed) return;
      if (state === "ended") return this.#end();
      if (state === "signed_in") {
        gate.succeeded();
        this.#isOpen = true;
        this.#isLost.value = false;
        this.#life.heard();
        events.onOpen(this);
        return;
      }
      gate.failed(now() - startedAt);
      events.onFailed(this, { reason: NO_ANSWER, isTimeout: false });
    }
  }

  async #look(): Promise<void> {
    if (this.#isChecking) return;
    this.#isChecking = true;
    const { events, gate } = this.#options;
    const done = new AbortController();
    const patience = pause(WAKE_PROBE_MS, AbortSignal.any([done.signal, this.#closing.signal]));
    const late = () => "unreachable" as const;
    const state = await Promise.race([this.#check(), patience.then(late, late)]);
    done.abort();
    this.#isChecking = false;
    if (this.#isClosed || !this.#isOpen) return;
    if (state === "ended") return this.#end();
    if (state === "signed_in") return this.#life.heard();
    this.#isOpen = false;
    this.#isLost.value = true;
    this.#life.lost(NO_ANSWER);
    gate.lost();
    events.onLost(this, NO_ANSWER, this.#life.heardAt);
    void this.#connect();
  }

  async #check(): Promise<SessionState> {
    const { check, now, events } = this.#options;
    const startedAt = now();
    const state = await check();
    if (state !== "unreachable") events.onRoundTrip(this, now() - startedAt);
    return state;
  }

  #end(): void {
    this.close();
    this.#options.events.onEnded(this, CLOSE_CODES.sessionEnded);
  }

  #stream(op: Operation): ReturnType<OperationLink<AppRouter>> {
    return observable((observer) => {
      let isBlocked = true;
      const timer = setTimeout(() => void this.#blocked(() => isBlocked), FIRST_BYTE_MS);
      const subscription = this.#streams({ op, next: unreachable }).subscribe({
        next: (envelope) => {
          const { result } = envelope;
          if (result.type !== "state") {
            clearTimeout(timer);
            isBlocked = false;
          }
          observer.next(envelope);
        },
        error: (error) => observer.error(error),
        complete: () => observer.complete(),
      });
      return () => {
        clearTimeout(timer);
        isBlocked = false;
        subscription.unsubscribe();
      };
    });
  }

  /** The first byte may arrive during the check. */
  async #blocked(isStill: () => boolean): Promise<void> {
    const state = await this.#options.check();
    if (state === "signed_in" && !this.#isClosed && isStill()) this.#options.onStreamsBlocked();
  }

  #poll(op: Operation): ReturnType<OperationLink<AppRouter>> {
    return observable((observer) => {
      const abort = new AbortController();
      void (async () => {
        try {
          for await (const data of this.#pollItems(op, abort.signal)) {
            if (abort.signal.aborted) return;
            const id = typeof data === "object" && data !== null && "id" in data
              ? { id: String(data.id) }
              : {};
            observer.next({ result: { type: "data", data, ...id } });
          }
        } catch (error) {
          if (!abort.signal.aborted) observer.error(TRPCClientError.from(error as Error));
        }
      })();
      return () => abort.abort();
    });
  }

  #pollItems(op: Operation, signal: AbortSignal): AsyncGenerator<unknown> {
    if (op.path === "rooms.onChange") {
      const { also = [], tabId } = (op.input ?? {}) as Inputs["rooms"]["onChange"] & object;
      const rooms = pollRooms(this.#queries, { pauseMs: ROOMS_PAUSE_MS, signal });
      if (tabId === undefined || !also.includes("signals")) return rooms;
      const calls = pollCalls(this.#queries, tabId as TabId, { pace: () => this.#pace(), signal });
      return mergeItems([rooms, calls], signal);
    }
    if (op.path !== "messages.onEvent") throw new Error(`Cannot poll ${op.path}`);
    return pollEvents(this.#queries, op.input as Parameters<typeof pollEvents>[1], {
      ...this.#pace(),
      signal,
    });
  }

  /** Polls that wait take connections, of which a tab without a slot has none to spare. */
  #pace(): PollPace {
    const hasSlot = this.#slot.state.peek() === "held";
    return {
      waitMs: hasSlot ? LONG_POLL_MAX_MS : 0,
      pauseMs: EVENTS_PAUSE_MS[hasSlot ? "withSlot" : "without"],
    };
  }
}
