import { signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import { CLOSE_CODES } from "../../shared/errors.ts";
import type { ConnectionModel } from "./connection_model.ts";
import type { Fetch, Transport, TransportEvents } from "./transport.ts";
import { LateHttpTransport } from "./late_http_transport.ts";
import { RetryGate } from "./retry_gate.ts";
import type { SessionCheck } from "./session_check.ts";
import { TransportChoice } from "./transport_choice.ts";
import type { ChoiceStorage } from "./transport_choice.ts";
import type { WakeReason } from "./wake_probe.ts";
import { WsTransport } from "./ws_transport.ts";

/** The browser, or a test double. */
export interface NetPlatform {
  readonly dial: (url: string) => WebSocket;
  readonly EventSource: typeof EventSource;
  readonly fetch: Fetch;
  readonly locks: LockManager | undefined;
  readonly storage: ChoiceStorage | null;
  readonly isVisible: ReadonlySignal<boolean>;
  readonly isDeviceOnline: ReadonlySignal<boolean>;
  /** True from a key press or a click until a frame shows its effect. */
  readonly isInputWaiting: () => boolean;
  /** Calls `callback` once, before the next frame; null if no frames are drawn at all. */
  readonly onFrame: ((callback: () => void) => void) | null;
  readonly now: () => number;
  readonly random: () => number;
}

export interface LiveConnectionOptions {
  /** Origin of the server. */
  readonly baseUrl: string;
  readonly model: ConnectionModel;
  readonly platform: NetPlatform;
  readonly check: SessionCheck;
  readonly onSessionEnded: (closeCode: number) => void;
}

/** Keeps one transport open while somebody is signed in, and switches to another if it is blocked. */
export class LiveConnection {
  readonly model: ConnectionModel;
  readonly #options: LiveConnectionOptions;
  readonly #choice: TransportChoice;
  readonly #transport = signal<Transport | null>(null);
  /** A WebSocket tried in the background while HTTP is in use. */
  #trial: Transport | null = null;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;

  /** The transport for calls; null while nobody is signed in. */
  readonly transport: ReadonlySignal<Transport | null> = this.#transport;

  constructor(options: LiveConnectionOptions) {
    const { now, storage } = options.platform;
    this.#options = options;
    this.#choice = new TransportChoice({ storage, now });
    this.model = options.model;
    this.model.handleMeasure(() => this.#transport.peek()?.doubt());
  }

  /** Starts connecting. */
  start(): void {
    if (this.#transport.peek() !== null) return;
    const kind = this.#choice.first();
    this.model.handleTryNow(() => this.#transport.peek()?.tryNow());
    this.model.begin(kind);
    if (kind === "websocket") this.#transport.value = this.#wsTransport();
    else this.#useHttp(kind);
  }

  /** Ends the connection. */
  stop(phase: "idle" | "ended" = "idle"): void {
    this.#endTrial();
    const transport = this.#transport.peek();
    // Callers move off the transport before it closes.
    this.#transport.value = null;
    transport?.close();
    this.model.stopped(phase);
  }

  /** The device may have slept or changed its network. */
  wake(reason: WakeReason): void {
    this.#transport.peek()?.wake();
    if (reason !== "online" || this.#transport.peek()?.kind === "websocket") return;
    this.#choice.networkChanged();
    this.#planTrial();
  }

  /** A call failed because the session seems to be over: check before signing out. */
  async doubtSession(): Promise<void> {
    const transport = this.#transport.peek();
    if (transport !== null && await this.#options.check() === "ended") {
      this.#ended(transport, CLOSE_CODES.sessionEnded);
    }
  }

  readonly #events: TransportEvents = {
    onOpen: (transport) => this.#opened(transport),
    onLost: (transport, reason, heardAt) => {
      if (transport === this.#transport.peek()) this.model.lost(reason, heardAt);
    },
    onFailed: (transport, failure) => void this.#failed(transport, failure),
    onRoundTrip: (transport, ms) => {
      if (transport === this.#transport.peek()) this.model.answered(ms);
    },
    onEnded: (transport, closeCode) => this.#ended(transport, closeCode),
  };

  #opened(transport: Transport): void {
    if (transport.kind === "websocket") this.#choice.socketOpened();
    if (transport === this.#trial) {
      this.#trial = null;
      this.#use(transport);
    }
    if (transport === this.#transport.peek()) this.model.opened(transport.kind);
  }

  async #failed(
    transport: Transport,
    { reason, isTimeout }: { readonly reason: string; readonly isTimeout: boolean },
  ): Promise<void> {
    if (transport === this.#trial) return this.#planTrial();
    if (transport === this.#transport.peek()) this.model.dialFailed(reason);
    if (transport.kind !== "websocket") return;
    const state = await this.#options.check();
    if (transport !== this.#transport.peek() || this.model.isOpen.peek()) return;
    if (state === "ended") this.#ended(transport, CLOSE_CODES.sessionEnded);
    // The server answers, so something on the way blocks WebSocket.
    else if (state === "signed_in" && this.#choice.socketBlocked(isTimeout)) this.#useHttp("sse");
  }

  #ended(transport: Transport, closeCode: number): void {
    if (transport !== this.#transport.peek() && transport !== this.#trial) return;
    this.stop("ended");
    this.#options.onSessionEnded(closeCode);
  }

  #useHttp(kind: "sse" | "polling"): void {
    this.#use(this.#httpTransport(kind));
    this.#planTrial();
  }

  #use(transport: Transport): void {
    const before = this.#transport.peek();
    this.model.switched(transport.kind);
    // This moves all subscriptions; only then may the old transport close.
    this.#transport.value = transport;
    before?.close();
  }

  #planTrial(): void {
    this.#endTrial();
    this.#retryTimer = setTimeout(() => this.#trial = this.#wsTransport(), this.#choice.nextRetryMs());
  }

  #endTrial(): void {
    clearTimeout(this.#retryTimer);
    this.#trial?.close();
    this.#trial = null;
  }

  #wsTransport(): Transport {
    const { baseUrl, platform, check } = this.#options;
    const { dial, now } = platform;
    return new WsTransport({
      url: `${baseUrl.replace(/^http/, "ws")}/trpc`,
      dial,
      now,
      gate: this.#gate(),
      events: this.#events,
      check,
      isVisible: () => platform.isVisible.peek(),
    });
  }

  #httpTransport(kind: "sse" | "polling"): Transport {
    const { baseUrl, platform, check } = this.#options;
    const transport: Transport = new LateHttpTransport({
      ...platform,
      kind,
      need: this.model.need,
      check,
      url: `${baseUrl}/trpc`,
      gate: this.#gate(),
      events: this.#events,
      onStreamsBlocked: () => {
        if (transport !== this.#transport.peek() || kind === "polling") return;
        this.#choice.streamsBlocked();
        this.#useHttp("polling");
      },
    });
    return transport;
  }

  #gate(): RetryGate {
    const { now, random } = this.#options.platform;
    const gate: RetryGate = new RetryGate({
      now,
      random,
      onPlanned: (retryAt) => {
        if (!this.model.isOpen.peek()) this.model.planned(retryAt);
      },
    });
    return gate;
  }
}
