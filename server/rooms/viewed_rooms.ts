import type { RoomId, UserId } from "../../shared/ids.ts";
import type { Room } from "../../shared/room.ts";
import type { EventLog, StreamHead } from "../streams/event_log.ts";
import type { MentionSet } from "./mention_set.ts";
import type { RoomAccessStore } from "./room_access_store.ts";
import type { ReadState, RoomRow } from "./room_rows.ts";

/** What one member's summary needs beside the room itself. */
export interface RoomView {
  state: ReadState;
  mentions: MentionSet;
}

/** A room that somebody looks at, complete once it was held. */
export interface ViewedRoom {
  readonly roomId: RoomId;
  readonly row: RoomRow;
  readonly head: StreamHead;
  /** Members whose views are loaded. */
  readonly views: Map<UserId, RoomView>;
}

interface Entry {
  readonly roomId: RoomId;
  row: RoomRow | null;
  head: StreamHead | null;
  readonly views: Map<UserId, RoomView>;
  holderCount: number;
  /** Counts changes of the row; a read that one overtook is done again. */
  version: number;
  loading: Promise<void> | null;
}

/** Rooms in memory for as long as somebody holds them. Notices keep them exact, so a post costs no read. */
export class ViewedRooms {
  readonly #eventLog: EventLog;
  readonly #accesses: RoomAccessStore;
  readonly #entries = new Map<RoomId, Entry>();

  /** Reads what is missing from the two. */
  constructor(eventLog: EventLog, accesses: RoomAccessStore) {
    this.#eventLog = eventLog;
    this.#accesses = accesses;
  }

  /** Gives a room that is held by somebody and complete. */
  get(roomId: RoomId): ViewedRoom | null {
    const entry = this.#entries.get(roomId);
    return entry !== undefined && isComplete(entry) ? entry : null;
  }

  /** Brings a room into memory until `release`; null, and nothing to release, when there is no such room. */
  async hold(roomId: RoomId): Promise<ViewedRoom | null> {
    let entry = this.#entries.get(roomId);
    if (entry === undefined) {
      entry = { roomId, row: null, head: null, views: new Map(), holderCount: 0, version: 0, loading: null };
      this.#entries.set(roomId, entry);
    }
    entry.holderCount++;
    try {
      if (!isComplete(entry)) await (entry.loading ??= this.#load(entry));
    } catch (error) {
      this.release(roomId);
      throw error;
    }
    if (isComplete(entry)) return entry;
    this.release(roomId);
    return null;
  }

  /** Forgets a room once nobody holds it. */
  release(roomId: RoomId): void {
    const entry = this.#entries.get(roomId);
    if (entry !== undefined && --entry.holderCount === 0) this.#entries.delete(roomId);
  }

  /** Takes the head as a notice gave it. */
  advance(roomId: RoomId, head: StreamHead): void {
    const entry = this.#entries.get(roomId);
    if (entry !== undefined && (entry.head === null || head.offset > entry.head.offset)) entry.head = head;
  }

  /** Takes the room as an event gave it. */
  update(roomId: RoomId, room: Room): void {
    const entry = this.#entries.get(roomId);
    if (entry === undefined) return;
    entry.version++;
    const { name, topic, archivedAt } = room;
    if (entry.row !== null) entry.row = { ...entry.row, name, topic, archivedAt };
  }

  async #load(entry: Entry): Promise<void> {
    const { roomId } = entry;
    try {
      const head = await this.#eventLog.head(roomId);
      let version;
      let row;
      do {
        version = entry.version;
        row = await this.#accesses.row(roomId);
      } while (version !== entry.version);
      entry.row = row;
      // Notices that came meanwhile know better.
      if (entry.head === null || head.offset > entry.head.offset) entry.head = head;
    } finally {
      entry.loading = null;
    }
  }
}

function isComplete(entry: Entry): entry is Entry & { row: RoomRow; head: StreamHead } {
  return entry.row !== null && entry.head !== null;
}
