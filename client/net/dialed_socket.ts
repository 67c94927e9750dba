/** Observes a socket. */
export interface DialObserver {
  onOpen(socket: DialedSocket): void;
  /** Any data has arrived. */
  onHeard(socket: DialedSocket, data: unknown): void;
  /** The socket has ended: closed by either side, dropped, or never opened. */
  onClosed(socket: DialedSocket, end: SocketEnd): void;
}

/** How a socket ended. */
export interface SocketEnd {
  readonly wasOpen: boolean;
  /** The close code of the server; 1006 if the connection was lost or the dial failed. */
  readonly code: number;
  readonly reason: string;
  /** The dial timed out: packets seem to be dropped. */
  readonly isTimeout: boolean;
}

export interface DialOptions {
  /** May return an open one: pages start to dial before the client is loaded. */
  readonly dial: (url: string) => WebSocket;
  readonly timeoutMs: number;
  readonly observer: DialObserver;
}

const ABNORMAL = 1006;

/**
 * A WebSocket whose dial has a timeout, and that can be dropped at once. On a dead link, a plain `close()` waits up
 * to a minute for an answer before its close event, which would delay the next dial.
 */
export class DialedSocket {
  readonly #inner: WebSocket;
  readonly #observer: DialObserver;
  readonly #timer: ReturnType<typeof setTimeout>;
  #isOver = false;
  #wasOpen = false;

  /** Dials; the observer is not called before this has returned. */
  constructor(url: string, { dial, timeoutMs, observer }: DialOptions) {
    this.#observer = observer;
    this.#inner = dial(url);
    this.#timer = setTimeout(() => this.drop("No answer to the dial", true), timeoutMs);
    this.#inner.addEventListener("open", this.#opened);
    this.#inner.addEventListener("message", this.#heard);
    this.#inner.addEventListener("close", this.#closed);
    // An error is always followed by a close event.
    this.#inner.addEventListener("error", () => {});
    if (this.#inner.readyState === this.#inner.OPEN) queueMicrotask(this.#opened);
  }

  /** Whether frames can be sent: not while it closes, which can take long. */
  get isOpen(): boolean {
    return !this.#isOver && this.#inner.readyState === this.#inner.OPEN;
  }

  /** Sends a frame, if the socket is open. */
  send(data: string): void {
    if (this.isOpen) this.#inner.send(data);
  }

  /** Closes the socket with a handshake. */
  close(code: number): void {
    this.#inner.close(code);
  }

  /** Ends the socket at once, without an answer; the observer is called before this returns. */
  drop(reason: string, isTimeout = false): void {
    if (this.#isOver) return;
    this.#end({ wasOpen: this.#wasOpen, code: ABNORMAL, reason, isTimeout });
    this.#inner.close();
  }

  readonly #opened = (): void => {
    if (this.#isOver || this.#wasOpen) return;
    clearTimeout(this.#timer);
    this.#wasOpen = true;
    this.#observer.onOpen(this);
  };

  readonly #heard = (event: MessageEvent): void => this.#observer.onHeard(this, event.data);

  readonly #closed = (event: CloseEvent): void => {
    this.#end({ wasOpen: this.#wasOpen, code: event.code, reason: event.reason, isTimeout: false });
  };

  #end(end: SocketEnd): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#inner.removeEventListener("open", this.#opened);
    this.#inner.removeEventListener("message", this.#heard);
    this.#inner.removeEventListener("close", this.#closed);
    this.#observer.onClosed(this, end);
  }
}
