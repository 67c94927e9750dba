import { Buffer } from "node:buffer";
import type { Writable } from "node:stream";
import { EPHEMERAL_SKIP_BYTES, SLOW_CONSUMER_BYTES } from "../../shared/limits.ts";
import { encodeSse } from "../net/sse.ts";
import type { SseEvent } from "../net/sse.ts";
import { Waiters } from "../net/waiters.ts";
import type { Item } from "./frames.ts";
import type { EncodedBatch, HubStats, Sink } from "./sink.ts";

/** The server-sent event format of an endpoint. Use one instance per endpoint, so that items are encoded once. */
export class SseFormat {
  /** Number of encodings. */
  encodeCount = 0;
  readonly #toEvent: (item: Item) => SseEvent;
  readonly #encoded = new WeakMap<Item, Uint8Array>();

  /** `toEvent` returns the event of an item. */
  constructor(toEvent: (item: Item) => SseEvent) {
    this.#toEvent = toEvent;
  }

  /** Returns the bytes of an item, always the same array. */
  encode(item: Item): Uint8Array {
    return this.#encoded.getOrInsertComputed(item, () => {
      this.encodeCount++;
      return encodeSse(this.#toEvent(item));
    });
  }
}

/** Writes server-sent events to a plain HTTP response (not tRPC); all responses share the same bytes. */
export class SseSink implements Sink {
  readonly #response: Writable;
  readonly #format: SseFormat;
  readonly #stats: HubStats;
  readonly #drainWaiters = new Waiters();

  /** Expects that the response's head has been written. */
  constructor(response: Writable, format: SseFormat, stats: HubStats) {
    this.#response = response;
    this.#format = format;
    this.#stats = stats;
    for (const event of ["drain", "close"]) response.on(event, () => this.#drainWaiters.wake());
  }

  get isSlow(): boolean {
    return this.#response.writableLength > EPHEMERAL_SKIP_BYTES;
  }

  write(items: readonly Item[], _batch: EncodedBatch | null): boolean {
    const encoded = items.map((item) => this.#format.encode(item));
    const [first] = encoded;
    this.#stats.deliveries += items.length;
    this.#stats.writes++;
    this.#response.write(encoded.length === 1 ? first : Buffer.concat(encoded));
    // Cut readers that do not read, as on sockets; they resume from their last event id.
    if (this.#response.writableLength > SLOW_CONSUMER_BYTES) this.#response.destroy();
    return true;
  }

  async drained(): Promise<void> {
    while (this.isSlow && !this.#response.destroyed) await this.#drainWaiters.wait();
  }
}
