import { AppError } from "../../shared/errors.ts";
import { KeyedMutex } from "./keyed_mutex.ts";

const TRY_MAX_COUNT = 5;
const RETRY_AFTER_MS = 500;

/**
 * Changes rows by reading, deciding and committing with a check. Changes to the same row wait for each other within
 * this process, so only other instances can make a check fail, and simultaneous changes cost no more than
 * consecutive ones.
 */
export class RowUpdates {
  readonly #mutex = new KeyedMutex();

  /**
   * Runs `attempt`, which returns null if a check of its commit failed, at most five times. `key` is the row that
   * conflicting changes have in common. If `signal` aborts while it waits, it does not start.
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
