/** What a socket tells beside its own events. */
export interface DialObserver {
  /** A dial begins. */
  onDial(socket: DialedSocket): void;
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
  readonly WebSocket: typeof WebSocket;
  readonly timeoutMs: number;
  readonly observer: DialObserver;
}

const ABNORMAL = 1006;

/**
 * A WebSocket that gives up a dial after a timeout, and that can be dropped at once. On a dead link a plain
 * `close()` waits up to a minute for an answer before its close event comes, and nobody dials again until then.
 */
export class DialedSocket extends EventTarget {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSING = 2;
  static readonly CLOSED = 3;
  readonly CONNECTING = 0;
  readonly OPEN = 1;
  readonly CLOSING = 2;
  readonly CLOSED = 3;
  readonly #inner: WebSocket;
  readonly #observer: DialObserver;
  readonly #timer: ReturnType<typeof setTimeout>;
  #isOver = false;
  #wasOpen = false;

  constructor(url: string | URL, { WebSocket, timeoutMs, observer }: DialOptions) {
    super();
    this.#observer = observer;
    this.#inner = new WebSocket(url);
    this.#timer = setTimeout(() => this.drop("No answer to the dial", true), timeoutMs);
    this.#inner.addEventListener("open", this.#opened);
    this.#inner.addEventListener("message", this.#heard);
    this.#inner.addEventListener("close", this.#closed);
    // An error is always followed by the close that says the rest.
    this.#inner.addEventListener("error", () => {});
    observer.onDial(this);
  }

  get readyState(): number {
    return this.#isOver ? this.CLOSED : this.#inner.readyState;
  }

  get binaryType(): BinaryType {
    return this.#inner.binaryType;
  }

  set binaryType(type: BinaryType) {
    this.#inner.binaryType = type;
  }

  send(data: string): void {
    if (!this.#isOver) this.#inner.send(data);
  }

  close(code?: number, reason?: string): void {
    this.#inner.close(code, reason);
  }

  /** Ends it now, whatever the other side does; the close event comes before this returns. */
  drop(reason: string, isTimeout = false): void {
    if (this.#isOver) return;
    this.#end({ wasOpen: this.#wasOpen, code: ABNORMAL, reason, isTimeout });
    this.#inner.close();
  }

  readonly #opened = (): void => {
    clearTimeout(this.#timer);
    this.#wasOpen = true;
    this.#observer.onOpen(this);
    this.dispatchEvent(new Event("open"));
  };

  readonly #heard = (event: MessageEvent): void => {
    this.#observer.onHeard(this, event.data);
    this.dispatchEvent(new MessageEvent("message", { data: event.data }));
  };

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
    // Who waits for a dial listens to errors only.
    if (!end.wasOpen) this.dispatchEvent(new Event("error"));
    this.dispatchEvent(new CloseEvent("close", { code: end.code, reason: end.reason }));
  }
}

/** Makes the class that a tRPC client dials with. */
export function dialedSocketClass(options: DialOptions): typeof WebSocket {
  const made = class extends DialedSocket {
    constructor(url: string | URL) {
      super(url, options);
    }
  };
  // It has what tRPC's client uses: readyState, binaryType, send, close and the four events.
  return made as unknown as typeof WebSocket;
}
