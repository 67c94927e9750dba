import { setImmediate } from "node:timers";

/** How many requests begin in one turn of the event loop. */
const STARTS_PER_TURN_COUNT = 8;

/**
 * Lets HTTP requests begin a few at a time, taking turns among those who sent them. Otherwise, whoever asks over a
 * hundred connections would be answered a hundred times before anything else is read, also WebSockets.
 */
export class RequestStarts {
  readonly #waiting = new Map<string, (() => void)[]>();
  #startedCount = 0;
  #isScheduled = false;

  /** Resolves when a request by `subject` may begin; null if at once. */
  turn(subject: string): Promise<void> | null {
    this.#schedule();
    if (this.#waiting.size === 0 && this.#startedCount < STARTS_PER_TURN_COUNT) {
      this.#startedCount++;
      return null;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.getOrInsertComputed(subject, () => []).push(resolve);
    return promise;
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#startedCount = 0;
      this.#startNext();
    });
  }

  #startNext(): void {
    // Whoever has more to start moves to the end, and is visited again.
    for (const [subject, starts] of this.#waiting) {
      if (this.#startedCount === STARTS_PER_TURN_COUNT) break;
      this.#startedCount++;
      this.#waiting.delete(subject);
      starts.shift()?.();
      if (starts.length > 0) this.#waiting.set(subject, starts);
    }
    if (this.#startedCount > 0) this.#schedule();
  }
}
