import type { AppError } from "../../shared/errors.ts";
import type { UserId } from "../../shared/ids.ts";
import type { Connection } from "../net/connection.ts";
import { Ending } from "./ending.ts";
import type { Item } from "./frames.ts";
import { QueueSink } from "./queue_sink.ts";
import type { GapError, HubStats, Sink } from "./sink.ts";
import { yieldFrom } from "./sink_yields.ts";
import type { Subscriber, Topic } from "./topic.ts";

/** What the hub gives a subscription. */
export interface SubscriptionOptions {
  readonly topic: Topic;
  readonly userId: UserId;
  readonly connection: Connection | null;
  readonly exceptOwn?: boolean;
  readonly signal: AbortSignal;
  readonly stats: HubStats;
  readonly onAttach: (connection: Connection) => void;
  readonly onRelease: () => void;
}

/** One subscription to a topic, from before its history is read until it is released. */
export class Subscription<T> {
  /** Whose subscription it is. */
  readonly userId: UserId;
  /** Null over HTTP. */
  readonly connection: Connection | null;
  readonly #options: SubscriptionOptions;
  #subscriber: Subscriber | null = null;
  #revokedWith: AppError | GapError | null = null;
  #isReleased = false;

  /** Made by the hub. */
  constructor(options: SubscriptionOptions) {
    this.#options = options;
    this.userId = options.userId;
    this.connection = options.connection;
  }

  /** Throws what the person lost the topic with; call it after each read of history and before its yields. */
  throwIfRevoked(): void {
    if (this.#revokedWith !== null) throw this.#revokedWith;
  }

  /**
   * Goes live after `afterOffset`, the last offset that history gave (0 where the topic keeps no order).
   * On WebSocket it yields one attach token and waits; over HTTP it yields the items, tracked where they have a
   * position. It returns on abort, throws on `revoke`, and throws a GapError when history must be read again.
   * `first` is delivered before all else; an item that many readers share is encoded once.
   */
  async *live(afterOffset: number, first: readonly Item[] = []): AsyncGenerator<T> {
    this.throwIfRevoked();
    const { signal, connection, stats } = this.#options;
    const ending = new Ending(signal);
    const attach = (sink: Sink) => {
      if (connection !== null && !ending.isSettled) this.#options.onAttach(connection);
      this.#attach(sink, ending, afterOffset, first);
    };
    try {
      yield* yieldFrom<T>({ connection, ending, stats, attach });
    } finally {
      this.#detach();
    }
  }

  /** Writes what is live into a sink until the end; it resolves and throws as `live` does. */
  async pipe(sink: Sink, afterOffset: number, first: readonly Item[] = []): Promise<void> {
    this.throwIfRevoked();
    const ending = new Ending(this.#options.signal);
    this.#attach(sink, ending, afterOffset, first);
    try {
      await ending.promise;
    } finally {
      this.#detach();
    }
  }

  /** Waits for what comes after an offset and gives the first of it; nothing when the signal aborts before. */
  async next(afterOffset: number): Promise<readonly Item[]> {
    this.throwIfRevoked();
    const ending = new Ending(this.#options.signal);
    const sink = new QueueSink(this.#options.stats);
    this.#attach(sink, ending, afterOffset);
    try {
      return await sink.take(ending);
    } finally {
      this.#detach();
    }
  }

  /** Ends the subscription with `error`, at once when it is live, else when it would go live. */
  revoke(error: AppError | GapError): void {
    this.#revokedWith = error;
    const subscriber = this.#subscriber;
    this.#detach();
    subscriber?.end(error);
  }

  /** Gives the topic back; call it in `finally`. */
  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#detach();
    this.#options.onRelease();
  }

  #attach(sink: Sink, ending: Ending, afterOffset: number, first: readonly Item[] = []): void {
    if (ending.isSettled) return;
    if (this.#revokedWith !== null) return ending.end(this.#revokedWith);
    const { userId, exceptOwn = false, topic } = this.#options;
    this.#subscriber = { userId, exceptOwn, sink, lastOffset: 0, end: (error) => ending.end(error) };
    topic.attach(this.#subscriber, afterOffset, first);
  }

  #detach(): void {
    if (this.#subscriber !== null) this.#options.topic.subscribers.delete(this.#subscriber);
    this.#subscriber = null;
  }
}
