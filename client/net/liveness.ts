import { WAKE_PROBE_MS } from "../../shared/limits.ts";
import type { DialedSocket } from "./dialed_socket.ts";

/** When a socket is pinged again after an answer. */
const PING_AFTER_MS = { visible: 4_500, hidden: 20_000 } as const;
/** While other data arrives at least once in a second, an answer may take this long: a busy server reads later. */
const BUSY_PATIENCE_MS = 8_000;
const BUSY_PAUSE_MS = 1_000;

/** Options of `Liveness`. */
export interface LivenessOptions {
  readonly now: () => number;
  readonly isVisible: () => boolean;
  /** A ping was answered after this time. */
  readonly onRoundTrip: (ms: number) => void;
}

/**
 * Pings an open socket at intervals and on demand, and drops it if there is no answer. Other data only delays this: on
 * a link that is dead in one direction, it may go on arriving.
 */
export class Liveness {
  readonly #socket: Pick<DialedSocket, "send" | "drop">;
  readonly #options: LivenessOptions;
  /** Until the next ping, or until the socket is dropped. */
  #timer: ReturnType<typeof setTimeout> | undefined;
  #heardAt: number;
  /** When the ping was sent whose answer is awaited. */
  #pingedAt: number | null = null;

  constructor(socket: Pick<DialedSocket, "send" | "drop">, options: LivenessOptions) {
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
    const { now, isVisible, onRoundTrip } = this.#options;
    this.#heardAt = now();
    if (this.#pingedAt === null) return;
    const ms = this.#heardAt - this.#pingedAt;
    if (data !== "PONG") {
      this.#dropAfter(Math.min(Math.max(WAKE_PROBE_MS - ms, BUSY_PAUSE_MS), BUSY_PATIENCE_MS - ms));
      return;
    }
    this.#pingedAt = null;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.probe(), PING_AFTER_MS[isVisible() ? "visible" : "hidden"]);
    onRoundTrip(ms);
  }

  /** Pings now; the socket is dropped if there is no answer within three seconds. */
  probe(): void {
    if (this.#pingedAt !== null) return;
    this.#pingedAt = this.#options.now();
    this.#dropAfter(WAKE_PROBE_MS);
    this.#socket.send("PING");
  }

  /** The socket has ended. */
  stop(): void {
    clearTimeout(this.#timer);
  }

  #dropAfter(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#socket.drop("No sign of life"), ms);
  }
}
