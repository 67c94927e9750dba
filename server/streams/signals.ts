import type { TabId, UserId } from "../../shared/ids.ts";
import { ADDRESS_FIELDS } from "../../shared/signal.ts";
import type { Signal, SignalAddresses, SignalAudience } from "../../shared/signal.ts";
import type { Connection } from "../net/connection.ts";
import type { Feed, SignalRow } from "./feed.ts";
import type { Item } from "./frames.ts";
import type { Hub } from "./hub.ts";
import { GapError } from "./sink.ts";
import type { Sink } from "./sink.ts";
import type { Subscription } from "./subscription.ts";

/** What signals are carried by. */
export interface SignalsOptions {
  readonly feed: Feed;
  readonly hub: Hub;
  /** Every signal that clients hear. */
  readonly signals: readonly Signal[];
}

/** Somebody who listens, and on which device. */
export interface Listener {
  readonly userId: UserId;
  /** The device's session or token: a signal to this device is addressed by it. */
  readonly key: string;
  /** Without one, the listener hears no signals that are meant for a single tab. */
  readonly tabId?: TabId | undefined;
  /** Null over HTTP. */
  readonly connection: Connection | null;
  readonly signal: AbortSignal;
}

/** Where a listener begins: what it is told first, and the number of the last change that this holds. */
export interface SignalStart {
  readonly items: readonly Item[];
  readonly offset: number;
}

/** What a listener hears of a signal that has a state. */
export interface SignalView {
  readonly topic: string;
  /** Asked once the listener is there, so that nothing is lost between this and what follows. */
  start(): SignalStart;
  /** One listener less. */
  close(): void;
}

/** A view that is being opened, and whether who may hear what has changed since. */
interface Opening {
  readonly userId: UserId;
  isOvertaken: boolean;
}

/** Hears what any instance sends, this one included. */
export type SignalHandler = (signal: Signal, to: unknown, value: unknown) => void;

/** The key of a device, by which signals to it are addressed. */
export function connectionKey(
  { sessionId, tokenId, userId }: { sessionId: string | null; tokenId: string | null; userId: string },
): string {
  return sessionId ?? tokenId ?? userId;
}

/**
 * Carries signals to whoever their definition says, on every instance and over every transport.
 *
 * Guarantees: signals of one instance arrive in order, each at most once. A slow reader goes without, and begins
 * again from the signal's state once it has caught up. Whoever lost the stream or the session hears nothing more.
 */
export class Signals {
  readonly #options: SignalsOptions;
  readonly #known = new Set<Signal>();
  /** Those that travel between instances. */
  readonly #byKind = new Map<string, Signal>();
  readonly #handlers = new Set<SignalHandler>();
  readonly #views = new Map<Signal, (listener: Listener) => Promise<SignalView>>();
  readonly #openings = new Set<Opening>();
  readonly #unsubscribe: () => void;
  /** Number of the last signal; it keeps who begins to listen from hearing one twice, or not at all. */
  #offset = 0;

