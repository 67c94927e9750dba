import { computed, signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import { CallError } from "./caller.ts";
import type { Call, Handlers } from "./caller.ts";
import type { HttpLane, HttpLaneOptions } from "./http_lane.ts";
import type { Lane, LaneEvents, StreamMode } from "./lane.ts";

const RETRY_MS = 3_000;

/** The way over HTTP for who has no WebSocket: its code is fetched with the first need. Calls wait for it. */
export class LateHttpLane implements Lane {
  readonly transport: "sse" | "polling";
  readonly streams: ReadonlySignal<StreamMode> = computed(() => this.#lane.value?.streams.value ?? "none");
  readonly #lane = signal<HttpLane | null>(null);
  readonly #ready = Promise.withResolvers<HttpLane>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;

  constructor(options: HttpLaneOptions) {
    this.transport = options.transport;
    // Without a call nobody waits for it.
    this.#ready.promise.catch(() => {});
    void this.#load({ ...options, events: this.#asMine(options.events) });
  }

  async request(call: Call): Promise<unknown> {
    return await (await this.#ready.promise).request(call);
  }

  /** Nobody asks before `streams` says that there may be some. */
  subscribe(call: Call, handlers: Handlers): { unsubscribe(): void } {
    const lane = this.#lane.peek();
    if (lane === null) throw new Error("No stream before the lane is there");
    return lane.subscribe(call, handlers);
  }

  wake(): void {
    this.#lane.peek()?.wake();
  }

  tryNow(): void {
    this.#lane.peek()?.tryNow();
  }

  doubt(): void {
    this.#lane.peek()?.doubt();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#lane.peek()?.close();
    this.#ready.reject(new CallError("The connection was closed"));
  }

  async #load(options: HttpLaneOptions): Promise<void> {
    try {
      const { HttpLane } = await import("./http_lane.ts");
      if (this.#isClosed) return;
      const lane = new HttpLane(options);
      this.#lane.value = lane;
      this.#ready.resolve(lane);
    } catch {
      if (!this.#isClosed) this.#timer = setTimeout(() => void this.#load(options), RETRY_MS);
    }
  }

  /** What the lane inside tells, told of this one. */
  #asMine(events: LaneEvents): LaneEvents {
    return {
      onOpen: () => events.onOpen(this),
      onLost: (_, reason, heardAt) => events.onLost(this, reason, heardAt),
      onFailed: (_, isTimeout) => events.onFailed(this, isTimeout),
      onEnded: (_, closeCode) => events.onEnded(this, closeCode),
      onRoundTrip: events.onRoundTrip,
    };
  }
}
