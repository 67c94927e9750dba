import { AppError } from "../../shared/errors.ts";
import type { RoomsChange } from "../../shared/event.ts";
import type { RoomId, UserId } from "../../shared/ids.ts";
import { HEADS_INTERVAL_MS, ROOM_CHANGED_INTERVAL_MS } from "../../shared/limits.ts";
import type { PresenceUpdate } from "../../shared/presence.ts";
import type { RoomSummary } from "../../shared/room.ts";
import type { Connection } from "../net/connection.ts";
import type { HubChannel } from "../streams/channel.ts";
import { roomTopic } from "../streams/delivery.ts";
import type { EventLog } from "../streams/event_log.ts";
import type { Feed, Notice } from "../streams/feed.ts";
import type { Item } from "../streams/frames.ts";
import type { Hub } from "../streams/hub.ts";
import { RoomPacer } from "./room_pacer.ts";
import { RoomViews, toSummary } from "./room_views.ts";
import type { RoomStore } from "./room_store.ts";

/** What else a watcher wants to hear on the same subscription. */
export type AlsoWatched = "typing" | "presence";

/** Where presence comes from; it calls back with a snapshot and then with every diff. */
export interface PresenceFeed {
  watch(viewer: { readonly userId: UserId }, push: (update: PresenceUpdate) => void): () => void;
}

/** What the watch works with. */
export interface RoomsWatchOptions {
  readonly feed: Feed;
  readonly hub: Hub;
  readonly eventLog: EventLog;
  readonly rooms: RoomStore;
  readonly presence: PresenceFeed;
  /** Shorter in tests only. */
  readonly headsIntervalMs?: number;
}

/** Who watches, and how. */
export interface WatchOptions {
  readonly userId: UserId;
  /** Null over HTTP. */
  readonly connection: Connection | null;
  readonly signal: AbortSignal;
  readonly also: readonly AlsoWatched[];
}

interface Watcher {
  readonly userId: UserId;
  readonly connection: Connection | null;
  readonly channel: HubChannel<RoomsChange>;
  readonly wantsTyping: boolean;
}

/** A little early, so that never more than the interval passes between two beats. */
const BEAT_INTERVAL_MS = 0.9 * HEADS_INTERVAL_MS;
const ROOM_TOPIC_PREFIX = roomTopic("" as RoomId);

/**
 * Tells members how their rooms change: a snapshot, then whole rooms, at most four times a second each.
 *
 * Guarantees: between the snapshot and the changes nothing is missing; the last state of a room always arrives; every
 * 20 s the heads tell a client that has missed something. Nothing is kept: a reconnect begins with a new snapshot.
 */
export class RoomsWatch {
  /** How rooms look to who is connected; also answers single questions. */
  readonly views: RoomViews;
  readonly #options: RoomsWatchOptions;
  readonly #watchers = new Map<UserId, Set<Watcher>>();
  readonly #pacer: RoomPacer;
  readonly #unsubscribe: () => void;
  /** One item for all who see the same people, so that it is encoded once. */
  readonly #presenceItems = new WeakMap<PresenceUpdate, Item>();
  #beat: ReturnType<typeof setInterval> | null = null;

  /** Listens to the feed from now on. */
  constructor(options: RoomsWatchOptions) {
    const { feed, eventLog, rooms } = options;
    this.#options = options;
    this.#pacer = new RoomPacer(ROOM_CHANGED_INTERVAL_MS, (roomId, userIds) => this.#tell(roomId, userIds));
    this.views = new RoomViews({
      feed,
      eventLog,
      rooms,
      listener: {
        changed: (roomId, userId) => this.#pacer.mark(roomId, userId),
        removed: (roomId, userId) => this.#push(userId, { type: "room_removed", roomId }),
        failed: (userId, error) => this.#fail(userId, error),
      },
    });
    this.#unsubscribe = feed.subscribe("deliver", (notice) => this.#handle(notice));
  }

