import type { TrackedEnvelope } from "@trpc/server";
import { REPLAY_MAX_COUNT } from "../../shared/limits.ts";
import { formatPosition } from "../../shared/position.ts";
import type { Position } from "../../shared/position.ts";
import type { ComponentState } from "../../shared/status/states.ts";
import type { StatusChange, StatusMetrics } from "../../shared/status/status.ts";
import type { Connection } from "../net/connection.ts";
import type { Feed } from "../streams/feed.ts";
import type { Item } from "../streams/frames.ts";
import type { Hub } from "../streams/hub.ts";
import { GapError } from "../streams/sink.ts";
import type { StatusBoard } from "./status_board.ts";
import { SERVER } from "./status_change_store.ts";
import { isDeleted, isStatusNotice, PUBLIC_STREAM, statusTopic, subjectOf } from "./status_stream.ts";
import type { StatusEvent, StatusLog } from "./status_stream.ts";

/** How long what was made for one reader is good for others; what changed since follows as events anyway. */
const FRESH_MS = 1_000;

/** An event that was stored, without what it is about. */
interface Pointer {
  readonly offset: number;
  readonly at: string;
  readonly type: StatusChange["type"];
  readonly id: string | null;
  readonly state?: ComponentState;
  /** What was deleted has no current state. */
  readonly deleted: StatusChange | null;
}

/** What subscriptions hear: events that are stored, and figures that are not. */
export type StatusFeedItem = StatusEvent | {
  readonly type: "metrics";
  readonly metrics: StatusMetrics;
};

/** An item with its position, if it is stored. */
export type FollowedItem = TrackedEnvelope<StatusFeedItem> | StatusFeedItem;

export interface FollowOptions {
  /** Position of the last event that the reader has; null for none. */
  readonly after: Position | null;
  /** Null over HTTP. */
  readonly connection: Connection | null;
  readonly signal: AbortSignal;
}

export interface PublicFeedOptions {
  readonly log: StatusLog;
  readonly board: StatusBoard;
  readonly feed: Feed;
  readonly hub: Hub;
  /** Epoch time in milliseconds. */
  readonly now: () => number;
  /** Called after each stored event. */
  readonly onEvent: (event: StatusEvent) => void;
  /** Called with the first of several failures to store an event. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * The public stream for readers, from memory alone: where they can go on, what they missed in its current state, and
 * how things stand for who is new. While storage does not answer, changes are told as snapshots without a position.
 */
export class PublicFeed {
  readonly #options: PublicFeedOptions;
  /** False while probes find that storage does not answer: nobody waits for it then. */
  isStorageThere = true;
  readonly #pointers: Pointer[] = [];
  readonly #unsubscribe: () => void;
  #head = 0;
  #isBehind = false;
  #snapshot: { readonly item: Item; readonly madeAt: number; readonly head: number } | null = null;
  /** What pointers were materialized to, by offset, until the next event. */
  readonly #items = new Map<number, Item>();
  #itemsMadeAt = -Infinity;

