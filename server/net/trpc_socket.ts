import { EventEmitter } from "node:events";

const OPEN = 1;
const CLOSING = 2;

export interface TrpcSocketOptions {
  readonly send: (data: string | Uint8Array) => void;
  readonly isOpen: () => boolean;
  readonly close: () => void;
}

/** The part of a `ws` socket that tRPC's handler uses. */
export class TrpcSocket extends EventEmitter {
  readonly #options: TrpcSocketOptions;

  /** Forwards everything to a connection. */
  constructor(options: TrpcSocketOptions) {
    super();
    this.#options = options;
  }

  get readyState(): number {
    return this.#options.isOpen() ? OPEN : CLOSING;
  }

  send(data: string | Uint8Array): void {
    this.#options.send(data);
  }

  close(): void {
    this.#options.close();
  }
}
