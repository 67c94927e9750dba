import type { RoomId, UserId } from "../../shared/ids.ts";
import type { Room, RoomLevel, RoomSummary } from "../../shared/room.ts";
import { ReadCache } from "../kv/read_cache.ts";
import type { StreamHead } from "../streams/event_log.ts";
import type { MentionSet } from "./mention_set.ts";
import type { RoomAccessStore } from "./room_access_store.ts";
import { summarize } from "./room_records.ts";
import type { ReadState, RoomRow } from "./room_records.ts";
import type { RoomEventLog, RoomNotice } from "./room_stream.ts";

/** Maximum number of resting rooms. */
const RESTING_MAX_COUNT = 5_000;

/** What one member's summary needs beside the room itself. */
export interface LoadedMember {
  state: ReadState;
  mentions: MentionSet;
  missedCalls: MentionSet;
  /** Of rooms without a level of their own. */
  defaultLevel: RoomLevel;
}

/** A room in memory, with the members whose summaries are loaded. */
export interface LoadedRoom {
  readonly roomId: RoomId;
  readonly row: RoomRow;
  readonly head: StreamHead;
  readonly members: Map<UserId, LoadedMember>;
}

interface Entry {
  readonly roomId: RoomId;
  row: RoomRow | null;
  head: StreamHead | null;
  readonly members: Map<UserId, LoadedMember>;
  holderCount: number;
  loading: Promise<void> | null;
  /** True from the end of a load until the room rests. */
  isExact: boolean;
  /** The last change that arrived while there was no row to apply it to. */
  heard: Room | null;
}

/**
 * Rows and heads of rooms, kept exact by notices while a room has members or is held. After that it rests: since its
 * row changes only with an event of its log, it can be reused if no event up to the stored head was missed.
 */
export class LoadedRooms {
  readonly #roomLog: RoomEventLog;
  readonly #access: RoomAccessStore;
  readonly #entries = new Map<RoomId, Entry>();
  readonly #resting = new ReadCache<RoomId, Entry>({ maxCount: RESTING_MAX_COUNT });

  constructor(roomLog: RoomEventLog, access: RoomAccessStore) {
    this.#roomLog = roomLog;
    this.#access = access;
  }

  /** Returns a room that has members or is held. */
  get(roomId: RoomId): LoadedRoom | null {
    const entry = this.#entries.get(roomId);
    return entry !== undefined && isLoaded(entry) ? entry : null;
  }

  /**
   * Holds rooms until `release`, loading missing ones in one read of heads and one of rows. Rooms that do not exist
   * are left out, but must be released too.
   */
  async hold(roomIds: readonly RoomId[]): Promise<Map<RoomId, LoadedRoom>> {
    const entries = roomIds.map((roomId) => this.#enter(roomId));
    const missing = entries.filter((entry) => !entry.isExact && entry.loading === null);
    if (missing.length > 0) {
      const loading = this.#load(missing);
      for (const entry of missing) entry.loading = loading;
    }
    try {
      await Promise.all(new Set(entries.map(({ loading }) => loading)));
    } catch (error) {
      this.release(roomIds);
      throw error;
    }
    return new Map(entries.filter(isLoaded).map((entry) => [entry.roomId, entry]));
  }

  /** Ends a `hold` of the same rooms. */
  release(roomIds: readonly RoomId[]): void {
    for (const roomId of roomIds) {
      const entry = this.#entries.get(roomId);
      if (entry === undefined) continue;
      entry.holderCount--;
      this.#restIfUnused(entry);
    }
  }

  /** Removes a member from a room; false if it was not loaded. */
  removeMember(roomId: RoomId, userId: UserId): boolean {
    const entry = this.#entries.get(roomId);
    if (entry === undefined || !entry.members.delete(userId)) return false;
    this.#restIfUnused(entry);
    return true;
  }

  /** Applies committed events to the room's row and head. */
  apply({ streamId: roomId, events, messageCount }: RoomNotice): void {
    const entry = this.#entries.get(roomId) ?? this.#resting.peek(roomId);
    const [first, last] = [events[0], events.at(-1)];
    if (entry === undefined || first === undefined || last === undefined) return;
    // A missed event may have changed the row.
    if (!entry.isExact && entry.head !== null && first.offset > entry.head.offset + 1) entry.row = null;
    for (const event of events) {
      if (event.type !== "room_updated") continue;
      if (entry.row === null) entry.heard = event.room;
      else entry.row = withChange(entry.row, event.room);
    }
    advance(entry, { offset: last.offset, messageCount });
  }

  #enter(roomId: RoomId): Entry {
    let entry = this.#entries.get(roomId);
    if (entry === undefined) {
      entry = this.#resting.peek(roomId) ?? newEntry(roomId);
      this.#resting.drop(roomId);
      this.#entries.set(roomId, entry);
    }
    entry.holderCount++;
    return entry;
  }

  #restIfUnused(entry: Entry): void {
    if (entry.holderCount > 0 || entry.members.size > 0) return;
    this.#entries.delete(entry.roomId);
    if (isLoaded(entry)) this.#resting.set(entry.roomId, entry);
    entry.isExact = false;
  }

  async #load(entries: readonly Entry[]): Promise<void> {
    try {
      const heads = await this.#roomLog.heads(entries.map(({ roomId }) => roomId));
      const outdated = entries.filter(({ roomId, row, head }) =>
        row === null || (head?.offset ?? 0) < (heads.get(roomId)?.offset ?? 0)
      );
      for (const entry of outdated) entry.row = entry.heard = null;
      const rows = await this.#access.rows(outdated.map(({ roomId }) => roomId));
      for (const entry of outdated) {
        const row = rows.get(entry.roomId) ?? null;
        // The read may not include a change that arrived meanwhile.
        entry.row = row === null || entry.heard === null ? row : withChange(row, entry.heard);
      }
      for (const entry of entries) {
        const head = heads.get(entry.roomId);
        if (head !== undefined) advance(entry, head);
        entry.isExact = true;
      }
    } finally {
      for (const entry of entries) entry.loading = null;
    }
  }
}

/** The room as a member sees it. */
export function toSummary(room: LoadedRoom, userId: UserId, member: LoadedMember): RoomSummary {
  const { roomId, row, head } = room;
  const { state, mentions, missedCalls, defaultLevel } = member;
  const counts = { mentionCount: mentions.count, missedCallCount: missedCalls.count };
  return summarize({ roomId, row, head, state, ...counts, defaultLevel, userId });
}

function newEntry(roomId: RoomId): Entry {
  return {
    roomId,
    row: null,
    head: null,
    members: new Map(),
    holderCount: 0,
    loading: null,
    isExact: false,
    heard: null,
  };
}

function isLoaded(entry: Entry): entry is Entry & { row: RoomRow; head: StreamHead } {
  return entry.isExact && entry.row !== null && entry.head !== null;
}

function withChange(row: RoomRow, { name, topic, archivedAt }: Room): RoomRow {
  return { ...row, name, topic, archivedAt };
}

/** Sets the head unless a newer one is known. */
function advance(entry: Entry, head: StreamHead): void {
  if (entry.head === null || head.offset > entry.head.offset) entry.head = head;
}