  constructor(options: PublicFeedOptions) {
    this.#options = options;
    this.#unsubscribe = options.feed.subscribe("view", (notice) => {
      if (!isStatusNotice(notice)) return;
      for (const event of notice.events) {
        this.#take(event);
        options.onEvent(event);
      }
    });
  }

  /** Reads what was stored before the start. */
  async load(): Promise<void> {
    const { log } = this.#options;
    const { offset } = await log.head(PUBLIC_STREAM);
    const { rows } = await log.read(PUBLIC_STREAM, Math.max(0, offset - REPLAY_MAX_COUNT), REPLAY_MAX_COUNT);
    for (const { offset, row } of rows) this.#keep({ ...row, offset, deleted: null });
    this.#head = Math.max(this.#head, offset);
  }

  /** Begins where storage cannot be read: all that readers get is told without a position. */
  beginWithoutStorage(): void {
    this.isStorageThere = false;
    this.#isBehind = true;
  }

  /** Offset of the last event that this instance has heard of. */
  get head(): number {
    return this.#head;
  }

  /** Position of the last event that this instance has heard of. */
  get here(): Position {
    return { epoch: this.#options.log.epoch, offset: this.#head };
  }

  /** Whether readers believe something of a component; an event of before states were stored counts as such. */
  get hasToldStates(): boolean {
    for (const { type, state = "operational" } of this.#pointers.toReversed()) {
      if (type === "snapshot") return state !== "unknown";
      if (type === "component" && state !== "unknown") return true;
    }
    return false;
  }

  /** How things stand now, encoded once for all readers of the same second. */
  snapshot(): Item {
    const { board, log, now } = this.#options;
    const madeAt = now();
    const last = this.#snapshot;
    const isFresh = last !== null && last.head === this.#head && Math.abs(madeAt - last.madeAt) < FRESH_MS;
    if (isFresh) return last.item;
    const value = { type: "snapshot", status: board.current() };
    const position = formatPosition({ epoch: log.epoch, offset: this.#head });
    const item: Item = this.#isBehind ? { value, offset: 0 } : { value, offset: 0, position };
    this.#snapshot = { item, madeAt, head: this.#head };
    return item;
  }

  /**
   * Events after a position, oldest first; null where only a snapshot helps. Of several events about the same thing
   * only the last is given, since all of them would say what is true now.
   */
  since(after: Position | null): Item[] | null {
    const { log } = this.#options;
    // While storage is down, memory holds changes without a position; whoever is up to date hears those live.
    const isMissing = this.#isBehind && after?.offset !== this.#head;
    if (after === null || isMissing || after.epoch !== log.epoch || after.offset > this.#head) {
      return null;
    }
    const missed = this.#pointers.filter(({ offset }) => offset > after.offset);
    if (missed.length !== this.#head - after.offset) return null;
    this.#forgetOldItems();
    const items: Item[] = [];
    for (const pointer of lastOfEach(missed)) {
      const item = this.#itemOf(pointer);
      if (item === null) return null;
      items.push(item);
    }
    return items;
  }

  /** Tells of something that is stored nowhere, such as figures. */
  tell(value: StatusFeedItem): void {
    this.#options.hub.publish(statusTopic(), { value, offset: 0, ephemeral: true });
  }

  /** Tells this instance's readers how things stand, without a position. */
  tellSnapshot(): void {
    this.#snapshot = null;
    const value = { type: "snapshot", status: this.#options.board.current() };
    this.#options.hub.publish(statusTopic(), { value, offset: 0 });
  }

  /** Yields what a reader missed, or how things stand, and then what happens; it ends when the reader is gone. */
  async *follow(
    { after, connection, signal }: FollowOptions,
  ): AsyncGenerator<FollowedItem> {
    const { hub } = this.#options;
    const subscription = hub.open<FollowedItem>({
      topic: statusTopic(),
      userId: SERVER,
      connection,
      signal,
    });
    let position = after;
    try {
      for (;;) {
        const missed = this.since(position) ?? [this.snapshot()];
        try {
          return yield* subscription.live(this.#head, missed);
        } catch (error) {
          if (!(error instanceof GapError)) throw error;
          // More came than the hub keeps, or the reader was slow: it begins anew.
          position = null;
          if (signal.aborted) return;
        }
      }
    } finally {
      subscription.release();
    }
  }

  /** Appends a change that the server saw; while storage does not answer, readers get a snapshot instead. */
  async append(change: StatusChange): Promise<boolean> {
    const { board } = this.#options;
    if (!this.isStorageThere) {
      this.#fallBehind();
      return false;
    }
    try {
      if (this.#isBehind) {
        await this.#appendOne({ type: "snapshot", status: board.current() });
        this.#isBehind = false;
        return true;
      }
      await this.#appendOne(change);
      return true;
    } catch (error) {
      if (!this.#isBehind) this.#options.onFailure(error);
      this.#fallBehind();
      return false;
    }
  }

  /** Stores the true states once storage answers again. */
  async catchUp(): Promise<void> {
    if (this.#isBehind && this.isStorageThere) {
      await this.append({ type: "snapshot", status: this.#options.board.current() });
    }
  }

  /** Stops listening. */
  close(): void {
    this.#unsubscribe();
  }

  #fallBehind(): void {
    this.#isBehind = true;
    this.tellSnapshot();
  }

  async #appendOne(body: StatusChange): Promise<void> {
    await this.#options.log.append(PUBLIC_STREAM, { by: SERVER, build: () => ({ body }) });
  }

  #take(event: StatusEvent): void {
    const { offset, at, ...change } = event;
    this.#options.board.apply(change);
    // Another instance has stored the true states.
    if (change.type === "snapshot") this.#isBehind = false;
    const deleted = change.type === "incident" && isDeleted(change.incident) ? change : null;
    this.#keep({ offset, at, type: change.type, id: subjectOf(change), deleted });
  }

  #keep(pointer: Pointer): void {
    const last = this.#pointers.at(-1);
    if (last !== undefined && pointer.offset <= last.offset) return;
    this.#pointers.push(pointer);
    if (this.#pointers.length > REPLAY_MAX_COUNT) this.#pointers.shift();
    this.#head = pointer.offset;
    this.#items.clear();
  }

  #forgetOldItems(): void {
    const at = this.#options.now();
    if (Math.abs(at - this.#itemsMadeAt) < FRESH_MS) return;
    this.#items.clear();
    this.#itemsMadeAt = at;
  }

  /** One item for all readers, so that it is encoded once. */
  #itemOf(pointer: Pointer): Item | null {
    const kept = this.#items.get(pointer.offset);
    if (kept !== undefined) return kept;
    const item = this.#makeItem(pointer);
    if (item !== null) this.#items.set(pointer.offset, item);
    return item;
  }

  #makeItem({ offset, at, type, id, deleted }: Pointer): Item | null {
    const { board, log } = this.#options;
    const position = formatPosition({ epoch: log.epoch, offset });
    const change = deleted ??
      (id === null ? { type: "snapshot" as const, status: board.current() } : board.find(type, id));
    return change === null ? null : { value: { ...change, offset, at }, offset, position };
  }
}

/** The last pointer to each thing, in the order of the stream. */
function lastOfEach(pointers: readonly Pointer[]): Pointer[] {
  const last = new Map(pointers.map((pointer) => [`${pointer.type} ${pointer.id}`, pointer]));
  return pointers.filter((pointer) => last.get(`${pointer.type} ${pointer.id}`) === pointer);
}
