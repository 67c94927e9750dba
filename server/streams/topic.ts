import { EPHEMERAL_SKIP_BYTES } from "../../shared/limits.ts";
import { encodeFrames, keepFrames, knownFrames } from "./frames.ts";
import type { Item } from "./frames.ts";
import { GapError } from "./subscription.ts";
import type { Sink } from "./subscription.ts";

/** Items kept for subscriptions that still read history; a reader further behind reads history again. */
const RING_MAX_COUNT = 256;

/** Counters of the hub since its start. */
export interface HubStats {
  /** Items written to a socket or queue, one for each subscription. */
  deliveries: number;
  /** Buffers of frames made; the fewer a delivery, the better. */
  encodes: number;
  /** Socket writes. */
  writes: number;
  /** Ephemeral items that a slow reader went without. */
  skipped: number;
}

/** One topic: who is attached, what waits for the flush, and the last items for who comes out of history. */
export class Topic {
  readonly name: string;
  /** Leases open, attached or still reading history; the topic lives as long as one is. */
  leaseCount = 0;
  readonly sinks = new Set<Sink>();
  readonly #stats: HubStats;
  readonly #ring: Item[] = [];
  #pending: Item[] = [];
  #evictedUpTo = 0;

  /** Makes an empty topic that counts into `stats`. */
  constructor(name: string, stats: HubStats) {
    this.name = name;
    this.#stats = stats;
  }

  /** Takes an item for the next flush; true when it is the first that waits. */
  add(item: Item): boolean {
    if (item.offset > 0) {
      this.#ring.push(item);
      if (this.#ring.length > RING_MAX_COUNT) this.#evictedUpTo = this.#ring.shift()?.offset ?? 0;
    }
    return this.#pending.push(item) === 1;
  }

  /**
   * Brings a sink from `afterOffset` to now and adds it; a sink that is too far behind ends with a GapError.
   * `first` comes before all else: a snapshot that many readers share, encoded once.
   */
  attach(sink: Sink, afterOffset: number, first: readonly Item[] = []): void {
    if (this.#evictedUpTo > afterOffset) return sink.end(new GapError());
    sink.lastOffset = afterOffset;
    const missed = [
      ...first,
      ...this.#ring.filter((item) => item.offset > afterOffset && !isOwn(sink, item)),
    ];
    const newest = this.#ring.at(-1)?.offset ?? 0;
    this.sinks.add(sink);
    if (missed.length > 0) this.#deliver(sink, missed, null);
    sink.lastOffset = Math.max(afterOffset, newest);
  }

  /** Delivers what waits: one buffer for each distinct head, the same bytes to every socket. */
  flush(): void {
    const items = this.#pending;
    this.#pending = [];
    const first = items[0];
    const last = items.at(-1);
    if (first === undefined || last === undefined) return;
    const isOwnable = items.some((item) => item.by !== undefined);
    const shared = new Map<string, Uint8Array>();
    for (const sink of this.sinks) {
      const isBehind = first.offset === 0 || sink.lastOffset < first.offset;
      if (isBehind && !(isOwnable && sink.exceptOwn)) {
        this.#deliver(sink, items, shared);
      } else {
        const wanted = items.filter((item) =>
          (item.offset === 0 || item.offset > sink.lastOffset) && !isOwn(sink, item)
        );
        if (wanted.length === items.length) this.#deliver(sink, items, shared);
        else if (wanted.length > 0) this.#deliver(sink, wanted, null);
      }
      if (last.offset > sink.lastOffset) sink.lastOffset = last.offset;
    }
  }

  #deliver(sink: Sink, items: readonly Item[], shared: Map<string, Uint8Array> | null): void {
    const { connection, head } = sink;
    if (connection === null || head === null) {
      this.#stats.deliveries += items.length;
      return sink.queue(items);
    }
    if (connection.bufferedBytes > EPHEMERAL_SKIP_BYTES && items.every((item) => item.ephemeral === true)) {
      return this.#skip(sink, items);
    }
    let frames = shared === null ? knownFrames(head, items) : shared.get(head);
    if (frames === undefined) {
      frames = encodeFrames(head, items);
      this.#stats.encodes++;
      if (shared === null) keepFrames(head, items, frames);
      else shared.set(head, frames);
    }
    this.#stats.deliveries += items.length;
    this.#stats.writes++;
    connection.writeFrames(frames);
  }

  /** A reader that goes without an ordered item (presence) needs a fresh picture once it has caught up. */
  #skip(sink: Sink, items: readonly Item[]): void {
    this.#stats.skipped += items.length;
    if (items.every((item) => item.offset === 0)) return;
    this.sinks.delete(sink);
    sink.connection?.drained().then(() => sink.end(new GapError()), () => sink.end());
  }
}

function isOwn(sink: Sink, item: Item): boolean {
  return sink.exceptOwn && item.by === sink.userId;
}
