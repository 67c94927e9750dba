import { signal } from "@preact/signals";
import { CLOSE_CODES, mayReconnect } from "../../shared/errors.ts";
import { DIAL_TIMEOUT_MS } from "../../shared/limits.ts";
import type { Call, Handlers } from "./caller.ts";
import { DialedSocket } from "./dialed_socket.ts";
import type { SocketEnd } from "./dialed_socket.ts";
import type { Transport, TransportEvents } from "./transport.ts";
import { Liveness } from "./liveness.ts";
import type { RetryGate } from "./retry_gate.ts";
import type { SessionCheck } from "./session_check.ts";
import { WsCalls } from "./ws_calls.ts";

/** Options of `WsTransport`. */
export interface WsTransportOptions {
  readonly url: string;
  readonly dial: (url: string) => WebSocket;
  readonly gate: RetryGate;
  readonly events: TransportEvents;
  readonly now: () => number;
  readonly isVisible: () => boolean;
  readonly check: SessionCheck;
}

/** The wait after the server has closed for too many requests. */
const TOO_FAST_WAIT_MS = 10_000;
/** A dial that has taken this long can be restarted on demand. */
const STUCK_AFTER_MS = 2_000;
/** In a visible tab, the server is asked over HTTP about a dial without an answer: first after this time, then again. */
const CHECK_DIAL_MS = { first: 3_000, next: 2_500 } as const;
/** Round trips of a dial: name, TCP, TLS and upgrade. */
const DIAL_ROUND_TRIP_COUNT = 4;

/** Sends calls over a WebSocket, dials again through the gate when it is lost, and detects dead connections. */
export class WsTransport implements Transport {
  readonly kind = "websocket";
  readonly streams = signal("live" as const);
  readonly #options: WsTransportOptions;
  readonly #calls = new WsCalls(() => void this.#dial());
  /** Open sockets: briefly two when the server requests a reconnect. */
  readonly #open = new Map<DialedSocket, Liveness>();
  /** The current dial, or the one that waits at the gate. */
  #dialing: { readonly socket: DialedSocket | null; readonly since: number } | null = null;
  #dialTimer: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;

  constructor(options: WsTransportOptions) {
    this.#options = options;
    void this.#dial();
  }

  request(call: Call): Promise<unknown> {
    return this.#calls.request(call);
  }

  subscribe(call: Call, handlers: Handlers): { unsubscribe(): void } {
    return this.#calls.subscribe(call, handlers);
  }

  wake(): void {
    if (this.#open.size === 0) this.tryNow();
    for (const liveness of this.#open.values()) liveness.probe();
  }

  tryNow(): void {
    const socket = this.#dialing?.socket ?? null;
    if (socket === null) return this.#options.gate.open();
    const waitMs = STUCK_AFTER_MS - this.#dialedForMs();
    clearTimeout(this.#dialTimer);
    if (waitMs > 0) this.#dialTimer = setTimeout(() => this.tryNow(), waitMs);
    else this.#dialAnew(socket);
  }

  doubt(): void {
    for (const liveness of this.#open.values()) liveness.probe();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#calls.end();
    this.#options.gate.cancel();
    clearTimeout(this.#dialTimer);
    this.#dialing?.socket?.drop("Closed");
    for (const socket of [...this.#open.keys()]) socket.close(1000);
    for (const liveness of this.#open.values()) liveness.stop();
  }

  async #dial(): Promise<void> {
    if (this.#isClosed || this.#dialing !== null) return;
    const { gate, url, dial, now } = this.#options;
    this.#dialing = { socket: null, since: now() };
    try {
      await gate.pass();
    } catch {
      // Closed in the meantime.
      return;
    }
    if (this.#isClosed) return;
    const socket = new DialedSocket(url, {
      dial,
      timeoutMs: DIAL_TIMEOUT_MS,
      observer: {
        onOpen: (socket) => this.#opened(socket),
        onHeard: (socket, data) => {
          this.#open.get(socket)?.heard(data);
          this.#calls.heard(socket, data);
        },
        onClosed: (socket, end) => this.#closed(socket, end),
      },
    });
    this.#dialing = { socket, since: now() };
    this.#dialTimer = setTimeout(() => void this.#checkDial(socket), CHECK_DIAL_MS.first);
  }

  /**
   * What was sent into a network that drops everything is not answered when it works again. If the server answers over
   * HTTP much sooner than a dial would take, the dial is lost. (Browsers have one dial to a server at a time.)
   */
  async #checkDial(socket: DialedSocket): Promise<void> {
    const { now, check, isVisible } = this.#options;
    this.#dialTimer = setTimeout(() => void this.#checkDial(socket), CHECK_DIAL_MS.next);
    if (!isVisible()) return;
    const askedAt = now();
    const state = await check(true);
    if (state === "unreachable" || this.#dialing?.socket !== socket) return;
    if (this.#dialedForMs() > DIAL_ROUND_TRIP_COUNT * (now() - askedAt)) this.#dialAnew(socket);
  }

  #dialedForMs(): number {
    const { now } = this.#options;
    return now() - (this.#dialing?.since ?? now());
  }

  #dialAnew(socket: DialedSocket): void {
    socket.drop("Dialed anew");
    this.#options.gate.open();
  }

  #opened(socket: DialedSocket): void {
    this.#dialing = null;
    clearTimeout(this.#dialTimer);
    const { gate, events, now, isVisible } = this.#options;
    gate.succeeded();
    const onRoundTrip = (ms: number) => events.onRoundTrip(this, ms);
    this.#open.set(socket, new Liveness(socket, { now, isVisible, onRoundTrip }));
    this.#calls.opened(socket);
    events.onOpen(this);
  }

  #closed(socket: DialedSocket, end: SocketEnd): void {
    const liveness = this.#open.get(socket);
    liveness?.stop();
    this.#open.delete(socket);
    const tookMs = this.#dialedForMs();
    if (this.#dialing?.socket === socket) {
      this.#dialing = null;
      clearTimeout(this.#dialTimer);
    }
    if (this.#isClosed) return;
    this.#calls.closed(socket);
    const { gate, events, now } = this.#options;
    if (!mayReconnect(end.code)) {
      this.close();
      events.onEnded(this, end.code);
      return;
    }
    if (!end.wasOpen) {
      gate.failed(tookMs);
      events.onFailed(this, { reason: describe(end), isTimeout: end.isTimeout });
    } else if (this.#open.size === 0) {
      gate.lost(end.code === CLOSE_CODES.tooFast ? TOO_FAST_WAIT_MS : 0);
      events.onLost(this, describe(end), liveness?.heardAt ?? now());
    }
    if (this.#open.size === 0 || !end.wasOpen) void this.#dial();
  }
}

function describe({ code, reason }: SocketEnd): string {
  return `${code} ${reason}`.trim();
}
