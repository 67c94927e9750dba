import { AppError } from "../../shared/errors.ts";
import { KeyedMutex } from "./keyed_mutex.ts";

const TRY_MAX_COUNT = 5;
const RETRY_AFTER_MS = 500;

/**
 * Changes rows by reading, deciding and committing with a check. In this process changes of a row wait for each
 * other, so that only other instances can make a check fail, and many at once cost as much as one after the other.
 */
export class RowUpdates {
  readonly #mutex = new KeyedMutex();

  /**
   * Runs `attempt`, which gives null when a check of its commit did not hold, at most five times. `key` is the row
   * that all who would disturb each other have in common. What still waits when `signal` aborts is not begun.
   */
  run<T>(key: Deno.KvKey, attempt: () => Promise<T | null>, signal?: AbortSignal): Promise<T> {
    return this.#mutex.run(JSON.stringify(key), async () => {
      for (let count = 0; count < TRY_MAX_COUNT; count++) {
        const result = await attempt();
        if (result !== null) return result;
      }
      throw new AppError("storage_unavailable", "Too many changes at the same time, try again", {
        retryAfterMs: RETRY_AFTER_MS,
      });
    }, signal);
  }
}
