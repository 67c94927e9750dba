import type { ReadonlySignal } from "@preact/signals";
import type { RoomId } from "../../shared/ids.ts";
import { TYPING_PAUSE_MS, TYPING_REFRESH_MS } from "../../shared/limits.ts";
import type { Trpc } from "../net/trpc.ts";
import { readFailure } from "../ui/failure.ts";

/** Users who type in bursts start again and again: this gap keeps within the server's limit. */
const START_GAP_MS = 2_000;

/** Options of `TypingReport`. */
export interface TypingReportOptions {
  readonly api: Pick<Trpc["typing"], "set">;
  /** While false, nothing is reported: it would be late, and the server has already reported the end. */
  readonly isConnected: ReadonlySignal<boolean>;
  readonly now: () => number;
}

/** Reports that the user is typing: from the first key, again every 3 s, until they stop. */
export class TypingReport {
  readonly #options: TypingReportOptions;
  #roomId: RoomId | null = null;
  #isTold = false;
  #toldAt = -Infinity;
  #blockedUntil = -Infinity;
  #pauseTimer: ReturnType<typeof setTimeout> | undefined;
  #startTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: TypingReportOptions) {
    this.#options = options;
  }

  /** The user changed the text. */
  input(roomId: RoomId, hasText: boolean): void {
    if (!hasText || (this.#roomId !== null && this.#roomId !== roomId)) this.stop();
    if (!hasText) return;
    this.#roomId = roomId;
    clearTimeout(this.#pauseTimer);
    this.#pauseTimer = setTimeout(() => this.stop(), TYPING_PAUSE_MS);
    this.#start(this.#isTold ? TYPING_REFRESH_MS : START_GAP_MS);
  }

  /** The message was sent, which for the server ends typing. */
  sent(): void {
    this.#rest();
  }

  /** The user left the composer, emptied it or paused. */
  stop(): void {
    const roomId = this.#roomId;
    const wasTold = this.#isTold;
    this.#rest();
    if (roomId !== null && wasTold) this.#tell(roomId, false);
  }

  #rest(): void {
    clearTimeout(this.#pauseTimer);
    clearTimeout(this.#startTimer);
    this.#startTimer = undefined;
    this.#roomId = null;
    this.#isTold = false;
  }

  #start(gapMs: number): void {
    if (this.#roomId === null || this.#startTimer !== undefined) return;
    const waitMs = Math.max(this.#toldAt + gapMs, this.#blockedUntil) - this.#options.now();
    if (waitMs <= 0) {
      this.#toldAt = this.#options.now();
      this.#isTold = this.#tell(this.#roomId, true);
    } else if (!this.#isTold) {
      // Later keys would report again, but there may be none.
      this.#startTimer = setTimeout(() => {
        this.#startTimer = undefined;
        this.#start(gapMs);
      }, waitMs);
    }
  }

  #tell(roomId: RoomId, isTyping: boolean): boolean {
    const { api, isConnected, now } = this.#options;
    if (!isConnected.peek() || now() < this.#blockedUntil) return false;
    api.set.mutate({ roomId, isTyping }).catch((error: unknown) => {
      // A lost report does no harm, but too many would cost the connection.
      this.#blockedUntil = now() + (readFailure(error).retryAfterMs ?? 0);
    });
    return true;
  }
}
