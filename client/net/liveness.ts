import { WAKE_PROBE_MS } from "../../shared/limits.ts";
import type { DialedSocket } from "./dialed_socket.ts";

/** When a silent socket is checked. */
const SILENCE_MS = { visible: 5_000, hidden: 20_000 } as const;

/** Options of `Liveness`. */
export interface LivenessOptions {
  readonly now: () => number;
  readonly isVisible: () => boolean;
  /** A ping was answered after this time. */
  readonly onRoundTrip: (ms: number) => void;
}

/** Pings an open socket after a silence and on demand, and drops it if there is no answer. */
export class Liveness {
  readonly #socket: DialedSocket;
  readonly #options: LivenessOptions;
  #silence: ReturnType<typeof setTimeout> | undefined;
  #deadline: ReturnType<typeof setTimeout> | undefined;
  #heardAt: number;
  #pingedAt: number | null = null;

  constructor(socket: DialedSocket, options: LivenessOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#heardAt = options.now();
    this.probe();
  }

  /** When data last arrived. */
  get heardAt(): number {
    return this.#heardAt;
  }

  /** Data has arrived. */
  heard(data: unknown): void {
    const now = this.#options.now();
    this.#heardAt = now;
    if (data === "PONG" && this.#pingedAt !== null) {
      this.#options.onRoundTrip(now - this.#pingedAt);
      this.#pingedAt = null;
    }
    clearTimeout(this.#deadline);
    this.#deadline = undefined;
    clearTimeout(this.#silence);
    this.#silence = setTimeout(
      () => this.probe(),
      SILENCE_MS[this.#options.isVisible() ? "visible" : "hidden"],
    );
  }

  /** Pings now; the socket is dropped if there is no answer within three seconds. */
  probe(): void {
    if (this.#deadline !== undefined) return;
    clearTimeout(this.#silence);
    this.#deadline = setTimeout(() => this.#socket.drop("No sign of life"), WAKE_PROBE_MS);
    this.#pingedAt ??= this.#options.now();
    this.#socket.send("PING");
  }

  /** The socket has ended. */
  stop(): void {
    clearTimeout(this.#silence);
    clearTimeout(this.#deadline);
  }
}
