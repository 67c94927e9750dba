import { computed, signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import { CLOSE_CODES } from "../../shared/errors.ts";
import type { ConnectionModel } from "./connection_model.ts";
import type { Fetch, Lane, LaneEvents } from "./lane.ts";
import { LateHttpLane } from "./late_http_lane.ts";
import { RetryGate } from "./retry_gate.ts";
import type { SessionCheck } from "./session_check.ts";
import { TransportChoice } from "./transport_choice.ts";
import type { ChoiceStorage } from "./transport_choice.ts";
import type { WakeReason } from "./wake_probe.ts";
import { WsLane } from "./ws_lane.ts";

/** What the browser gives, or a test in its place. */
export interface NetPlatform {
  readonly dial: (url: string) => WebSocket;
  readonly EventSource: typeof EventSource;
  readonly fetch: Fetch;
  readonly locks: LockManager | undefined;
  readonly storage: ChoiceStorage | null;
  readonly isVisible: ReadonlySignal<boolean>;
  readonly isDeviceOnline: ReadonlySignal<boolean>;
  /** Calls back once, before the next frame is drawn; null where no frames are drawn at all. */
  readonly onFrame: ((callback: () => void) => void) | null;
  readonly now: () => number;
  readonly random: () => number;
}

/** What a live connection needs. */
export interface LiveConnectionOptions {
  /** Of the server, without a path. */
  readonly baseUrl: string;
  readonly model: ConnectionModel;
  readonly platform: NetPlatform;
  readonly check: SessionCheck;
  readonly onSessionEnded: (closeCode: number) => void;
}

/** Keeps one way to the server open while somebody is signed in, and changes the way when it is blocked. */
export class LiveConnection {
  readonly model: ConnectionModel;
  readonly #options: LiveConnectionOptions;
  readonly #choice: TransportChoice;
  readonly #lane = signal<Lane | null>(null);
  /** A WebSocket that is tried in the background while HTTP carries on. */
  #trial: Lane | null = null;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;

  /** The way that calls take; null while nobody is signed in. */
  readonly lane: ReadonlySignal<Lane | null> = computed(() => this.#lane.value);

  constructor(options: LiveConnectionOptions) {
    const { now, storage } = options.platform;
    this.#options = options;
    this.#choice = new TransportChoice({ storage, now });
    this.model = options.model;
    this.model.handleTryNow(() => this.#lane.peek()?.tryNow());
  }

  /** Begins to connect. */
  start(): void {
    if (this.#lane.peek() !== null) return;
    const transport = this.#choice.first();
    this.model.begin(transport);
    if (transport === "websocket") this.#lane.value = this.#wsLane();
    else this.#useHttp(transport);
  }

  /** Ends the connection. */
  stop(phase: "idle" | "ended" = "idle"): void {
    this.#endTrial();
    const lane = this.#lane.peek();
    // First nobody uses it any more, then it goes.
    this.#lane.value = null;
    lane?.close();
    this.model.stopped(phase);
  }

  /** The device may have slept or changed its network. */
  wake(reason: WakeReason): void {
    this.#lane.peek()?.wake();
    if (reason !== "online" || this.#lane.peek()?.transport === "websocket") return;
    this.#choice.networkChanged();
    this.#planTrial();
  }

  /** A call said that the session is over: make sure before anybody is signed out. */
  async doubtSession(): Promise<void> {
    const lane = this.#lane.peek();
    if (lane !== null && await this.#options.check() === "ended") this.#ended(lane, CLOSE_CODES.sessionEnded);
  }

  readonly #events: LaneEvents = {
    onOpen: (lane) => this.#opened(lane),
    onLost: (lane, reason, heardAt) => {
      if (lane === this.#lane.peek()) this.model.lost(reason, heardAt);
    },
    onFailed: (lane, isTimeout) => void this.#failed(lane, isTimeout),
    onEnded: (lane, closeCode) => this.#ended(lane, closeCode),
    onRoundTrip: (ms) => this.model.measured(ms),
  };

  #opened(lane: Lane): void {
    if (lane.transport === "websocket") this.#choice.socketOpened();
    if (lane === this.#trial) {
      this.#trial = null;
      this.#use(lane);
    }
    if (lane === this.#lane.peek()) this.model.opened(lane.transport);
  }

  async #failed(lane: Lane, isTimeout: boolean): Promise<void> {
    if (lane === this.#trial) return this.#planTrial();
    if (lane.transport !== "websocket") return;
    const state = await this.#options.check();
    if (lane !== this.#lane.peek() || this.model.isOpen.peek()) return;
    if (state === "ended") this.#ended(lane, CLOSE_CODES.sessionEnded);
    // The server is there, so it is the WebSocket that something on the way refuses.
    else if (state === "signed_in" && this.#choice.socketBlocked(isTimeout)) this.#useHttp("sse");
  }

  #ended(lane: Lane, closeCode: number): void {
    if (lane !== this.#lane.peek() && lane !== this.#trial) return;
    this.stop("ended");
    this.#options.onSessionEnded(closeCode);
  }

  #useHttp(transport: "sse" | "polling"): void {
    this.#use(this.#httpLane(transport));
    this.#planTrial();
  }

  #use(lane: Lane): void {
    const before = this.#lane.peek();
    this.model.switched(lane.transport);
    // Subscriptions move in this very assignment; only then may the old way close.
    this.#lane.value = lane;
    before?.close();
  }

  #planTrial(): void {
    this.#endTrial();
    this.#retryTimer = setTimeout(() => this.#trial = this.#wsLane(), this.#choice.nextRetryMs());
  }

  #endTrial(): void {
    clearTimeout(this.#retryTimer);
    this.#trial?.close();
    this.#trial = null;
  }

  #wsLane(): Lane {
    const { baseUrl, platform } = this.#options;
    const { dial, now } = platform;
    return new WsLane({
      url: `${baseUrl.replace(/^http/, "ws")}/trpc`,
      dial,
      now,
      gate: this.#gate(),
      events: this.#events,
      isVisible: () => platform.isVisible.peek(),
    });
  }

  #httpLane(transport: "sse" | "polling"): Lane {
    const { baseUrl, platform, check } = this.#options;
    const lane: Lane = new LateHttpLane({
      ...platform,
      transport,
      check,
      url: `${baseUrl}/trpc`,
      gate: this.#gate(),
      events: this.#events,
      onStreamsBlocked: () => {
        if (lane !== this.#lane.peek() || transport === "polling") return;
        this.#choice.streamsBlocked();
        this.#useHttp("polling");
      },
    });
    return lane;
  }

  #gate(): RetryGate {
    const { now, random } = this.#options.platform;
    const gate: RetryGate = new RetryGate({
      now,
      random,
      onPlanned: (failedCount, retryAt) => {
        if (!this.model.isOpen.peek()) this.model.planned(failedCount, retryAt);
      },
    });
    return gate;
  }
}
