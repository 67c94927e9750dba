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
  SOCKET_ANSWER_BYTES,
} from "../../shared/limits.ts";
import type { Log } from "../log.ts";
import { encodeFrame } from "../streams/frames.ts";
import { accountIdOf } from "./account_id.ts";
import type { Connection, Login } from "./connection.ts";
import type { CountedConnection } from "./connection_registry.ts";
import type { RateLimiter } from "./rate_limit.ts";
import { isPing, readFrame } from "./read_frame.ts";
import { RequestGate } from "./request_gate.ts";
import type { AdmittedRequest } from "./request_gate.ts";
import { RequestLine } from "./request_line.ts";
import { TrpcSocket } from "./trpc_socket.ts";
import { Waiters } from "./waiters.ts";
import type { WorkQueue } from "./work_queue.ts";

export interface WsConnectionOptions {
  readonly ws: WebSocket;
  /** The socket below `ws`; encoded frames are written directly to it. */
  readonly socket: Socket;
  readonly login: Login | null;
  /** The address that limits are counted for. */
  readonly subject: string;
  readonly limits: RateLimiter;
  readonly work: WorkQueue;
  readonly log: Log;
}

const OPEN = 1;
const CLOSING = 2;
/** Stands in for a frame that has already been parsed. */
const NO_BYTES = Buffer.alloc(0);
/** A stock client sends its first requests shortly after its token. */
const REJECTION_MS = 250;

/** A WebSocket with limits: input passes the gate, and output is bounded. */
export class WsConnection implements Connection, CountedConnection {
  readonly id: ConnectionId = newId<ConnectionId>();
  readonly subject: string;
  /** The object that tRPC's handler uses as its socket. */
  readonly trpcSocket: EventEmitter;
  readonly #ws: WebSocket;
  readonly #socket: Socket;
  readonly #log: Log;
  readonly #gate: RequestGate;
  readonly #line: RequestLine;
  readonly #closeCallbacks = new Set<() => void>();
  readonly #drainWaiters = new Waiters();
  #login: Login | null;
  #decoded: { readonly value: unknown } | null = null;
  #closing: { readonly code: number; readonly reason: string } | null = null;
  #isEnded = false;
  #isFirstFrameParams = false;
  /** Queued bytes of answers, as opposed to live frames. */
  #answerBytes = 0;
  /** When data was last received. */
  #heardAt: number;

