import type { AppError } from "../../shared/errors.ts";
import type { Item } from "./frames.ts";
import { GapError } from "./sink.ts";
import type { EncodedBatch, HubStats, Sink } from "./sink.ts";

/** Items kept for subscriptions that still read history; readers further behind start over. */
const RING_MAX_COUNT = 256;

/** A live subscription to a topic. */
export interface Subscriber {
  readonly userId: string;
  /** Whether to leave out items whose `by` is this user. */
  readonly exceptOwn: boolean;
  readonly sink: Sink;
  lastOffset: number;
  /** Ends the subscription, with an error or normally. */
  end(error?: AppError | GapError): void;
}

/** One topic: its subscribers, pending items, and the last items for subscribers that finish reading history. */
export class Topic {
  readonly name: string;
  readonly subscribers = new Set<Subscriber>();
  readonly #stats: HubStats;
  readonly #ring: Item[] = [];
  #pending: Item[] = [];
  #evictedUpTo = 0;

  /** Creates an empty topic that counts into `stats`. */
  constructor(name: string, stats: HubStats) {
    this.name = name;
    this.#stats = stats;
  }

  /** Adds an item to the next flush. */
  add(item: Item): void {
    if (item.offset > 0) {
      this.#ring.push(item);
      if (this.#ring.length > RING_MAX_COUNT) this.#evictedUpTo = this.#ring.shift()?.offset ?? 0;
    }
    this.#pending.push(item);
  }

  /**
   * Adds a subscriber and delivers the items after `afterOffset`; one that is too far behind ends with a GapError.
   * `first` is delivered before everything else: a snapshot that many readers share, encoded once.
   */
  attach(subscriber: Subscriber, afterOffset: number, first: readonly Item[] = []): void {
    if (this.#evictedUpTo > afterOffset) return subscriber.end(new GapError());
    subscriber.lastOffset = afterOffset;
    const missed = [
      ...first,
      ...this.#ring.filter((item) => item.offset > afterOffset && !isOwn(subscriber, item)),
    ];
    const newest = this.#ring.at(-1)?.offset ?? 0;
    this.subscribers.add(subscriber);
    if (missed.length > 0) this.#deliver(subscriber, missed, null);
    subscriber.lastOffset = Math.max(afterOffset, newest);
  }

  /** Delivers pending items: one buffer for each encoding, shared by all readers. */
  flush(): void {
    const items = this.#pending;
    this.#pending = [];
    const first = items[0];
    const last = items.at(-1);
    if (first === undefined || last === undefined) return;
    const isOwnable = items.some((item) => item.by !== undefined);
    const batch: EncodedBatch = new Map();
    for (const subscriber of this.subscribers) {
      const isBehind = first.offset === 0 || subscriber.lastOffset < first.offset;
      if (isBehind && !(isOwnable && subscriber.exceptOwn)) {
        this.#deliver(subscriber, items, batch);
      } else {
        const wanted = items.filter((item) =>
          (item.offset === 0 || item.offset > subscriber.lastOffset) && !isOwn(subscriber, item)
        );
        if (wanted.length === items.length) this.#deliver(subscriber, items, batch);
        else if (wanted.length > 0) this.#deliver(subscriber, wanted, null);
      }
      if (last.offset > subscriber.lastOffset) subscriber.lastOffset = last.offset;
    }
  }

  #deliver(subscriber: Subscriber, items: readonly Item[], batch: EncodedBatch | null): void {
    const { sink } = subscriber;
    // Only signals may be skipped; asking each of a thousand sockets how slow it is takes longer than asking the items.
    if (items.every((item) => item.ephemeral === true) && sink.isSlow) this.#skip(subscriber, items);
    else if (!sink.write(items, batch)) subscriber.end(new GapError());
  }

  /** A reader that skips an ordered item (presence) starts over with a snapshot once it has caught up. */
  #skip(subscriber: Subscriber, items: readonly Item[]): void {
    this.#stats.skipped += items.length;
    if (items.every((item) => item.offset === 0)) return;
    this.subscribers.delete(subscriber);
    subscriber.sink.drained().then(() => subscriber.end(new GapError()), () => subscriber.end());
  }
}

function isOwn(subscriber: Subscriber, item: Item): boolean {
  return subscriber.exceptOwn && item.by === subscriber.userId;
}
