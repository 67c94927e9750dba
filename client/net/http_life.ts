import type { ReadonlySignal } from "@preact/signals";
import type { Fetch } from "./transport.ts";

/** After such a silence, the connection may be dead. */
const SILENCE_MS = { visible: 5_000, hidden: 20_000 } as const;

/** Options of `HttpLife`. */
export interface HttpLifeOptions {
  readonly fetch: Fetch;
  readonly EventSource: typeof EventSource;
  readonly now: () => number;
  readonly isVisible: ReadonlySignal<boolean>;
  /** Nothing has arrived for a while. */
  readonly onSilence: () => void;
}

/** Requests and streams of one connection over HTTP: notes when something arrives, and ends all requests at a loss. */
export class HttpLife {
  readonly #options: HttpLifeOptions;
  #abort = new AbortController();
  #heardAt: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isStopped = false;

  /** Reports each message, also the pings that keep a stream alive. */
  readonly EventSource: typeof EventSource;

  constructor(options: HttpLifeOptions) {
    this.#options = options;
    this.#heardAt = options.now();
    const { heard } = this;
    this.EventSource = class extends options.EventSource {
      constructor(url: string | URL, init?: EventSourceInit) {
        super(url, init);
        for (const type of ["open", "message", "connected", "ping"]) this.addEventListener(type, heard);
      }
    };
  }

  /** When something arrived last. */
  get heardAt(): number {
    return this.#heardAt;
  }

  /** Fails when the connection is lost. */
  readonly fetch: Fetch = async (input, init) => {
    const lost = this.#abort.signal;
    const own = init?.signal as AbortSignal | null | undefined;
    const signal = own === null || own === undefined ? lost : AbortSignal.any([lost, own]);
    const response = await this.#options.fetch(input, { ...init, signal });
    this.heard();
    return response;
  };

  /** Something has arrived. */
  readonly heard = (): void => {
    const { now, isVisible, onSilence } = this.#options;
    this.#heardAt = now();
    clearTimeout(this.#timer);
    if (this.#isStopped) return;
    this.#timer = setTimeout(onSilence, SILENCE_MS[isVisible.peek() ? "visible" : "hidden"]);
  };

  /** The connection is lost: dead requests would wait for minutes. */
  lost(reason: string): void {
    clearTimeout(this.#timer);
    this.#abort.abort(new Error(reason));
    this.#abort = new AbortController();
  }

  /** Ends the watch. */
  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }
}
