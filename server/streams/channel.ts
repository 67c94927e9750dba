import type { AppError } from "../../shared/errors.ts";
import type { Connection } from "../net/connection.ts";
import { Ending } from "./ending.ts";
import type { Item } from "./frames.ts";
import type { HubStats, Sink } from "./sink.ts";
import { yieldFrom } from "./sink_yields.ts";

export interface HubChannelOptions {
  /** Null over HTTP. */
  readonly connection: Connection | null;
  readonly signal: AbortSignal;
  readonly stats: HubStats;
  /** Requests a flush at the end of this turn. */
  readonly onPending: (channel: { flush(): void }) => void;
}

/** A private channel to one subscription, for values that differ per reader. Ordered, untracked. */
export class HubChannel<T> {
  readonly #options: HubChannelOptions;
  readonly #ending: Ending;
  #pending: Item[] = [];
  #sink: Sink | null = null;

  constructor(options: HubChannelOptions) {
    this.#options = options;
    this.#ending = new Ending(options.signal);
  }

  /** Delivers a value at the end of this turn. */
  push(value: T): void {
    this.pushShared({ value, offset: 0 });
  }

  /** Delivers an item that other channels also get; it is encoded once per request id. */
  pushShared(item: Item): void {
    if (this.#ending.isSettled) return;
    this.#pending.push(item);
    if (this.#pending.length === 1) this.#options.onPending(this);
  }

  /** Yields pushed values: an attach token on WebSocket, values over HTTP. Returns on abort or `end`. */
  stream(): AsyncGenerator<T> {
    const { connection, stats } = this.#options;
    const attach = (sink: Sink) => {
      this.#sink = sink;
      this.flush();
    };
    return yieldFrom<T>({ connection, ending: this.#ending, stats, attach });
  }

  /** Ends the subscription, optionally with an error. */
  end(error?: AppError): void {
    this.flush();
    this.#ending.end(error);
  }

  /** Writes pending items; called by the hub. */
  flush(): void {
    const sink = this.#sink;
    if (sink === null || this.#pending.length === 0) return;
    const items = sink.isSlow ? this.#pending.filter((item) => item.ephemeral !== true) : this.#pending;
    this.#options.stats.skipped += this.#pending.length - items.length;
    this.#pending = [];
    // Nothing replaces lost items: end the subscription, so that it restarts with a snapshot.
    if (items.length > 0 && !sink.write(items, null)) this.#ending.end();
  }
}
