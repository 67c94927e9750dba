/** What a socket tells. */
export interface DialObserver {
  onOpen(socket: DialedSocket): void;
  /** Something arrived, whatever it was. */
  onHeard(socket: DialedSocket, data: unknown): void;
  /** Over: closed by either side, dropped, or never opened. */
  onClosed(socket: DialedSocket, end: SocketEnd): void;
}

/** How a socket ended. */
export interface SocketEnd {
  readonly wasOpen: boolean;
  /** Close code of the server; 1006 when the network just ended, or the dial failed. */
  readonly code: number;
  readonly reason: string;
  /** The dial was given up after the timeout: packets seem to vanish. */
  readonly isTimeout: boolean;
}

/** How sockets are dialed. */
export interface DialOptions {
  /** May give one that is open already: pages begin to dial before the client is there. */
  readonly dial: (url: string) => WebSocket;
  readonly timeoutMs: number;
  readonly observer: DialObserver;
}

const ABNORMAL = 1006;

/**
 * A WebSocket that gives up a dial after a timeout, and that can be dropped at once. On a dead link a plain
 * `close()` waits up to a minute for an answer before its close event comes, and nobody dials again until then.
 */
export class DialedSocket {
  readonly #inner: WebSocket;
  readonly #observer: DialObserver;
  readonly #timer: ReturnType<typeof setTimeout>;
  #isOver = false;
  #wasOpen = false;

  /** Dials; the observer is told nothing before this has returned. */
  constructor(url: string, { dial, timeoutMs, observer }: DialOptions) {
    this.#observer = observer;
    this.#inner = dial(url);
    this.#timer = setTimeout(() => this.drop("No answer to the dial", true), timeoutMs);
    this.#inner.addEventListener("open", this.#opened);
    this.#inner.addEventListener("message", this.#heard);
    this.#inner.addEventListener("close", this.#closed);
    // An error is always followed by the close that says the rest.
    this.#inner.addEventListener("error", () => {});
    if (this.#inner.readyState === this.#inner.OPEN) queueMicrotask(this.#opened);
  }

  /** Whether frames still leave: not while it closes, which can take long before its end is told. */
  get isOpen(): boolean {
    return !this.#isOver && this.#inner.readyState === this.#inner.OPEN;
  }

  /** Sends a frame; nothing happens when it is not open. */
  send(data: string): void {
    if (this.isOpen) this.#inner.send(data);
  }

  /** Closes it in the polite way. */
  close(code: number): void {
    this.#inner.close(code);
  }

  /** Ends it now, whatever the other side does; the observer is told before this returns. */
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
