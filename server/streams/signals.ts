import type { RoomId, TabId, UserId } from "../../shared/ids.ts";
import type { Signal, SignalAddresses, SignalAudience } from "../../shared/signal.ts";
import { toSignalChange } from "../../shared/signals.ts";
import type { SignalChange } from "../../shared/signals.ts";
import type { Connection } from "../net/connection.ts";
import type { Feed, SignalRow } from "./feed.ts";
import type { Item } from "./frames.ts";
import type { Hub } from "./hub.ts";
import { fromRow, toRow } from "./signal_rows.ts";
import { GapError } from "./sink.ts";
import type { Sink } from "./sink.ts";
import type { Subscription } from "./subscription.ts";

export interface SignalsOptions {
  readonly feed: Feed;
  readonly hub: Hub;
  /** All signals for clients. */
  readonly signals: readonly Signal[];
}

/** A signal that addresses the listener itself rather than a group. */
export type ListenerSignal<Value = unknown> = Signal<Value, "person" | "connection" | "tab">;

/** A device that listens to signals. */
export interface Listener {
  readonly userId: UserId;
  /** The device's session or token, which addresses signals to this device. */
  readonly key: string;
  /** Without it, the listener receives no signals for single tabs. */
  readonly tabId?: TabId | undefined;
  /** Null over HTTP. */
  readonly connection: Connection | null;
  readonly signal: AbortSignal;
}

/** What a listener receives first, and the offset of the last change that it includes. */
export interface SignalStart {
  readonly items: readonly Item[];
  readonly offset: number;
}

/** Returns the state of a room's signal for a reader, at once. */
export type RoomStart = (roomId: RoomId, userId: UserId) => SignalStart;

/** The view of a listener of a signal with state. */
export interface SignalView {
  readonly topic: string;
  /** Called after the subscription, so that nothing is lost in between. */
  start(): SignalStart;
  /** Removes the listener. */
  close(): void;
}

/** A view that is being opened, and whether rights have changed since. */
interface Opening {
  readonly userId: UserId;
  isOvertaken: boolean;
}

/** Receives signals of all instances, including this one. */
export type SignalHandler = (signal: Signal, to: unknown, value: unknown) => void;

/** Returns the key of a device, which addresses signals to it. */
export function connectionKey(
  { sessionId, tokenId, userId }: { sessionId: string | null; tokenId: string | null; userId: string },
): string {
  return sessionId ?? tokenId ?? userId;
}

/**
 * Delivers signals to the audience in their definition, on every instance and transport.
 *
 * Guarantees: signals of one instance arrive in order, each at most once. Slow readers miss signals and start over
 * from the state once they have caught up. After losing the stream or the session, a person receives nothing more.
 */
export class Signals {
  readonly #options: SignalsOptions;
  readonly #known = new Set<Signal>();
  /** Signals that are sent between instances. */
  readonly #byKind = new Map<string, Signal>();
  readonly #handlers = new Set<SignalHandler>();
  readonly #views = new Map<Signal, (listener: Listener) => Promise<SignalView>>();
  readonly #starts = new Map<Signal, RoomStart>();
  readonly #openings = new Set<Opening>();
  readonly #unsubscribe: () => void;
  /** Offset of the last signal, so that new listeners get each signal exactly once. */
  #offset = 0;

