import { computed, signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import { CallError } from "./caller.ts";
import type { Call, Handlers } from "./caller.ts";
import type { HttpTransport, HttpTransportOptions } from "./http_transport.ts";
import type { StreamMode, Transport, TransportEvents } from "./transport.ts";

const RETRY_MS = 3_000;

/** The HTTP transport, whose code is fetched when first needed. Calls wait for it. */
export class LateHttpTransport implements Transport {
  readonly kind: "sse" | "polling";
  readonly streams: ReadonlySignal<StreamMode> = computed(() =>
    this.#transport.value?.streams.value ?? "none"
  );
  readonly #transport = signal<HttpTransport | null>(null);
  readonly #ready = Promise.withResolvers<HttpTransport>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;

  constructor(options: HttpTransportOptions) {
    this.kind = options.kind;
    // Without a call, nothing waits for it.
    this.#ready.promise.catch(() => {});
    void this.#load({ ...options, events: this.#asMine(options.events) });
  }

  async request(call: Call): Promise<unknown> {
    return await (await this.#ready.promise).request(call);
  }

  /** Nothing is polled before `streams` allows it. */
  subscribe(call: Call, handlers: Handlers): { unsubscribe(): void } {
    const transport = this.#transport.peek();
    if (transport === null) throw new Error("No stream before the transport is there");
    return transport.subscribe(call, handlers);
  }

  wake(): void {
    this.#transport.peek()?.wake();
  }

  tryNow(): void {
    this.#transport.peek()?.tryNow();
  }

  doubt(): void {
    this.#transport.peek()?.doubt();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#transport.peek()?.close();
    this.#ready.reject(new CallError("The connection was closed"));
  }

  async #load(options: HttpTransportOptions): Promise<void> {
    try {
      const { HttpTransport } = await import("./http_transport.ts");
      if (this.#isClosed) return;
      const transport = new HttpTransport(options);
      this.#transport.value = transport;
      this.#ready.resolve(transport);
    } catch {
      if (!this.#isClosed) this.#timer = setTimeout(() => void this.#load(options), RETRY_MS);
    }
  }

  /** Forwards the events of the inner transport. */
  #asMine(events: TransportEvents): TransportEvents {
    return {
      onOpen: () => events.onOpen(this),
      onLost: (_, reason, heardAt) => events.onLost(this, reason, heardAt),
      onFailed: (_, failure) => events.onFailed(this, failure),
      onRoundTrip: (_, ms) => events.onRoundTrip(this, ms),
      onEnded: (_, closeCode) => events.onEnded(this, closeCode),
    };
  }
}
