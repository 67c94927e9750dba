import type { ReadonlySignal } from "@preact/signals";
import type { RoomId } from "../../shared/ids.ts";
import { TYPING_PAUSE_MS, TYPING_REFRESH_MS } from "../../shared/limits.ts";
import type { Trpc } from "../net/trpc.ts";
import { readFailure } from "../ui/failure.ts";

/** Somebody who writes in bursts starts again and again: with this gap never faster than the server allows. */
const START_GAP_MS = 2_000;

/** What telling others needs. */
export interface TypingReportOptions {
  readonly api: Pick<Trpc["typing"], "set">;
  /** Where it is false nothing is said: it would come late, and others have been told already that it is over. */
  readonly isConnected: ReadonlySignal<boolean>;
  readonly now: () => number;
}

/** Tells others that the person types: from the first key, again each 3 s, until it stops. */
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

  /** The person changed the text in the box. */
  input(roomId: RoomId, hasText: boolean): void {
    if (!hasText || (this.#roomId !== null && this.#roomId !== roomId)) this.stop();
    if (!hasText) return;
    this.#roomId = roomId;
    clearTimeout(this.#pauseTimer);
    this.#pauseTimer = setTimeout(() => this.stop(), TYPING_PAUSE_MS);
    this.#start(this.#isTold ? TYPING_REFRESH_MS : START_GAP_MS);
  }

  /** The message went off: the server takes it for the end of typing, so nothing needs to be said. */
  sent(): void {
    this.#rest();
  }

  /** Left the box, emptied it or made a pause. */
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
      // Later keys would bring a refresh by themselves, but there may be none.
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
      // A lost word about typing is no loss, but asking again too soon would cost the connection.
      this.#blockedUntil = now() + (readFailure(error).retryAfterMs ?? 0);
    });
    return true;
  }
}
