import type { Encoder } from "@trpc/server/adapters/ws";
import type { UserId } from "../../shared/ids.ts";
import type { AppError } from "../../shared/errors.ts";
import type { Connection } from "../net/connection.ts";
import { HubChannel } from "./channel.ts";
import type { Item } from "./frames.ts";
import type { GapError, HubStats } from "./sink.ts";
import { AttachToken } from "./sink_yields.ts";
import { Subscription } from "./subscription.ts";
import { Topic } from "./topic.ts";

/** Options of `open`. */
export interface OpenOptions {
  readonly topic: string;
  readonly userId: UserId;
  /** Null over HTTP. */
  readonly connection: Connection | null;
  /** Leaves out items whose `by` is this user. */
  readonly exceptOwn?: boolean;
  readonly signal: AbortSignal;
}

/** How long items of a topic wait for more that follows at once. */
const HOLD_MAX_MS = 4;

/** Options of `channel`. */
export interface ChannelOptions {
  readonly connection: Connection | null;
  readonly signal: AbortSignal;
}

/**
 * Delivers to the sockets of this process. An item is encoded once, framed once for each distinct request id, and
 * the same buffer is written to every socket; items of one event-loop turn share a write.
 *
 * Guarantees: items of a topic arrive in the order of `publish`, each at most once for a subscription; between
 * history and live nothing is missing, or the subscription says so (GapError). Nothing is kept across a restart.
 */
export class Hub {
  /** Counters since the server started. */
  readonly stats: HubStats = { deliveries: 0, encodes: 0, writes: 0, skipped: 0 };
  readonly #topics = new Map<string, Topic>();
  /** Open subscriptions, live or reading history; a topic is dropped with the last one. */
  readonly #subscriptions = new Map<Topic, Set<Subscription<unknown>>>();
  readonly #attached = new Map<Connection, Map<Subscription<unknown>, string>>();
  readonly #dirty = new Set<{ flush(): void }>();
  /** Topics whose items wait for more, with the timer that ends the wait. */
  readonly #held = new Map<Topic, ReturnType<typeof setTimeout>>();
  #isScheduled = false;

  /** Opens a subscription: open first, then read history, then `live` after its last offset. */
  open<T>(options: OpenOptions): Subscription<T> {
    const topic = this.#topics.getOrInsertComputed(options.topic, (name) => new Topic(name, this.stats));
    const subscription: Subscription<T> = new Subscription<T>({
      ...options,
      topic,
      stats: this.stats,
      onAttach: (connection) => this.#remember(connection, subscription, topic.name),
      onRelease: () => this.#release(topic, subscription),
    });
    this.#subscriptions.getOrInsertComputed(topic, () => new Set()).add(subscription);
    return subscription;
  }

  /** Opens a channel that receives only its own pushes. */
  channel<T>(options: ChannelOptions): HubChannel<T> {
    return new HubChannel<T>({
      ...options,
      stats: this.stats,
      onPending: (channel) => this.#schedule(channel),
    });
  }

  /**
   * Delivers an item to all subscribers of the topic at the end of this event-loop turn. If more is coming at once,
   * it waits a few ms, so that a burst in two commits is one write to each socket.
   */
  publish(topicName: string, item: Item, { isMoreComing = false } = {}): void {
    const topic = this.#topics.get(topicName);
    if (topic === undefined) return;
    topic.add(item);
    if (isMoreComing) return this.#hold(topic);
    this.#endHold(topic);
    this.#schedule(topic);
  }

  /** Delivers pending items, then ends all subscriptions of a user to the topic with `error`. */
  revoke(topicName: string, userId: UserId, error: AppError | GapError): void {
    const topic = this.#topics.get(topicName);
    if (topic === undefined) return;
    topic.flush();
    for (const subscription of this.#subscriptions.get(topic) ?? []) {
      if (subscription.userId === userId) subscription.revoke(error);
    }
  }

  /** Whether anyone has the topic open; if not, items need not be built. */
  hasSubscribers(topicName: string): boolean {
    return this.#topics.has(topicName);
  }

  /** Lists the topics that a connection is attached to. */
  topicsOf(connection: Connection): readonly string[] {
    return [...new Set(this.#attached.get(connection)?.values() ?? [])];
  }

  /** Creates the codec of one connection: JSON, but "" for an attach token, which the socket must drop. */
  encoder(): Encoder {
    return {
      encode: (data) => attach(data) ? "" : JSON.stringify(data),
      decode: (data) =>
        JSON.parse(typeof data === "string" ? data : new TextDecoder().decode(data as Uint8Array)),
    };
  }

  #remember(connection: Connection, subscription: Subscription<unknown>, name: string): void {
    this.#attached.getOrInsertComputed(connection, () => new Map()).set(subscription, name);
  }

  #release(topic: Topic, subscription: Subscription<unknown>): void {
    const { connection } = subscription;
    const attached = connection === null ? undefined : this.#attached.get(connection);
    attached?.delete(subscription);
    if (connection !== null && attached?.size === 0) this.#attached.delete(connection);
    const subscriptions = this.#subscriptions.get(topic);
    subscriptions?.delete(subscription);
    if (subscriptions !== undefined && subscriptions.size > 0) return;
    this.#endHold(topic);
    this.#topics.delete(topic.name);
    this.#subscriptions.delete(topic);
  }

  #hold(topic: Topic): void {
    if (this.#dirty.has(topic) || this.#held.has(topic)) return;
    const timer = setTimeout(() => {
      this.#held.delete(topic);
      topic.flush();
    }, HOLD_MAX_MS);
    this.#held.set(topic, timer);
  }

  #endHold(topic: Topic): void {
    const timer = this.#held.get(topic);
    if (timer === undefined) return;
    clearTimeout(timer);
    this.#held.delete(topic);
  }

  #schedule(part: { flush(): void }): void {
    this.#dirty.add(part);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    // After all callbacks of this turn, so that a burst becomes one write.
    setImmediate(() => {
      this.#isScheduled = false;
      const parts = [...this.#dirty];
      this.#dirty.clear();
      for (const dirty of parts) dirty.flush();
    });
  }
}

/** Attaches if a response holds a token; the head has the same fields in the same order as the stock adapter's. */
function attach(response: unknown): boolean {
  const { id, jsonrpc, result } = response as {
    id?: unknown;
    jsonrpc?: unknown;
    result?: { data?: unknown };
  };
  if (!(result?.data instanceof AttachToken)) return false;
  const json = JSON.stringify(jsonrpc === undefined ? { id } : { id, jsonrpc });
  result.data.attach(json.slice(0, -1));
  return true;
}
