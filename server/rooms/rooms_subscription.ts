import { AppError } from "../../shared/errors.ts";
import type { RoomsChange } from "../../shared/event.ts";
import type { RoomId, UserId } from "../../shared/ids.ts";
import { HEADS_INTERVAL_MS, ROOM_CHANGED_INTERVAL_MS } from "../../shared/limits.ts";
import type { RoomLevel, RoomSummary } from "../../shared/room.ts";
import type { Feed } from "../changes.ts";
import type { Item } from "../streams/frames.ts";
import type { Hub } from "../streams/hub.ts";
import { PersonChannels } from "../streams/person_channels.ts";
import type { PersonChannel } from "../streams/person_channels.ts";
import type { Listener, Signals } from "../streams/signals.ts";
import { toSummary } from "./loaded_rooms.ts";
import { RoomPacer } from "./room_pacer.ts";
import type { RoomStore } from "./room_store.ts";
import { roomTopic } from "./room_stream.ts";
import type { RoomEventLog } from "./room_stream.ts";
import { RoomSummaryCache } from "./room_summary_cache.ts";

export interface RoomsSubscriptionOptions {
  readonly feed: Feed;
  readonly hub: Hub;
  readonly roomLog: RoomEventLog;
  readonly rooms: RoomStore;
  readonly signals: Signals;
  /** Reads the level of a person's rooms that have none of their own. */
  readonly defaultLevelOf: (userId: UserId) => Promise<RoomLevel>;
  /** Shorter in tests. */
  readonly headsIntervalMs?: number;
}

export interface RoomsChangesOptions extends Listener {
  readonly also: readonly string[];
}

/** Slightly shorter than the interval, so that heartbeats are never further apart than promised. */
const BEAT_INTERVAL_MS = 0.9 * HEADS_INTERVAL_MS;
const ROOM_TOPIC_PREFIX = roomTopic("" as RoomId);

/**
 * Sends members the changes of their rooms: a snapshot, then whole summaries, at most four per second and room.
 *
 * Guarantees: nothing is missing between the snapshot and the changes; the last state of a room always arrives;
 * every 20 s heads show whether a client missed something. A reconnect starts with a new snapshot.
 */
export class RoomsSubscription {
  /** Summaries of connected members. */
  readonly summaries: RoomSummaryCache;
  readonly #options: RoomsSubscriptionOptions;
  readonly #people: PersonChannels<RoomsChange>;
  readonly #pacer: RoomPacer;
  /** People who have joined a room and have not been sent its summary yet. */
  readonly #joined = new Map<RoomId, Set<UserId>>();
  #beat: ReturnType<typeof setInterval> | null = null;

