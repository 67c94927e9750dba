import type { UserId } from "../../shared/ids.ts";
import type { AppError } from "../../shared/errors.ts";
import type { Connection } from "../net/connection.ts";
import type { Item } from "./frames.ts";
import { AttachToken, Ending, GapError, ItemQueue } from "./subscription.ts";
import type { Sink } from "./subscription.ts";
import type { Topic } from "./topic.ts";

/** What a lease needs from the hub. */
export interface LeaseOptions {
  readonly topic: Topic;
  readonly userId: UserId;
  readonly connection: Connection | null;
  readonly exceptOwn?: boolean;
  readonly signal: AbortSignal;
  readonly onAttach: (connection: Connection) => void;
  readonly onRelease: () => void;
}

/** One subscription to a topic, from before its history is read until it is released. */
export class TopicLease<T> {
  /** Whose subscription it is. */
  readonly userId: UserId;
  /** Null over HTTP. */
  readonly connection: Connection | null;
  readonly #options: LeaseOptions;
  #sink: Sink | null = null;
  #revokedWith: AppError | null = null;
  #isReleased = false;

  /** Made by the hub. */
  constructor(options: LeaseOptions) {
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
    const { signal, topic, exceptOwn = false, userId, connection } = this.#options;
    const ending = new Ending(signal);
    const items = new ItemQueue();
    const sinkAt = (head: string | null): Sink => ({
      userId,
      exceptOwn,
      head,
      connection,
      lastOffset: 0,
      queue: (added) => items.push(added) || ending.end(new GapError()),
      end: (error) => ending.end(error),
    });
    const attach = (head: string | null) => {
      if (ending.isSettled) return;
      if (this.#revokedWith !== null) return ending.end(this.#revokedWith);
      this.#sink = sinkAt(head);
      if (connection !== null) this.#options.onAttach(connection);
      topic.attach(this.#sink, afterOffset, first);
    };
    try {
      if (connection === null) {
        attach(null);
        yield* items.drain(ending) as AsyncGenerator<T>;
      } else {
        yield new AttachToken(attach) as T;
        await ending.promise;
      }
    } finally {
      this.#detach();
    }
  }

  /** Ends the subscription with `error`, at once when it is live, else when it would go live. */
  revoke(error: AppError): void {
    this.#revokedWith = error;
    const sink = this.#sink;
    this.#detach();
    sink?.end(error);
  }

  /** Gives the topic back; call it in `finally`. */
  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#detach();
    this.#options.onRelease();
  }

  #detach(): void {
    if (this.#sink !== null) this.#options.topic.sinks.delete(this.#sink);
    this.#sink = null;
  }
}
