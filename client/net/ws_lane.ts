import { signal } from "@preact/signals";
import { createWSClient, wsLink } from "@trpc/client";
import type { OperationLink, TRPCWebSocketClient } from "@trpc/client";
import type { AppRouter } from "../../server/router.ts";
import { CLOSE_CODES, mayReconnect } from "../../shared/errors.ts";
import { DIAL_TIMEOUT_MS } from "../../shared/limits.ts";
import { dialedSocketClass } from "./dialed_socket.ts";
import type { DialedSocket, SocketEnd } from "./dialed_socket.ts";
import type { Lane, LaneEvents } from "./lane.ts";
import { Liveness } from "./liveness.ts";
import type { RetryGate } from "./retry_gate.ts";

/** What a WebSocket lane needs. */
export interface WsLaneOptions {
  readonly url: string;
  readonly WebSocket: typeof WebSocket;
  readonly gate: RetryGate;
  readonly events: LaneEvents;
  readonly now: () => number;
  readonly isVisible: () => boolean;
}

/** After "too fast" the server wants quiet. */
const TOO_FAST_WAIT_MS = 10_000;
/** A dial that has taken this long may be begun anew on demand. */
const STUCK_AFTER_MS = 2_000;

/** The stock tRPC client over sockets of our own: its reconnects wait at our gate and notice dead links. */
export class WsLane implements Lane {
  readonly transport = "websocket";
  readonly streams = signal("live" as const);
  readonly run: OperationLink<AppRouter>;
  readonly #options: WsLaneOptions;
  readonly #client: TRPCWebSocketClient;
  /** Open sockets: two for a moment when the server asks for a reconnect. */
  readonly #open = new Map<DialedSocket, Liveness>();
  #dialing: { readonly socket: DialedSocket; readonly since: number } | null = null;
  #isClosed = false;

  constructor(options: WsLaneOptions) {
    this.#options = options;
    this.#client = createWSClient({
      // Waiting here and not in `retryDelayMs`, because a person may cut this wait short.
      url: async () => {
        await options.gate.pass();
        return options.url;
      },
      retryDelayMs: () => 0,
      WebSocket: dialedSocketClass({
        WebSocket: options.WebSocket,
        timeoutMs: DIAL_TIMEOUT_MS,
        observer: {
          onDial: (socket) => this.#dialing = { socket, since: options.now() },
          onOpen: (socket) => this.#opened(socket),
          onHeard: (socket, data) => this.#open.get(socket)?.heard(data),
          onClosed: (socket, end) => this.#closed(socket, end),
        },
      }),
    });
    this.run = wsLink<AppRouter>({ client: this.#client })({});
  }

  wake(): void {
    if (this.#open.size === 0) this.tryNow();
    for (const liveness of this.#open.values()) liveness.probe();
  }

  tryNow(): void {
    const dialing = this.#dialing;
    if (dialing !== null && this.#options.now() - dialing.since >= STUCK_AFTER_MS) {
      dialing.socket.drop("Dialed anew");
    }
    this.#options.gate.open();
  }

  doubt(): void {
    for (const liveness of this.#open.values()) liveness.probe();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    // First the client, so that it does not dial again when its sockets go.
    void this.#client.close().catch(() => {});
    this.#options.gate.cancel();
    this.#dialing?.socket.drop("Closed");
    for (const socket of [...this.#open.keys()]) socket.close(1000);
    for (const liveness of this.#open.values()) liveness.stop();
  }

  #opened(socket: DialedSocket): void {
    this.#dialing = null;
    if (this.#isClosed) return socket.drop("Closed");
    const { gate, events, now, isVisible } = this.#options;
    gate.succeeded();
    this.#open.set(socket, new Liveness(socket, { now, isVisible, onRoundTrip: events.onRoundTrip }));
    events.onOpen(this);
  }

  #closed(socket: DialedSocket, end: SocketEnd): void {
    const liveness = this.#open.get(socket);
    liveness?.stop();
    this.#open.delete(socket);
    if (this.#dialing?.socket === socket) this.#dialing = null;
    if (this.#isClosed) return;
    const { gate, events, now } = this.#options;
    if (!mayReconnect(end.code)) {
      this.close();
      events.onEnded(this, end.code);
    } else if (!end.wasOpen) {
      gate.failed();
      events.onFailed(this, end.isTimeout);
    } else if (this.#open.size === 0) {
      gate.lost(end.code === CLOSE_CODES.tooFast ? TOO_FAST_WAIT_MS : 0);
      events.onLost(this, `${end.code} ${end.reason}`.trim(), liveness?.heardAt ?? now());
    }
  }
}
