import type { AppError } from "../../shared/errors.ts";
import type { UserId } from "../../shared/ids.ts";
import type { Connection } from "../net/connection.ts";
import { Ending } from "./ending.ts";
import type { Item } from "./frames.ts";
import { QueueSink } from "./queue_sink.ts";
import type { GapError, HubStats, Sink } from "./sink.ts";
import { yieldFrom } from "./sink_yields.ts";
import type { Subscriber, Topic } from "./topic.ts";

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

/** One subscription to a topic, opened before history is read, until `release`. */
export class Subscription<T> {
  /** The subscriber. */
  readonly userId: UserId;
  /** Null over HTTP. */
  readonly connection: Connection | null;
  readonly #options: SubscriptionOptions;
  #subscriber: Subscriber | null = null;
  #revokedWith: AppError | GapError | null = null;
  #isReleased = false;

  constructor(options: SubscriptionOptions) {
    this.#options = options;
    this.userId = options.userId;
    this.connection = options.connection;
  }

  /** Throws the error if the subscription is revoked. Call it after each read of history, before yielding it. */
  throwIfRevoked(): void {
    if (this.#revokedWith !== null) throw this.#revokedWith;
  }

  /**
   * Goes live after `afterOffset`, the last offset of history (0 if the topic is not ordered). On WebSocket it
   * yields one attach token and waits; over HTTP it yields the items, tracked if they have a position. It returns on
   * abort, throws on `revoke`, and throws a GapError when history must be read again.
   * `first` is delivered first; items that many readers share are encoded once.
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

  /** Writes live items to a sink until the end; resolves and throws like `live`. */
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

  /** Waits for items after an offset and returns the first of them; none if the signal aborts before. */
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

  /** Ends the subscription with `error`: at once if it is live, otherwise when it would go live. */
  revoke(error: AppError | GapError): void {
    this.#revokedWith = error;
    const subscriber = this.#subscriber;
    this.#detach();
    subscriber?.end(error);
  }

  /** Releases the topic; call it in `finally`. */
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