  /** Subscribes to the feed. */
  constructor(options: RoomsSubscriptionOptions) {
    const { feed, hub, signals, roomLog, rooms, defaultLevelOf } = options;
    this.#options = options;
    this.#pacer = new RoomPacer(ROOM_CHANGED_INTERVAL_MS, (roomId, userIds) => this.#tell(roomId, userIds));
    this.summaries = new RoomSummaryCache({
      feed,
      roomLog,
      rooms,
      defaultLevelOf,
      listener: {
        changed: (roomId, userId) => this.#pacer.mark(roomId, userId),
        joined: (roomId, userId) =>
          void this.#joined.getOrInsertComputed(roomId, () => new Set()).add(userId),
        removed: (roomId, userId) => this.#push(userId, { type: "room_removed", roomId }),
        failed: (userId, error) => this.#fail(userId, error),
      },
    });
    this.#people = new PersonChannels({
      hub,
      signals,
      groups: { room: (roomId) => this.summaries.room(roomId)?.members.keys() ?? [] },
    });
  }

  /** Yields a snapshot of all rooms and then changes, until the signal aborts. */
  async *changes(options: RoomsChangesOptions): AsyncGenerator<RoomsChange> {
    const { also, ...listener } = options;
    const { userId } = listener;
    const person = this.#people.make(listener, also);
    await this.summaries.hold(userId);
    let remove = () => {};
    try {
      // Without a wait in between: later changes follow the snapshot and the state of signals.
      const rooms = this.summaries.of(userId);
      person.channel.push({ type: "snapshot", rooms });
      for (const { id } of rooms) this.#tellState(person, id);
      remove = this.#people.add(person);
      this.#beat ??= setInterval(
        () => void this.#tellHeads(),
        this.#options.headsIntervalMs ?? BEAT_INTERVAL_MS,
      );
      yield* person.channel.stream();
    } finally {
      remove();
      if (this.#people.size === 0) this.#stopBeat();
      this.summaries.release(userId);
    }
  }

  /** Returns all rooms of a person. */
  async list(userId: UserId): Promise<RoomSummary[]> {
    await this.summaries.hold(userId);
    try {
      await this.summaries.settled(userId);
      return this.summaries.of(userId);
    } finally {
      this.summaries.release(userId);
    }
  }

  /** Stops timers and unsubscribes. */
  close(): void {
    this.#people.close();
    this.summaries.close();
    this.#pacer.close();
    this.#stopBeat();
  }

  #stopBeat(): void {
    if (this.#beat !== null) clearInterval(this.#beat);
    this.#beat = null;
  }

  /** Sends members the room's summary. Members with the same numbers share one encoded item. */
  #tell(roomId: RoomId, userIds: ReadonlySet<UserId> | null): void {
    const joined = this.#joined.get(roomId);
    this.#joined.delete(roomId);
    const room = this.summaries.room(roomId);
    if (room === null) return;
    const items = new Map<string, Item>();
    for (const userId of userIds ?? room.members.keys()) {
      const member = room.members.get(userId);
      if (member === undefined || !this.#people.has(userId)) continue;
      const summary = toSummary(room, userId, member);
      const { readOffset, unread, mentions, level, ownLevel, mutedUntil, otherUserId } = summary;
      const look = `${readOffset} ${unread} ${mentions} ${level} ${ownLevel} ${mutedUntil} ${otherUserId}`;
      const value: RoomsChange = { type: "room_changed", room: summary };
      this.#people.push(userId, items.getOrInsertComputed(look, () => ({ value, offset: 0 })));
      if (joined?.has(userId)) {
        for (const person of this.#people.of(userId)) this.#tellState(person, roomId);
      }
    }
  }

  /** Sends the state of a room's signals, which later signals change. */
  #tellState({ userId, kinds, channel }: PersonChannel<RoomsChange>, roomId: RoomId): void {
    for (const change of this.#options.signals.stateOf(roomId, userId, kinds)) channel.push(change);
  }

  #push(userId: UserId, change: RoomsChange): void {
    this.#people.push(userId, { value: change, offset: 0 });
  }

  /** Ends the subscriptions of a person whose summaries may be wrong; they resubscribe and get a snapshot. */
  #fail(userId: UserId, cause: unknown): void {
    const error = cause instanceof AppError
      ? cause
      : new AppError("storage_unavailable", "Rooms could not be read", { retryAfterMs: 1_000, cause });
    this.#people.end(userId, error);
  }

  async #tellHeads(): Promise<void> {
    for (const person of this.#people.all()) {
      try {
        person.channel.push({ type: "heads", heads: await this.#headsFor(person) });
      } catch {
        // If storage fails there is no heartbeat, and the client notices.
      }
    }
  }

  async #headsFor({ userId, connection }: PersonChannel<RoomsChange>): Promise<Record<RoomId, number>> {
    if (connection === null) {
      return Object.fromEntries(this.summaries.of(userId).map(({ id, head }) => [id, head]));
    }
    const topics = this.#options.hub.topicsOf(connection).filter((topic) =>
      topic.startsWith(ROOM_TOPIC_PREFIX)
    );
    const roomIds = topics.map((topic) => topic.slice(ROOM_TOPIC_PREFIX.length) as RoomId);
    const heads = await Promise.all(roomIds.map(async (roomId) => {
      // Rooms of members are in memory; those that someone only reads may not be.
      const head = this.summaries.room(roomId)?.head ?? await this.#options.roomLog.head(roomId);
      return [roomId, head.offset] as const;
    }));
    return Object.fromEntries(heads);
  }
}
