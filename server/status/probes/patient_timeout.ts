/** A wait is counted in so many steps. */
const STEPS_COUNT = 16;

/**
 * A timeout that counts only time in which this process could run: after a busy or suspended machine stood still, what
 * is waited for may have answered long ago, and its answer must be looked at first.
 */
export class PatientTimeout implements Disposable {
  readonly #aborter = new AbortController();
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(ms: number) {
    let stepsLeft = STEPS_COUNT;
    // However late a step comes, it counts as one.
    this.#timer = setInterval(() => {
      if (--stepsLeft > 0) return;
      clearInterval(this.#timer);
      this.#aborter.abort(new Error(`No answer within ${ms} ms`));
    }, ms / STEPS_COUNT);
  }

  /** Aborts when the time is over. */
  get signal(): AbortSignal {
    return this.#aborter.signal;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
