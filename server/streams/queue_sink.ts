import { tracked } from "@trpc/server";
import { currentCaller } from "../kv/caller.ts";
import type { Ending } from "./ending.ts";
import type { Item } from "./frames.ts";
import type { EncodedBatch, HubStats, Sink } from "./sink.ts";

/** Maximum number of queued items; beyond that, the reader must read history again. */
export const QUEUE_MAX_COUNT = 1_000;

/** Queues items for an HTTP response, which takes them one by one (stream) or all at once (long poll). */
export class QueueSink implements Sink {
  readonly isSlow = false;
  readonly #stats: HubStats;
  #items: Item[] = [];
  #wake: (() => void) | null = null;

  constructor(stats: HubStats) {
    this.#stats = stats;
  }

  write(items: readonly Item[], _batch: EncodedBatch | null): boolean {
    if (this.#items.length + items.length > QUEUE_MAX_COUNT) return false;
    this.#stats.deliveries += items.length;
    this.#items.push(...items);
    this.#wake?.();
    return true;
  }

  drained(): Promise<void> {
    return Promise.resolve();
  }

  /** Yields items until `ending` settles, including those queued before that. */
  async *drain(ending: Ending): AsyncGenerator<unknown> {
    for (;;) {
      const item = this.#items.shift();
      if (item !== undefined) {
        yield item.position === undefined ? item.value : tracked(item.position, item.value);
        continue;
      }
      if (ending.isSettled) return await ending.promise;
      currentCaller()?.live();
      await this.#wait(ending);
    }
  }

  /** Waits for items and returns all of them; none if it ended without an error before. */
  async take(ending: Ending): Promise<readonly Item[]> {
    while (this.#items.length === 0) {
      if (ending.isSettled) {
        await ending.promise;
        break;
      }
      await this.#wait(ending);
    }
    const items = this.#items;
    this.#items = [];
    return items;
  }

  async #wait(ending: Ending): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    // The caller checks how it ended.
    await Promise.race([promise, ending.promise.catch(() => {})]);
    this.#wake = null;
  }
}
