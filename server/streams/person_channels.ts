import { AppError } from "../../shared/errors.ts";
import type { UserId } from "../../shared/ids.ts";
import type { Signal, SignalAddresses, SignalAudience } from "../../shared/signal.ts";
import { toSignalChange } from "../../shared/signals.ts";
import type { HubChannel } from "./channel.ts";
import type { Item } from "./frames.ts";
import type { Hub } from "./hub.ts";
import type { Sink } from "./sink.ts";
import type { Listener, Signals } from "./signals.ts";

/** The channel of one device of a person, and the signals it asked for. */
export interface PersonChannel<Change> extends Listener {
  readonly channel: HubChannel<Change>;
  readonly kinds: ReadonlySet<string>;
}

/** Finds the people in a group to which a signal is sent, by audience. */
export type SignalGroups = {
  readonly [Audience in SignalAudience]?: (to: SignalAddresses[Audience]) => Iterable<UserId>;
};

/** The channels of all people, on every transport: private changes and the signals they asked for. */
export class PersonChannels<Change> {
  readonly #hub: Hub;
  readonly #signals: Signals;
  readonly #byUser = new Map<UserId, Set<PersonChannel<Change>>>();
  readonly #unsubscribe: () => void;
  /** Shared items, so that each is encoded once. */
  readonly #relayed = new WeakMap<Item, Item>();

  /** Subscribes to signals. */
  constructor(options: { readonly hub: Hub; readonly signals: Signals; readonly groups: SignalGroups }) {
    this.#hub = options.hub;
    this.#signals = options.signals;
    this.#unsubscribe = options.signals.subscribe((signal, to, value) => {
      const membersOf = options.groups[signal.audience] as ((to: unknown) => Iterable<UserId>) | undefined;
      if (membersOf !== undefined) this.#tellGroup(signal, membersOf(to), to, value);
    });
  }

  /** Number of open channels. */
  get size(): number {
    let size = 0;
    for (const channels of this.#byUser.values()) size += channels.size;
    return size;
  }

  /** Returns all open channels. */
  all(): PersonChannel<Change>[] {
    return [...this.#byUser.values()].flatMap((channels) => [...channels]);
  }

  /** Returns the open channels of a person. */
  of(userId: UserId): Iterable<PersonChannel<Change>> {
    return this.#byUser.get(userId) ?? [];
  }

  /** Returns whether the person has an open channel. */
  has(userId: UserId): boolean {
    return this.#byUser.has(userId);
  }

  /** Creates a channel; values pushed before `add` come first. */
  make(listener: Listener, kinds: Iterable<string>): PersonChannel<Change> {
    const { connection, signal } = listener;
    return { ...listener, channel: this.#hub.channel<Change>({ connection, signal }), kinds: new Set(kinds) };
  }

  /** Adds a channel; returns a function that removes it. */
  add(person: PersonChannel<Change>): () => void {
    const ended = new AbortController();
    this.#byUser.getOrInsertComputed(person.userId, () => new Set()).add(person);
    const signal = AbortSignal.any([person.signal, ended.signal]);
    for (const each of this.#signals.forListener(person, person.kinds)) {
      this.#signals.pipe(each, { ...person, signal }, this.#sinkOf(each, person))
        .catch((error: unknown) => person.channel.end(asFailure(error)));
    }
    return () => {
      ended.abort();
      const left = this.#byUser.get(person.userId);
      left?.delete(person);
      if (left?.size === 0) this.#byUser.delete(person.userId);
    };
  }

  /** Sends an item to all devices of a person. */
  push(userId: UserId, item: Item): void {
    for (const { channel } of this.of(userId)) channel.pushShared(item);
  }

  /** Ends all channels of a person, who then resubscribes. */
  end(userId: UserId, error: AppError): void {
    for (const { channel } of this.of(userId)) channel.end(error);
  }

  /** Unsubscribes from the feed. */
  close(): void {
    this.#unsubscribe();
  }

  #tellGroup(signal: Signal, members: Iterable<UserId>, to: unknown, value: unknown): void {
    const by = signal.exceptOwn === true ? (value as { userId: UserId }).userId : null;
    const item: Item = { value: toSignalChange(signal, to, value), offset: 0, ephemeral: true };
    for (const userId of members) {
      if (userId === by) continue;
      for (const { kinds, channel } of this.of(userId)) {
        if (kinds.has(signal.kind)) channel.pushShared(item);
      }
    }
  }

  #sinkOf(signal: Signal, { channel }: PersonChannel<Change>): Sink {
    return {
      // The channel handles slow readers itself.
      isSlow: false,
      write: (items) => {
        for (const item of items) channel.pushShared(this.#relay(signal, item));
        return true;
      },
      drained: () => Promise.resolve(),
    };
  }

  #relay(signal: Signal, item: Item): Item {
    return this.#relayed.getOrInsertComputed(item, () => {
      // Not skipped for slow readers: later diffs depend on it.
      return { value: toSignalChange(signal, null, item.value), offset: 0 };
    });
  }
}

function asFailure(error: unknown): AppError {
  if (error instanceof AppError) return error;
  return new AppError("storage_unavailable", "Signals could not be read", {
    retryAfterMs: 1_000,
    cause: error,
  });
}
