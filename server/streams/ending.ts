/** Waits until a subscription ends: by abort, or by `end`. */
export class Ending {
  readonly #settled = Promise.withResolvers<void>();
  #isSettled = false;

  /** Settles without an error when `signal` aborts. */
  constructor(signal: AbortSignal) {
    // The generator may never await it (it yields history first): an unhandled rejection would end the process.
    this.#settled.promise.catch(() => {});
    if (signal.aborted) this.end();
    else signal.addEventListener("abort", () => this.end(), { once: true });
  }

  /** True once ended. */
  get isSettled(): boolean {
    return this.#isSettled;
  }

  /** Resolves at the end, or rejects with what ended it. */
  get promise(): Promise<void> {
    return this.#settled.promise;
  }

  /** Ends the wait once; later calls do nothing. */
  end(error?: Error): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    if (error === undefined) this.#settled.resolve();
    else this.#settled.reject(error);
  }
}
