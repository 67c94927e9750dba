import { AppError } from "../../shared/errors.ts";

/** Lets one piece of work for each key run at a time in this process. */
export class KeyedMutex {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Runs `work` after all earlier work of the same key has ended, well or not; never once `signal` has aborted. */
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

/** Nobody reads it: the caller has gone. */
function abandoned(): AppError {
  return new AppError("invalid_request", "The request was cancelled");
}
