import type { RoomEvent } from "../../shared/event.ts";
import type { RoomId, UserId } from "../../shared/ids.ts";
import type { RoomLevel } from "../../shared/room.ts";
import type { Change, Feed, Notice } from "../changes.ts";
import { notFound } from "../auth/authorize.ts";
import type { Commit, Database } from "../kv/database.ts";
import { keys } from "../kv/keys.ts";
import { ReadCache } from "../kv/read_cache.ts";
import type { CacheStats } from "../kv/read_cache.ts";
import { RowUpdates } from "../kv/row_updates.ts";
import type { Slot } from "../streams/event_log.ts";
import { PlaceStore } from "./place_store.ts";
import { ownLevelOf, readPosition } from "./room_records.ts";
import type { MemberOfRow, ReadPosition, ReadState, SentRow } from "./room_records.ts";
import { isRoomNotice } from "./room_stream.ts";
import type { RoomEventLog } from "./room_stream.ts";

/** Maximum number of cached read states. */
const CACHE_MAX_COUNT = 20_000;
/** More rooms than anyone has; lists need a limit. */
const ROOMS_PER_USER_MAX_COUNT = 20_000;

export interface ReadStateOptions {
  readonly db: Database;
  readonly feed: Feed;
  readonly roomLog: RoomEventLog;
}

export interface MarkOptions {
  readonly userId: UserId;
  readonly roomId: RoomId;
  readonly offset: number;
  /** Allows the position to move back. */
  readonly unread: boolean;
  /** If it aborts while the change waits, the change is not made. */
  readonly signal?: AbortSignal | undefined;
}

/** Notification settings of a member in a room; omitted fields keep their value. */
export interface LevelOptions {
  readonly userId: UserId;
  readonly roomId: RoomId;
  /** Null for that of the member's settings. */
  readonly level: RoomLevel | null;
  readonly mutedUntil?: string | null | undefined;
  /** If it aborts while the change waits, the change is not made. */
  readonly signal?: AbortSignal | undefined;
}

interface Entry {
  state: ReadState;
  /** The effect of the member's own message that is being committed. */
  sending: { readonly row: SentRow; readonly isMoving: boolean } | null;
}

/** How far members have read. Only members who read or send write a row; absent members cost nothing. */
export class ReadStateStore {
  /** Mentions and missed calls. */
  readonly places: PlaceStore;
  readonly #options: ReadStateOptions;
  readonly #updates = new RowUpdates();
  readonly #entries = new ReadCache<string, Entry>({ maxCount: CACHE_MAX_COUNT });
  readonly #unsubscribe: () => void;
  /** Own changes, which the cache already contains. */
  readonly #ownChanges = new WeakSet<Change>();

  /** Subscribes to the feed. */
  constructor(options: ReadStateOptions) {
    this.#options = options;
    this.places = new PlaceStore(options.db);
    this.#unsubscribe = options.feed.subscribe("cache", (notice) => this.#handle(notice));
  }

  /** Returns the state if it is cached. */
  peek(userId: UserId, roomId: RoomId): ReadState | undefined {
    return this.#entries.peek(idOf(userId, roomId))?.state;
  }

