import type { AppError } from "../../shared/errors.ts";
import { EPHEMERAL_SKIP_BYTES } from "../../shared/limits.ts";
import type { Connection } from "../net/connection.ts";
import { encodeFrames } from "./frames.ts";
import type { Item } from "./frames.ts";
import { AttachToken, Ending, ItemQueue } from "./subscription.ts";
import type { HubStats } from "./topic.ts";

/** What a channel needs from the hub. */
export interface HubChannelOptions {
  readonly connection: Connection | null;
  readonly signal: AbortSignal;
  readonly stats: HubStats;
  /** Asks for a flush at the end of this turn. */
  readonly onPending: (channel: { flush(): void }) => void;
}

/** The private way to one subscription, for what is different for every reader. Pushed in order, untracked. */
export class HubChannel<T> {
  readonly #options: HubChannelOptions;
  readonly #ending: Ending;
  readonly #items = new ItemQueue();
  #pending: Item[] = [];
  #head: string | null = null;

  /** Made by the hub. */
  constructor(options: HubChannelOptions) {
    this.#options = options;
    this.#ending = new Ending(options.signal);
  }

  /** Delivers a value at the end of this turn; an ephemeral one is dropped for a slow reader. */
  push(value: T, options: { readonly ephemeral?: boolean } = {}): void {
    this.pushShared({ value, offset: 0, ephemeral: options.ephemeral ?? false });
  }

  /** The same for an item that other channels get too: it is encoded once for all of them. */
  pushShared(item: Item): void {
    if (this.#ending.isSettled) return;
    this.#pending.push(item);
    if (this.#pending.length === 1) this.#options.onPending(this);
  }

  /** Yields what is pushed: on WebSocket as an attach token, over HTTP as values. Returns on abort or `end`. */
  async *stream(): AsyncGenerator<T> {
    if (this.#options.connection === null) {
      this.#head = "";
      this.flush();
      yield* this.#items.drain(this.#ending) as AsyncGenerator<T>;
    } else {
      const attach = (head: string) => {
        this.#head = head;
        this.flush();
      };
      yield new AttachToken(attach) as T;
      await this.#ending.promise;
    }
  }

  /** Ends the subscription, with `error` where there is one. */
  end(error?: AppError): void {
    this.flush();
    this.#ending.end(error);
  }

  /** Writes what waits; called by the hub. */
  flush(): void {
    if (this.#head === null || this.#pending.length === 0) return;
    const { connection, stats } = this.#options;
    const isSlow = connection !== null && connection.bufferedBytes > EPHEMERAL_SKIP_BYTES;
    const items = isSlow ? this.#pending.filter((item) => item.ephemeral !== true) : this.#pending;
    stats.skipped += this.#pending.length - items.length;
    this.#pending = [];
    if (items.length === 0) return;
    stats.deliveries += items.length;
    if (connection === null) {
      // Nothing stands in for what an HTTP reader has lost here: end it, and it begins with a new snapshot.
      if (!this.#items.push(items)) this.#ending.end();
      return;
    }
    stats.encodes++;
    stats.writes++;
    connection.writeFrames(encodeFrames(this.#head, items));
  }
}
