import { Buffer } from "node:buffer";
import type { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import type { Encoder } from "@trpc/server/adapters/ws";
// @ts-types="npm:@types/ws@8.18.2"
import type { WebSocket } from "ws";
import { CLOSE_CODES } from "../../shared/errors.ts";
import { newId } from "../../shared/ids.ts";
import type { ConnectionId } from "../../shared/ids.ts";
import {
  CLOSE_FLUSH_MS,
  EPHEMERAL_SKIP_BYTES,
  SLOW_CONSUMER_BYTES,
  SOCKET_QUEUE_MAX_BYTES,
} from "../../shared/limits.ts";
import type { Log } from "../log.ts";
import type { Connection, Login } from "./connection.ts";
import type { CountedConnection } from "./connection_registry.ts";
import type { RateLimiter } from "./rate_limit.ts";
import { RequestGate } from "./request_gate.ts";
import { TrpcSocket } from "./trpc_socket.ts";

/** What a connection is made of. */
export interface WsConnectionOptions {
  readonly ws: WebSocket;
  /** The socket below `ws`: frames made elsewhere go there. */
  readonly socket: Socket;
  readonly login: Login | null;
  /** Address as limits see it. */
  readonly subject: string;
  readonly limits: RateLimiter;
  readonly log: Log;
}

const OPEN = 1;
const CLOSING = 2;
/** A stock client sends its requests a moment after its token. */
const REJECTION_MS = 250;

/** One WebSocket, guarded: what comes in passes the gate, what goes out is bounded. */
export class WsConnection implements Connection, CountedConnection {
  readonly id: ConnectionId = newId<ConnectionId>();
  readonly subject: string;
  /** What tRPC's handler takes for the socket. */
  readonly trpcSocket: EventEmitter;
  readonly #ws: WebSocket;
  readonly #socket: Socket;
  readonly #log: Log;
  readonly #gate: RequestGate;
  readonly #closeCallbacks = new Set<() => void>();
  #drainWaiters: (() => void)[] = [];
  #login: Login | null;
  #decoded: { readonly value: unknown } | null = null;
  #closing: { readonly code: number; readonly reason: string } | null = null;
  #isEnded = false;
  #isFirstFrameParams = false;
  /** Bytes of answers, as opposed to live frames, that are still queued. */
  #answerBytes = 0;
  /** When something last came in. */
  #heardAt: number;

  /** Takes over a socket that has just been upgraded. */
  constructor(options: WsConnectionOptions) {
    this.#ws = options.ws;
    this.#socket = options.socket;
    this.#log = options.log;
    this.#login = options.login;
    this.#heardAt = performance.now();
    this.subject = options.subject;
    this.#gate = new RequestGate({
      limits: options.limits,
      connectionId: this.id,
      subscriber: () => this.#login?.accountId ?? this.subject,
      answer: (response) => this.#sendAnswer(JSON.stringify(response)),
      onFlood: () => this.close(CLOSE_CODES.tooFast, "Too many requests"),
      onIdle: () => this.#finishClosing(),
    });
    this.trpcSocket = new TrpcSocket({
      send: (data) => this.#sendAnswer(data),
      isOpen: () => this.#ws.readyState === OPEN,
      close: () => this.#closeUnauthenticated(),
    });
    this.#listen();
  }

  get login(): Login | null {
    return this.#login;
  }

  get isOpen(): boolean {
    return this.#closing === null && this.#ws.readyState === OPEN;
  }

  get bufferedBytes(): number {
    return this.#socket.writableLength;
  }

  /** Subscriptions that are open or being opened. */
  get subscriptionCount(): number {
    return this.#gate.subscriptionCount;
  }

  /** When something was last received or taken by the peer's system. */
  get heardAt(): number {
    return this.#heardAt;
  }

  /** Bytes that have left the process; a slow reader that takes some is alive. */
  get flushedBytes(): number {
    return this.#socket.bytesWritten - this.#socket.writableLength;
  }

  /** Sets who signed in by `connectionParams`. */
  signIn(login: Login): void {
    this.#login = login;
  }

  /** The first frame will be connection parameters, not a request. */
  expectParams(): void {
    this.#isFirstFrameParams = true;
  }

  /** Wraps the hub's codec: requests were read already, answers are looked at. */
  codec(encoder: Encoder): Encoder {
    return {
      encode: (data) => {
        const isEvent = this.#gate.answered(data);
        return isEvent && this.#closing !== null ? "" : encoder.encode(data);
      },
      decode: (data) => {
        const decoded = this.#decoded;
        this.#decoded = null;
        return decoded === null ? encoder.decode(data) : decoded.value;
      },
    };
  }

  writeFrames(frames: Uint8Array): void {
    if (!this.isOpen) return;
    if (this.bufferedBytes - this.#answerBytes > SLOW_CONSUMER_BYTES) {
      this.#log.info("A reader was too slow and was cut off", { connection: this.id });
      this.terminate();
      return;
    }
    this.#socket.write(frames);
  }

  drained(): Promise<void> {
    if (this.#isEnded || this.bufferedBytes < EPHEMERAL_SKIP_BYTES) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#drainWaiters.push(resolve);
    return promise;
  }

  close(code: number, reason: string): void {
    if (this.#closing !== null || this.#isEnded) return;
    this.#closing = { code, reason };
    // Subscriptions stop here and now; answers in flight still go out.
    this.trpcSocket.emit("close");
    if (!this.#gate.isBusy) return this.#finishClosing();
    const timer = setTimeout(() => this.#sendClose(), CLOSE_FLUSH_MS);
    this.onClose(() => clearTimeout(timer));
  }

  terminate(): void {
    this.#ws.terminate();
  }

  onClose(callback: () => void): void {
    if (this.#isEnded) return callback();
    this.#closeCallbacks.add(callback);
  }

  /** Sends a protocol ping. */
  ping(): void {
    if (this.#ws.readyState === OPEN) this.#ws.ping();
  }

  /** Asks a stock client to move to a new connection. */
  askToReconnect(): void {
    this.#sendAnswer(JSON.stringify({ id: null, method: "reconnect" }));
  }

  #listen(): void {
    const guarded = (work: () => void) => this.#log.guard(work);
    this.#ws.on("message", (data, isBinary) => guarded(() => this.#onMessage(data as Buffer, isBinary)));
    this.#ws.on("ping", () => guarded(() => this.#onControlFrame()));
    this.#ws.on("pong", () => guarded(() => this.#onControlFrame()));
    // ws has closed the socket with the right code; what the peer did wrong is not our fault.
    this.#ws.on(
      "error",
      (error) => this.#log.debug("A WebSocket broke the protocol", { reason: error.message }),
    );
    this.#ws.on("close", () => guarded(() => this.#onEnd()));
    this.#socket.on("drain", () => guarded(() => this.#onDrain()));
  }

  #onControlFrame(): void {
    this.#heardAt = performance.now();
    this.#gate.admitFrame();
  }

  #onMessage(data: Buffer, isBinary: boolean): void {
    this.#heardAt = performance.now();
    if (this.#closing !== null) return;
    const text = isBinary ? "" : data.toString("utf8");
    if (isBinary || text === "PING" || text === "PONG") {
      if (this.#gate.admitFrame()) this.trpcSocket.emit("message", data, isBinary);
      return;
    }
    const decoded = tryParse(text);
    if (decoded === null || this.#isFirstFrameParams) {
      this.#isFirstFrameParams = false;
      if (this.#gate.admitFrame()) this.trpcSocket.emit("message", data, false);
      return;
    }
    const admitted = this.#gate.admit(decoded.value);
    if (admitted === null) return;
    this.#decoded = { value: admitted };
    this.trpcSocket.emit("message", data, false);
    this.#decoded = null;
  }

  #sendAnswer(data: string | Uint8Array): void {
    // An empty frame makes the stock client throw; it stands for "the hub has sent this already".
    if (data.length === 0 || this.#ws.readyState !== OPEN) return;
    const size = typeof data === "string" ? Buffer.byteLength(data) : data.length;
    this.#answerBytes += size;
    this.#ws.send(data, () => {
      this.#answerBytes -= size;
      this.#onDrain();
    });
    if (this.bufferedBytes > SOCKET_QUEUE_MAX_BYTES) this.terminate();
    // Who does not read its answers is not asked for more requests.
    else if (this.bufferedBytes > SLOW_CONSUMER_BYTES) this.#ws.pause();
  }

  #onDrain(): void {
    if (this.bufferedBytes >= EPHEMERAL_SKIP_BYTES) return;
    if (this.#ws.isPaused) this.#ws.resume();
    const waiters = this.#drainWaiters;
    this.#drainWaiters = [];
    for (const resolve of waiters) resolve();
  }

  /** tRPC closes without a code when it could not make a context. Requests right behind the login hear why. */
  #closeUnauthenticated(): void {
    const timer = setTimeout(() => this.close(CLOSE_CODES.sessionEnded, "Sign in first"), REJECTION_MS);
    this.onClose(() => clearTimeout(timer));
  }

  #finishClosing(): void {
    // The last answer is encoded, but not yet sent: close after it.
    if (this.#closing !== null) queueMicrotask(() => this.#sendClose());
  }

  #sendClose(): void {
    const closing = this.#closing;
    if (closing === null || this.#ws.readyState >= CLOSING) return;
    this.#ws.close(closing.code, closing.reason);
  }

  #onEnd(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.trpcSocket.emit("close");
    for (const resolve of this.#drainWaiters) resolve();
    this.#drainWaiters = [];
    for (const callback of this.#closeCallbacks) this.#log.guard(callback);
    this.#closeCallbacks.clear();
  }
}

function tryParse(text: string): { readonly value: unknown } | null {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return null;
  }
}