  /** Returns the state, or null for anyone who is not a member. */
  async load(userId: UserId, roomId: RoomId): Promise<ReadState | null> {
    const entry = await this.#entries.get(idOf(userId, roomId), async () => {
      const state = await this.#read(userId, roomId);
      return state === null ? null : { state, sending: null };
    });
    return entry?.state ?? null;
  }

  /** Reads the states of all rooms of a person, in one list. */
  async listOf(userId: UserId): Promise<Map<RoomId, ReadState>> {
    const entries = await this.#options.db.list<MemberOfRow | SentRow>(
      keys.memberOfAll(userId),
      { limit: 2 * ROOMS_PER_USER_MAX_COUNT },
    );
    const states = new Map<RoomId, ReadState>();
    for (const { key, value, versionstamp } of entries) {
      const roomId = key[2] as RoomId;
      if (key.length === 3) {
        states.set(roomId, { row: value as MemberOfRow, sent: null, stamp: versionstamp });
        continue;
      }
      // The row of the member's own messages directly follows the membership's.
      const state = states.get(roomId);
      if (state !== undefined) states.set(roomId, { ...state, sent: value as SentRow });
    }
    return states;
  }

  /** Marks messages as read. Only moves forward unless `unread`; of simultaneous marks, the largest wins. */
  async mark(options: MarkOptions): Promise<void> {
    const { userId, roomId, offset, unread } = options;
    await this.#change(options, async (state) => {
      const target = await this.#positionAt(userId, roomId, offset);
      const now = readPosition(state);
      const isSame = unread
        ? target.readCount === now.readCount
        : target.readOffset <= now.readOffset || target.readCount < now.readCount;
      if (isSame) return null;
      // An own message being committed was planned with the old mark: it must not undo "unread".
      return { ...state.row, ...target, mark: state.row.mark + (unread ? 1 : 0) };
    });
  }

  /** Sets a member's notification settings in a room. */
  async setLevel(options: LevelOptions): Promise<void> {
    const { level, mutedUntil } = options;
    await this.#change(options, ({ row }) => {
      const { isLevelChosen: _, ...rest } = row;
      const next: MemberOfRow = {
        ...rest,
        level: level ?? "all",
        ...(level === null ? {} : { isLevelChosen: true }),
        mutedUntil: mutedUntil === undefined ? row.mutedUntil : mutedUntil,
      };
      return ownLevelOf(row) === level && next.mutedUntil === row.mutedUntil ? null : next;
    });
  }

  /** Returns the row of a new membership, with everything up to its own event marked as read. */
  firstRow(slot: Slot): MemberOfRow {
    return {
      readOffset: slot.offset,
      readCount: slot.ordinal - 1,
      level: "all",
      mutedUntil: null,
      joinedAt: slot.at,
      mark: slot.offset,
    };
  }

  /**
   * Returns the rows that a message adds for its sender: if nothing before it is unread, it is marked as read too.
   * Call it for one message of a person at a time, until that message is committed.
   */
  async planOwnMessage(
    userId: UserId,
    roomId: RoomId,
    slot: Slot,
  ): Promise<readonly (readonly [Deno.KvKey, SentRow])[]> {
    const state = this.peek(userId, roomId) ?? await this.load(userId, roomId);
    if (state === null) return [];
    const isMoving = readPosition(state).readCount === slot.ordinal - 1;
    const row: SentRow = { offset: slot.offset, ordinal: slot.ordinal, mark: state.row.mark };
    const entry = this.#entries.peek(idOf(userId, roomId));
    if (entry !== undefined) entry.sending = { row, isMoving };
    return isMoving ? [[keys.memberSent(userId, roomId), row]] : [];
  }

  /** Statistics of the cached states. */
  get cache(): CacheStats {
    return this.#entries;
  }

  /** Unsubscribes from the feed. */
  close(): void {
    this.#unsubscribe();
  }

  /** The last message, or missed call, at or before an offset. */
  async #positionAt(userId: UserId, roomId: RoomId, offset: number): Promise<ReadPosition> {
    const head = await this.#options.roomLog.head(roomId);
    const upTo = Math.min(offset, head.offset);
    const [last] = await this.#options.db.list<{ readonly ordinal: number }>(keys.messages(roomId), {
      limit: 1,
      reverse: true,
      end: keys.message(roomId, upTo + 1),
    });
    const readOffset = last === undefined ? 0 : Number(last.key.at(-1));
    const readCount = last?.value.ordinal ?? 0;
    if (readOffset === upTo) return { readOffset, readCount };
    const placeOffset = await this.places.lastBefore(userId, roomId, upTo + 1);
    return { readOffset: Math.max(readOffset, placeOffset), readCount };
  }

  async #change(
    { userId, roomId, signal }: MarkOptions | LevelOptions,
    next: (state: ReadState) => MemberOfRow | null | Promise<MemberOfRow | null>,
  ): Promise<void> {
    const key = keys.memberOf(userId, roomId);
    await this.#updates.run(key, async () => {
      const state = await this.#read(userId, roomId);
      if (state === null) throw notFound();
      const row = await next(state);
      if (row === null) return true;
      const commit = { checks: [{ key, versionstamp: state.stamp }], sets: [[key, row]] } satisfies Commit;
      const change = { type: "read_state_changed", userId, roomId } as const;
      this.#ownChanges.add(change);
      const { db, feed } = this.#options;
      const keep = (stamp: string) => this.#keep(idOf(userId, roomId), { row, sent: state.sent, stamp });
      return await feed.commit(db, commit, [change], keep) === null ? null : true;
    }, signal);
  }

  async #read(userId: UserId, roomId: RoomId): Promise<ReadState | null> {
    const [row, sent] = await this.#options.db.getMany<unknown>([
      keys.memberOf(userId, roomId),
      keys.memberSent(userId, roomId),
    ]) as [Deno.KvEntryMaybe<MemberOfRow>, Deno.KvEntryMaybe<SentRow>];
    return row.value === null
      ? null
      : { row: row.value, sent: sent.value, stamp: row.versionstamp as string };
  }

  /** Caches a state unless a newer one is cached. The row of own messages has commits of its own. */
  #keep(id: string, state: ReadState): void {
    const entry = this.#entries.peek(id);
    if (entry === undefined) this.#entries.set(id, { state, sending: null });
    else if (state.stamp > entry.state.stamp) {
      entry.state = { ...state, sent: newer(entry.state.sent, state.sent) };
    }
  }

  #handle(notice: Notice): void {
    if (isRoomNotice(notice)) {
      for (const event of notice.events) this.#apply(notice.streamId, event);
    } else if (notice.type === "changed") {
      const { change } = notice;
      if (change.type !== "read_state_changed" || this.#ownChanges.has(change)) return;
      this.#entries.drop(idOf(change.userId, change.roomId));
    }
  }

  #apply(roomId: RoomId, event: RoomEvent): void {
    if (event.type === "member_joined" || event.type === "member_left") {
      this.#entries.drop(idOf(event.userId, roomId));
    } else if (event.type === "message_sent") {
      const id = idOf(event.by, roomId);
      const entry = this.#entries.peek(id);
      // Without a plan (another instance's commit, or one whose answer was lost) read it from storage.
      if (entry?.sending?.row.offset !== event.offset) return this.#entries.drop(id);
      if (entry.sending.isMoving) entry.state = { ...entry.state, sent: entry.sending.row };
      entry.sending = null;
    }
  }
}

function newer(a: SentRow | null, b: SentRow | null): SentRow | null {
  if (a === null || b === null) return a ?? b;
  return a.offset > b.offset ? a : b;
}

function idOf(userId: UserId, roomId: RoomId): string {
  return `${userId} ${roomId}`;
}