  /** Subscribes to the feed. */
  constructor(options: SignalsOptions) {
    this.#options = options;
    for (const signal of options.signals) this.add(signal);
    this.#unsubscribe = options.feed.subscribe("deliver", (notice) => {
      if (notice.type === "signal") this.#hear(notice.row);
    });
  }

  /** Offset of the last signal that was delivered. */
  get offset(): number {
    return this.#offset;
  }

  /** Registers a signal on this instance; signals for clients are registered by the constructor. */
  add(signal: Signal): void {
    this.#known.add(signal);
    if (signal.isLocal === true) return;
    const { kind } = signal;
    if (this.#byKind.has(kind)) throw new TypeError(`Cannot add signal "${kind}": it is known already`);
    this.#byKind.set(kind, signal);
  }

  /** Returns the signals of these kinds that address the listener itself rather than a group. */
  forListener(listener: Listener, kinds: ReadonlySet<string>): Signal[] {
    return [...this.#known].filter((signal) =>
      kinds.has(signal.kind) && addressOf(signal, listener) !== null
    );
  }

  /** Sends a signal; this instance delivers it at once, others soon. */
  send<Value, Audience extends SignalAudience>(
    signal: Signal<Value, Audience>,
    to: SignalAddresses[Audience],
    value: Value,
  ): void {
    this.#options.feed.publish({ type: "signal", row: toRow(signal, to, value) });
  }

  /** Delivers a local signal to listeners of this instance; those who share a value share its encoding. */
  deliver<Value, Audience extends SignalAudience>(
    signal: Signal<Value, Audience>,
    addresses: Iterable<SignalAddresses[Audience]>,
    value: Value,
  ): void {
    const item = signalItem(signal, value, ++this.#offset);
    for (const to of addresses) this.#options.hub.publish(topicOf(signal, to), item);
  }

  /** Calls `handler` with every signal until the returned function is called. */
  subscribe(handler: SignalHandler): () => void {
    this.#handlers.add(handler);
    return () => this.#handlers.delete(handler);
  }

  /** Registers a signal and calls `handler` with it until the returned function is called. */
  on<Value>(signal: Signal<Value, "instances">, handler: (value: Value) => void): () => void {
    if (!this.#known.has(signal)) this.add(signal);
    return this.subscribe((heard, _to, value) => {
      if (heard === signal) handler(value as Value);
    });
  }

  /** Sets how listeners of a signal get its state, and the topic of later signals. */
  setView(signal: ListenerSignal, open: (listener: Listener) => Promise<SignalView>): void {
    this.#views.set(signal, open);
  }

  /** Sets what readers of a room receive before later signals. */
  setStart(signal: Signal<unknown, "room">, start: RoomStart): void {
    this.#starts.set(signal, start);
  }

  /** Returns what a reader of a room receives before later signals; nothing if the signal has no state. */
  startOf(signal: Signal<unknown, "room">, roomId: RoomId, userId: UserId): SignalStart {
    return this.#starts.get(signal)?.(roomId, userId) ?? { items: [], offset: this.#offset };
  }

  /** Returns the state of a room's signals of these kinds, as `rooms.onChange` yields it. */
  stateOf(roomId: RoomId, userId: UserId, kinds: ReadonlySet<string>): SignalChange[] {
    return [...this.#starts].filter(([{ kind }]) => kinds.has(kind)).flatMap(([signal, start]) =>
      start(roomId, userId).items.map(({ value }) => toSignalChange(signal, roomId, value))
    );
  }

  /** Makes a person's listeners on these topics, and those that are just starting, start over with a new view. */
  restart(userId: UserId, topics: readonly string[]): void {
    for (const opening of this.#openings) if (opening.userId === userId) opening.isOvertaken = true;
    for (const topic of topics) this.#options.hub.revoke(topic, userId, new GapError());
  }

  /** Returns the topics of a stream whose subscriptions end with the membership. */
  membershipTopics(streamId: string): string[] {
    const ending = [...this.#known].filter(({ endsWith }) => endsWith === "membership");
    return ending.map((signal) => topicOf(signal, streamId));
  }

  /** Yields a signal to a listener, for the signal's own subscription. */
  async *read<Value>(
    signal: ListenerSignal<Value>,
    listener: Listener,
  ): AsyncGenerator<Value> {
    while (!listener.signal.aborted) {
      const { subscription, start, close } = await this.#open<Value>(signal, listener, listener.connection);
      try {
        const { items, offset } = start();
        return yield* subscription.live(offset, items);
      } catch (error) {
        // The listener missed some or its rights changed: start over.
        if (!(error instanceof GapError)) throw error;
      } finally {
        close();
      }
    }
  }

  /** Writes a listener's signals to a sink until its abort signal. */
  async pipe(signal: Signal, listener: Listener, sink: Sink): Promise<void> {
    while (!listener.signal.aborted) {
      const { subscription, start, close } = await this.#open(signal, listener, null);
      try {
        const { items, offset } = start();
        return await subscription.pipe(sink, offset, items);
      } catch (error) {
        if (!(error instanceof GapError)) throw error;
      } finally {
        close();
      }
    }
  }

  /** Unsubscribes from the feed. */
  close(): void {
    this.#unsubscribe();
  }

  async #open<Value>(signal: Signal, listener: Listener, connection: Connection | null): Promise<{
    readonly subscription: Subscription<Value>;
    readonly start: () => SignalStart;
    readonly close: () => void;
  }> {
    const { hub } = this.#options;
    const { userId } = listener;
    const opening: Opening = { userId, isOvertaken: false };
    this.#openings.add(opening);
    try {
      for (;;) {
        opening.isOvertaken = false;
        const view = await this.#views.get(signal)?.(listener) ?? this.#plainView(signal, listener);
        // The topic is outdated, and nothing else would end this subscription.
        if (opening.isOvertaken) {
          view.close();
          continue;
        }
        const subscription = hub.open<Value>({
          topic: view.topic,
          userId,
          connection,
          signal: listener.signal,
        });
        const close = () => {
          subscription.release();
          view.close();
        };
        return { subscription, start: () => view.start(), close };
      }
    } finally {
      this.#openings.delete(opening);
    }
  }

  #plainView(signal: Signal, listener: Listener): SignalView {
    const to = addressOf(signal, listener);
    if (to === null) throw new TypeError(`Cannot read signal "${signal.kind}" without an address`);
    return {
      topic: topicOf(signal, to),
      start: () => ({ items: [], offset: this.#offset }),
      close: () => {},
    };
  }

  #hear(row: SignalRow): void {
    const signal = this.#byKind.get(row.type);
    // A newer instance may send signals that this one does not know.
    if (signal === undefined) return;
    const { to, value } = fromRow(signal, row);
    if (signal.audience !== "instances") {
      this.#options.hub.publish(topicOf(signal, to), signalItem(signal, value, ++this.#offset));
    }
    for (const handler of this.#handlers) handler(signal, to, value);
  }
}

/** Returns the topic of a signal for an address. */
export function topicOf({ kind }: Signal, to: unknown): string {
  if (typeof to !== "object" || to === null) return `${kind}:${to}`;
  const { userId, key, tabId } = to as SignalAddresses["connection"] & Partial<SignalAddresses["tab"]>;
  return [kind, userId, key, ...tabId === undefined ? [] : [tabId]].join(":");
}

/** Returns the address by which a signal reaches this listener alone, or null. */
function addressOf({ audience }: Signal, { userId, key, tabId }: Listener): unknown {
  if (audience === "person") return userId;
  if (audience === "connection") return { userId, key };
  return audience === "tab" && tabId !== undefined ? { userId, key, tabId } : null;
}

/** Returns the item of a signal's value. */
export function signalItem({ exceptOwn }: Signal, value: unknown, offset: number): Item {
  const item = { value, offset, ephemeral: true };
  return exceptOwn === true ? { ...item, by: (value as { userId: string }).userId } : item;
}