  /** Yields the snapshot of all rooms and then what changes, until the signal aborts. */
  async *changes(options: WatchOptions): AsyncGenerator<RoomsChange> {
    const { hub, presence } = this.#options;
    const { userId, connection, signal, also } = options;
    const channel = hub.channel<RoomsChange>({ connection, signal });
    await this.views.hold(userId);
    const watcher: Watcher = { userId, connection, channel, wantsTyping: also.includes("typing") };
    let unwatch = () => {};
    try {
      // In one step: what changes from here on comes after the snapshot.
      channel.push({ type: "snapshot", rooms: this.views.summariesOf(userId) });
      this.#add(watcher);
      if (also.includes("presence")) {
        unwatch = presence.watch({ userId }, (update) => channel.pushShared(this.#presenceItem(update)));
      }
      yield* channel.stream();
    } finally {
      unwatch();
      this.#remove(watcher);
      this.views.release(userId);
    }
  }

  /** Gives all rooms of a person as of now. */
  async list(userId: UserId): Promise<RoomSummary[]> {
    await this.views.hold(userId);
    try {
      await this.views.settled(userId);
      return this.views.summariesOf(userId);
    } finally {
      this.views.release(userId);
    }
  }

  /** Stops timers and listening. */
  close(): void {
    this.#unsubscribe();
    this.views.close();
    this.#pacer.close();
    if (this.#beat !== null) clearInterval(this.#beat);
    this.#beat = null;
  }

  #add(watcher: Watcher): void {
    const watchers = this.#watchers.get(watcher.userId);
    if (watchers === undefined) this.#watchers.set(watcher.userId, new Set([watcher]));
    else watchers.add(watcher);
    this.#beat ??= setInterval(
      () => void this.#tellHeads(),
      this.#options.headsIntervalMs ?? BEAT_INTERVAL_MS,
    );
  }

  #remove(watcher: Watcher): void {
    const watchers = this.#watchers.get(watcher.userId);
    watchers?.delete(watcher);
    if (watchers?.size === 0) this.#watchers.delete(watcher.userId);
    if (this.#watchers.size > 0 || this.#beat === null) return;
    clearInterval(this.#beat);
    this.#beat = null;
  }

  /** Tells members how a room looks to them. Most see the same numbers: they share one encoded item. */
  #tell(roomId: RoomId, userIds: ReadonlySet<UserId> | null): void {
    const room = this.views.room(roomId);
    if (room === null) return;
    const items = new Map<string, Item>();
    for (const userId of userIds ?? room.views.keys()) {
      const view = room.views.get(userId);
      const watchers = this.#watchers.get(userId);
      if (view === undefined || watchers === undefined) continue;
      const summary = toSummary(room, userId, view);
      const { readOffset, unread, mentions, level, mutedUntil, otherUserId } = summary;
      const look = `${readOffset} ${unread} ${mentions} ${level} ${mutedUntil} ${otherUserId}`;
      let item = items.get(look);
      if (item === undefined) {
        item = { value: { type: "room_changed", room: summary } satisfies RoomsChange, offset: 0 };
        items.set(look, item);
      }
      for (const { channel } of watchers) channel.pushShared(item);
    }
  }

  #presenceItem(update: PresenceUpdate): Item {
    let item = this.#presenceItems.get(update);
    if (item === undefined) {
      item = { value: { type: "presence", update } satisfies RoomsChange, offset: 0 };
      this.#presenceItems.set(update, item);
    }
    return item;
  }

  #push(userId: UserId, change: RoomsChange): void {
    for (const { channel } of this.#watchers.get(userId) ?? []) channel.push(change);
  }

  /** What a watcher was told may be wrong now: it comes back and begins with a new snapshot. */
  #fail(userId: UserId, cause: unknown): void {
    const error = cause instanceof AppError
      ? cause
      : new AppError("storage_unavailable", "Rooms cannot be read", { retryAfterMs: 1_000, cause });
    for (const { channel } of this.#watchers.get(userId) ?? []) channel.end(error);
  }

  #handle(notice: Notice): void {
    if (notice.type !== "typing") return;
    const { roomId, userId, isTyping } = notice;
    const value: RoomsChange = { type: "typing", roomId, userId, isTyping };
    const item: Item = { value, offset: 0, ephemeral: true };
    for (const memberId of this.views.room(roomId)?.views.keys() ?? []) {
      if (memberId === userId) continue;
      for (const { wantsTyping, channel } of this.#watchers.get(memberId) ?? []) {
        if (wantsTyping) channel.pushShared(item);
      }
    }
  }

  async #tellHeads(): Promise<void> {
    const watchers = [...this.#watchers.values()].flatMap((set) => [...set]);
    for (const watcher of watchers) {
      try {
        watcher.channel.push({ type: "heads", heads: await this.#headsFor(watcher) });
      } catch {
        // A beat that storage keeps from coming is missed by the client; that is what beats are for.
      }
    }
  }

  async #headsFor({ userId, connection }: Watcher): Promise<Record<RoomId, number>> {
    if (connection === null) {
      return Object.fromEntries(this.views.summariesOf(userId).map(({ id, head }) => [id, head]));
    }
    const topics = this.#options.hub.topicsOf(connection).filter((topic) =>
      topic.startsWith(ROOM_TOPIC_PREFIX)
    );
    const roomIds = topics.map((topic) => topic.slice(ROOM_TOPIC_PREFIX.length) as RoomId);
    const heads = await Promise.all(roomIds.map(async (roomId) => {
      // Rooms of members are in memory; those that one merely reads may have to be looked up.
      const head = this.views.room(roomId)?.head ?? await this.#options.eventLog.head(roomId);
      return [roomId, head.offset] as const;
    }));
    return Object.fromEntries(heads);
  }
}