  /** Takes over a socket that was just upgraded. */
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
      onSettled: (id) => this.#line.settled(id),
      onIdle: () => this.#finishClosing(),
    });
    this.#line = new RequestLine({
      work: options.work,
      accountId: () => accountIdOf(this.#login, this.subject),
      isBlocked: () => this.bufferedBytes > SLOW_CONSUMER_BYTES,
      dispatch: (request) => this.#dispatch(request),
      refuse: (request, retryAfterMs) => this.#gate.refuseLate(request, retryAfterMs),
      onDropped: (id) => this.#gate.settle(id),
      ping: () => this.ping(),
      onEmpty: () => this.#readOn(),
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

  /** Number of subscriptions that are open or opening. */
  get subscriptionCount(): number {
    return this.#gate.subscriptionCount;
  }

  /** When data was last received, or last taken by the peer's system. */
  get heardAt(): number {
    return this.#heardAt;
  }

  /** Bytes that have left the process; progress shows that a slow reader is alive. */
  get flushedBytes(): number {
    return this.#socket.bytesWritten - this.#socket.writableLength;
  }

  /** Sets the login from `connectionParams`. */
  signIn(login: Login): void {
    this.#login = login;
    this.#line.accountChanged();
  }

  /** The first frame will be connection parameters, not a request. */
  expectParams(): void {
    this.#isFirstFrameParams = true;
  }

  /** Wraps the hub's codec: requests are already parsed, and answers are inspected. */
  codec(encoder: Encoder): Encoder {
    return {
      encode: (data) => {
        const isEvent = this.#gate.answered(data);
        const encoded = isEvent && this.#closing !== null ? "" : encoder.encode(data);
        // Nothing to send: from now on the hub delivers.
        if (encoded.length === 0) this.#line.live((data as { id: number | string }).id);
        return encoded;
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
      this.#log.info("Closed a connection that reads too slowly", { connection: this.id });
      this.terminate();
      return;
    }
    this.#socket.write(frames);
  }

  drained(): Promise<void> {
    if (this.#isEnded || this.bufferedBytes < EPHEMERAL_SKIP_BYTES) return Promise.resolve();
    return this.#drainWaiters.wait();
  }

  close(code: number, reason: string): void {
    if (this.#closing !== null || this.#isEnded) return;
    this.#closing = { code, reason };
    // Subscriptions stop immediately; answers in flight are still sent.
    this.trpcSocket.emit("close");
    this.#line.dropWaiting();
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

  /** Sends a protocol-level ping. */
  ping(): void {
    if (this.#ws.readyState === OPEN) this.#ws.ping();
  }

  /** Asks a stock client to reconnect. */
  askToReconnect(): void {
    this.#sendAnswer(JSON.stringify({ id: null, method: "reconnect" }));
  }

  #listen(): void {
    const guarded = (work: () => void) => this.#log.guard(work);
    this.#ws.on("message", (data, isBinary) => guarded(() => this.#onMessage(data as Buffer, isBinary)));
    const onControlFrame = () => {
      this.#heardAt = performance.now();
      this.#gate.admitFrame();
    };
    this.#ws.on("ping", () => guarded(onControlFrame));
    this.#ws.on("pong", () => guarded(onControlFrame));
    // ws has already closed the socket with the right code; a client's mistake is not an error of ours.
    this.#ws.on("error", ({ message }) => this.#log.debug("Protocol violation", { reason: message }));
    this.#ws.on("close", () => guarded(() => this.#onEnd()));
    this.#socket.on("drain", () => guarded(() => this.#onDrain()));
  }

  #onMessage(data: Buffer, isBinary: boolean): void {
    this.#heardAt = performance.now();
    if (this.#closing !== null) return;
    const decoded = readFrame(data, isBinary);
    if (decoded === null || this.#isFirstFrameParams) {
      if (!isPing(data, isBinary)) this.#isFirstFrameParams = false;
      if (this.#gate.admitFrame()) this.trpcSocket.emit("message", data, isBinary);
      return;
    }
    for (const request of this.#gate.admit(decoded.value)) {
      if (request.isStop && request.id !== null && this.#line.withdraw(request.id)) this.#gate.stop(request);
      else this.#line.submit(request);
    }
    // Further data stays with the peer until there is capacity; ws still emits what it has already read.
    if (this.#line.isWaiting && !this.#ws.isPaused) this.#ws.pause();
  }

  #dispatch({ id, raw }: AdmittedRequest): void {
    this.#decoded = { value: raw };
    this.#gate.dispatching(id);
    this.trpcSocket.emit("message", NO_BYTES, false);
    this.#gate.dispatching(null);
    this.#decoded = null;
  }

  #sendAnswer(data: string | Uint8Array): void {
    // The stock client throws on an empty frame; here it means "already sent by the hub".
    if (data.length === 0 || this.#ws.readyState !== OPEN) return;
    // One buffer with one write; ws would write the header and the payload apart.
    const frame = encodeFrame(data);
    this.#answerBytes += frame.length;
    this.#socket.write(frame, () => {
      this.#answerBytes -= frame.length;
      this.#onDrain();
    });
    this.#line.answered(frame.length, this.bufferedBytes);
    if (this.bufferedBytes > SOCKET_ANSWER_BYTES) this.terminate();
    // No more requests are read from a client that does not read its answers.
    else if (this.bufferedBytes > SLOW_CONSUMER_BYTES) this.#ws.pause();
  }

  #onDrain(): void {
    this.#line.taken(this.bufferedBytes);
    if (this.bufferedBytes >= EPHEMERAL_SKIP_BYTES) return;
    this.#readOn();
    this.#drainWaiters.wake();
  }

  #readOn(): void {
    if (!this.#ws.isPaused || this.#line.isWaiting || this.bufferedBytes >= EPHEMERAL_SKIP_BYTES) return;
    this.#ws.resume();
  }

  /** tRPC closes without a code if there is no context. Requests sent right after the login still get the reason. */
  #closeUnauthenticated(): void {
    const timer = setTimeout(() => this.close(CLOSE_CODES.sessionEnded, "Sign in first"), REJECTION_MS);
    this.onClose(() => clearTimeout(timer));
  }

  #finishClosing(): void {
    // The last answer is encoded but not sent yet, so close after it.
    if (this.#closing !== null) queueMicrotask(() => this.#sendClose());
  }

  #sendClose(): void {
    if (this.#closing === null || this.#ws.readyState >= CLOSING) return;
    this.#ws.close(this.#closing.code, this.#closing.reason);
  }

  #onEnd(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.trpcSocket.emit("close");
    this.#line.close();
    this.#drainWaiters.wake();
    for (const callback of this.#closeCallbacks) this.#log.guard(callback);
  }
}
