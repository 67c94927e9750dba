import { AppError } from "../../shared/errors.ts";

/** Runs one piece of work per key at a time in this process. */
export class KeyedMutex {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Runs `work` after all earlier work for the same key has settled; not at all if `signal` aborts before that. */
  async run<T>(key: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const before = this.#last.get(key);
    const start = () => signal?.aborted === true ? Promise.reject(abandoned()) : work();
    const mine = before === undefined ? start() : before.then(start, start);
    this.#last.set(key, mine);
    try {
      return await mine;
    } finally {
      if (this.#last.get(key) === mine) this.#last.delete(key);
    }
  }
}

/** Nobody sees this error: the caller has disconnected. */
function abandoned(): AppError {
  return new AppError("invalid_request", "The request was cancelled");
}