  /** Listens to the feed from now on. */
  constructor(options: SignalsOptions) {
    this.#options = options;
    for (const signal of options.signals) this.add(signal);
    this.#unsubscribe = options.feed.subscribe("deliver", (notice) => {
      if (notice.type === "signal") this.#hear(notice.row);
    });
  }

  /** Number of the last signal that was delivered. */
  get offset(): number {
    return this.#offset;
  }

  /** Makes a signal known to this instance; those that clients hear are known from the start. */
  add(signal: Signal): void {
    this.#known.add(signal);
    if (signal.isLocal === true) return;
    const { kind } = signal;
    if (this.#byKind.has(kind)) throw new TypeError(`Cannot add signal "${kind}": it is known already`);
    this.#byKind.set(kind, signal);
  }

  /** Those of some kinds that are sent to the listener, and not to a group that it is in. */
  forListener(listener: Listener, kinds: ReadonlySet<string>): Signal[] {
    return [...this.#known].filter((signal) =>
      kinds.has(signal.kind) && addressOf(signal, listener) !== null
    );
  }

  /** Sends to all who are to hear it; this instance delivers at once, others soon. */
  send<Value, Audience extends SignalAudience>(
    signal: Signal<Value, Audience>,
    to: SignalAddresses[Audience],
    value: Value,
  ): void {
    this.#options.feed.publish({ type: "signal", row: toRow(signal, to, value) });
  }

  /** Hears every signal until the returned function is called. */
  subscribe(handler: SignalHandler): () => void {
    this.#handlers.add(handler);
    return () => this.#handlers.delete(handler);
  }

  /** Hears one signal until the returned function is called; it is known to this instance from then on. */
  on<Value>(signal: Signal<Value, "instances">, handler: (value: Value) => void): () => void {
    if (!this.#known.has(signal)) this.add(signal);
    return this.subscribe((heard, _to, value) => {
      if (heard === signal) handler(value as Value);
    });
  }

  /** Says what who begins to listen is told first, and from which topic it goes on. */
  setView(signal: Signal, open: (listener: Listener) => Promise<SignalView>): void {
    this.#views.set(signal, open);
  }

  /** Lets a person's listeners on these topics, and those that are about to listen, begin again with a new view. */
  restart(userId: UserId, topics: readonly string[]): void {
    for (const opening of this.#openings) if (opening.userId === userId) opening.isOvertaken = true;
    for (const topic of topics) this.#options.hub.revoke(topic, userId, new GapError());
  }

  /** Topics of a stream's signals whose subscriptions end with the membership. */
  membershipTopics(streamId: string): string[] {
    const ending = [...this.#known].filter(({ endsWith }) => endsWith === "membership");
    return ending.map((signal) => topicOf(signal, streamId));
  }

  /** Yields what a listener is to hear, for the signal's own subscription. */
  async *read<Value>(
    signal: Signal<Value, "person" | "connection" | "tab">,
    listener: Listener,
  ): AsyncGenerator<Value> {
    while (!listener.signal.aborted) {
      const { subscription, start, close } = await this.#open<Value>(signal, listener, listener.connection);
      try {
        const { items, offset } = start();
        return yield* subscription.live(offset, items);
      } catch (error) {
        // A listener that went without some, or may hear of others now, begins again.
        if (!(error instanceof GapError)) throw error;
      } finally {
        close();
      }
    }
  }

  /** Writes what a listener is to hear into a sink until its signal aborts. */
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

  /** Stops listening. */
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
        // The wrong topic by now, and nobody would take the listener off it.
        if (opening.isOvertaken) {
          view.close();
          continue;
        }
        const subscription = hub.open<Value>({
          topic: view.topic,
          userId,
          connection,
          signal: listener.signal,
          exceptOwn: signal.exceptOwn ?? false,
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
    // An instance of a newer version may say what this one does not know.
    if (signal === undefined) return;
    const { to, value } = fromRow(signal, row);
    if (signal.audience !== "instances") {
      this.#options.hub.publish(topicOf(signal, to), signalItem(signal, value, ++this.#offset));
    }
    for (const handler of this.#handlers) handler(signal, to, value);
  }
}

/** Yields what follows a signal's state, and the state again whenever the reader went without some. */
export async function* follow<T>(subscription: Subscription<T>, start: () => SignalStart): AsyncGenerator<T> {
  for (;;) {
    const { items, offset } = start();
    try {
      return yield* subscription.live(offset, items);
    } catch (error) {
      if (!(error instanceof GapError)) throw error;
    }
  }
}

/** Topic in which a signal is published, for whom it is sent to. */
export function topicOf({ kind }: Signal, to: unknown): string {
  if (typeof to !== "object" || to === null) return `${kind}:${to}`;
  const { userId, key, tabId } = to as SignalAddresses["connection"] & Partial<SignalAddresses["tab"]>;
  return [kind, userId, key, ...tabId === undefined ? [] : [tabId]].join(":");
}

/** Where a signal is sent that is meant for this listener alone; null if there is no such address. */
function addressOf({ audience }: Signal, { userId, key, tabId }: Listener): unknown {
  if (audience === "person") return userId;
  if (audience === "connection") return { userId, key };
  return audience === "tab" && tabId !== undefined ? { userId, key, tabId } : null;
}

/** Makes an item of a signal's value. */
export function signalItem({ exceptOwn }: Signal, value: unknown, offset: number): Item {
  const item = { value, offset, ephemeral: true };
  return exceptOwn === true ? { ...item, by: (value as { userId: string }).userId } : item;
}

function toRow(signal: Signal, to: unknown, value: unknown): SignalRow {
  const { kind: type, audience } = signal;
  const field = ADDRESS_FIELDS[audience];
  if (audience === "instances") return { type, ...value as object };
  return field === null ? { type, to, update: value } : { type, [field]: to, ...value as object };
}

function fromRow({ audience }: Signal, { type: _, ...row }: SignalRow): { to: unknown; value: unknown } {
  if (audience === "instances") return { to: null, value: row };
  const field = ADDRESS_FIELDS[audience];
  if (field === null) return { to: row.to, value: row.update };
  const { [field]: to, ...value } = row;
  return { to, value };
}
