import { setImmediate } from "node:timers";

/** What takes longer lets others be served before the next. */
const LONG_MS = 2;

/**
 * Makes answers one after the other. On an eventful day a page takes tens of milliseconds, and many visitors at once
 * would hold up everything else of this process for as long as all of theirs take.
 */
export class AnswerTurns {
  #last: Promise<void> = Promise.resolve();

  /** Runs `make` when its turn comes. */
  async run<T>(make: () => T): Promise<T> {
    const before = this.#last;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#last = promise;
    await before;
    const startedAt = performance.now();
    try {
      return make();
    } finally {
      if (performance.now() - startedAt < LONG_MS) resolve();
      else setImmediate(resolve);
    }
  }
}
