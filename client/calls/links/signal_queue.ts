import type { OutgoingSignal } from "../../../shared/call/call_types.ts";
import { ANSWER_MS } from "../../../shared/call/link_state.ts";
import { pause } from "../../net/wait.ts";
import { readWireError } from "../../net/wire_error.ts";

/** A signal that waits, and when nobody needs it any more. */
interface Waiting {
  readonly signal: OutgoingSignal;
  readonly endsAt: number;
}

/** The pause before a signal without an answer is sent again. */
const RETRY_MS = 300;

/**
 * Sends the signals for one peer, one after another: the server drops what arrives after a later one, and over HTTP
 * requests overtake each other. It also drops copies, so a signal without an answer is sent again.
 */
export class SignalQueue {
  readonly #send: (signal: OutgoingSignal) => Promise<unknown>;
  readonly #now: () => number;
  readonly #onEmpty: () => void;
  readonly #waiting: Waiting[] = [];
  readonly #abort = new AbortController();
  #isSending = false;

  /** `onEmpty` is called each time that nothing waits any more. */
  constructor(
    send: (signal: OutgoingSignal) => Promise<unknown>,
    now: () => number,
    onEmpty: () => void = () => {},
  ) {
    this.#send = send;
    this.#now = now;
    this.#onEmpty = onEmpty;
  }

  /** Adds a signal. Those of earlier epochs are dropped: nobody answers them any more. */
  add(signal: OutgoingSignal): void {
    const kept = this.#waiting.filter((one) => one.signal.epoch >= signal.epoch);
    this.#waiting.splice(0, Infinity, ...kept, { signal, endsAt: this.#now() + ANSWER_MS });
    if (!this.#isSending) void this.#sendAll();
  }

  /** What waits is sent, but nothing is sent again. */
  end(): void {
    this.#abort.abort();
  }

  async #sendAll(): Promise<void> {
    this.#isSending = true;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      if (next.endsAt < this.#now()) continue;
      const waitMs = await this.#try(next.signal);
      if (waitMs === null || this.#abort.signal.aborted) continue;
      await pause(waitMs, this.#abort.signal).catch(() => {});
      const { epoch } = next.signal;
      if (this.#waiting.every((one) => one.signal.epoch === epoch)) this.#waiting.unshift(next);
    }
    this.#isSending = false;
    this.#onEmpty();
  }

  /** Returns when to send it again; null if it has arrived, or never will. */
  async #try(signal: OutgoingSignal): Promise<number | null> {
    try {
      await this.#send(signal);
      return null;
    } catch (error) {
      const { isRetryable, retryAfterMs } = readWireError(error);
      return isRetryable ? Math.max(RETRY_MS, retryAfterMs) : null;
    }
  }
}
