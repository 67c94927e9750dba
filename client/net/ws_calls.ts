import { CallError } from "./caller.ts";
import type { Call, Caller, Handlers } from "./caller.ts";
import type { DialedSocket } from "./dialed_socket.ts";

interface Entry {
  readonly call: Call;
  readonly handlers: Handlers;
  /** The socket on which it was sent; null while it waits for one. */
  socket: DialedSocket | null;
  /** Where a subscription continues. */
  lastEventId: string | null;
}

/**
 * Calls in tRPC's wire format, over one socket after another. A subscription continues on the next socket from its
 * last tracked position. A query or mutation that was sent fails with its socket, since it may or may not have been
 * executed; one that was not sent waits. The stock client does the same in 8 kB.
 */
export class WsCalls implements Caller {
  readonly #entries = new Map<number, Entry>();
  readonly #onReconnectAsked: () => void;
  #socket: DialedSocket | null = null;
  /** Replaced sockets, open until their last answers arrive. */
  readonly #retired = new Set<DialedSocket>();
  #lastId = 0;
  #isFlushPlanned = false;

  /** `onReconnectAsked` is called when the server requests a new socket. */
  constructor(onReconnectAsked: () => void) {
    this.#onReconnectAsked = onReconnectAsked;
  }

  request(call: Call): Promise<unknown> {
    const { signal } = call;
    if (signal?.aborted) return Promise.reject(signal.reason);
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const id = this.#add(call, { onData: resolve, onError: reject });
    const abort = () => {
      this.#remove(id);
      reject(signal?.reason);
    };
    signal?.addEventListener("abort", abort, { once: true });
    const settled = () => signal?.removeEventListener("abort", abort);
    promise.then(settled, settled);
    return promise;
  }

  subscribe(call: Call, handlers: Handlers): { unsubscribe(): void } {
    const id = this.#add(call, handlers);
    return {
      unsubscribe: () => {
        const socket = this.#entries.get(id)?.socket ?? null;
        this.#remove(id);
        if (socket !== null && socket === this.#socket) {
          socket.send(JSON.stringify({ id, method: "subscription.stop" }));
        }
      },
    };
  }

  /** A socket was opened, and is used from now on. */
  opened(socket: DialedSocket): void {
    const before = this.#socket;
    this.#socket = socket;
    for (const entry of this.#entries.values()) {
      if (entry.socket === before && entry.call.type === "subscription") entry.socket = null;
    }
    if (before !== null) this.#retired.add(before);
    this.#flush();
    this.#letGo();
  }

  /** Handles a frame. */
  heard(socket: DialedSocket, data: unknown): void {
    if (data === "PING") return socket.send("PONG");
    if (data === "PONG" || typeof data !== "string") return;
    const frame = JSON.parse(data) as Frame;
    if (frame.method === "reconnect") return this.#onReconnectAsked();
    const id = Number(frame.id);
    const entry = this.#entries.get(id);
    // Events on a replaced socket arrive again on the new one.
    if (entry === undefined || entry.socket !== socket) return;
    const { error, result } = frame;
    if (error !== undefined) {
      this.#remove(id);
      entry.handlers.onError?.(new CallError(error.message, error.data));
    } else if (result?.type === "stopped") {
      this.#remove(id);
      entry.handlers.onComplete?.();
    } else if (result?.type !== "started") {
      if (entry.call.type !== "subscription") this.#remove(id);
      if (result?.id !== undefined) entry.lastEventId = result.id;
      entry.handlers.onData?.(result?.data, result?.id);
    }
  }

  /** A socket has ended. */
  closed(socket: DialedSocket): void {
    if (this.#socket === socket) this.#socket = null;
    this.#retired.delete(socket);
    for (const [id, entry] of [...this.#entries]) {
      if (entry.socket !== socket) continue;
      entry.socket = null;
      if (entry.call.type === "subscription") continue;
      this.#entries.delete(id);
      entry.handlers.onError?.(new CallError("The connection was lost before the answer"));
    }
  }

  /** There will be no other socket. */
  end(): void {
    const entries = [...this.#entries.values()];
    this.#entries.clear();
    for (const { call, handlers } of entries) {
      if (call.type !== "subscription") handlers.onError?.(new CallError("The connection was closed"));
    }
  }

  #add(call: Call, handlers: Handlers): number {
    const id = ++this.#lastId;
    this.#entries.set(id, { call, handlers, socket: null, lastEventId: null });
    if (!this.#isFlushPlanned) {
      this.#isFlushPlanned = true;
      // Calls of the same task go in one frame.
      queueMicrotask(() => this.#flush());
    }
    return id;
  }

  #remove(id: number): void {
    this.#entries.delete(id);
    this.#letGo();
  }

  /** Sends waiting calls. */
  #flush(): void {
    this.#isFlushPlanned = false;
    if (!this.#socket?.isOpen) return;
    const requests: unknown[] = [];
    for (const [id, entry] of this.#entries) {
      if (entry.socket !== null) continue;
      entry.socket = this.#socket;
      const { call: { type, path, input }, lastEventId } = entry;
      requests.push({
        id,
        method: type,
        params: { path, input, ...lastEventId === null ? {} : { lastEventId } },
      });
    }
    if (requests.length > 0) {
      this.#socket.send(JSON.stringify(requests.length === 1 ? requests[0] : requests));
    }
  }

  /** Closes replaced sockets without pending calls. */
  #letGo(): void {
    if (this.#retired.size === 0) return;
    const awaited = new Set(this.#entries.values().map(({ socket }) => socket));
    for (const socket of [...this.#retired]) {
      if (awaited.has(socket)) continue;
      this.#retired.delete(socket);
      socket.close(1000);
    }
  }
}

/** A message of the server. */
interface Frame {
  readonly id?: number | string | null;
  readonly method?: string;
  readonly result?: { readonly type?: string; readonly data?: unknown; readonly id?: string };
  readonly error?: { readonly message: string; readonly data?: unknown };
}
