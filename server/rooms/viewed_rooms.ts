import type { RoomId, UserId } from "../../shared/ids.ts";
import type { Room } from "../../shared/room.ts";
import type { StreamHead } from "../streams/event_log.ts";
import type { MentionSet } from "./mention_set.ts";
import { RestingRooms } from "./resting_rooms.ts";
import type { RoomAccessStore } from "./room_access_store.ts";
import type { ReadState, RoomRow } from "./room_records.ts";
import type { RoomEventLog, RoomNotice } from "./room_stream.ts";

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
  readonly #eventLog: RoomEventLog;
  readonly #accesses: RoomAccessStore;
  readonly #entries = new Map<RoomId, Entry>();
  readonly #resting = new RestingRooms();

  /** Reads what is missing from the two. */
  constructor(eventLog: RoomEventLog, accesses: RoomAccessStore) {
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
    return (await this.holdAll([roomId])).get(roomId) ?? null;
  }

  /** The same for many rooms, in one read of heads and one of rows; rooms that do not exist are left out. */
  async holdAll(roomIds: readonly RoomId[]): Promise<Map<RoomId, ViewedRoom>> {
    const entries = roomIds.map((roomId) => this.#enter(roomId));
    const missing = entries.filter((entry) => !isComplete(entry) && entry.loading === null);
    if (missing.length > 0) {
      const loading = this.#load(missing);
      for (const entry of missing) entry.loading = loading;
    }
    try {
      await Promise.all(entries.map((entry) => entry.loading));
    } catch (error) {
      for (const roomId of roomIds) this.release(roomId);
      throw error;
    }
    const held = new Map<RoomId, ViewedRoom>();
    for (const entry of entries) {
      if (isComplete(entry)) held.set(entry.roomId, entry);
      else this.release(entry.roomId);
    }
    return held;
  }

  /** Lets a room rest once nobody holds it. */
  release(roomId: RoomId): void {
    const entry = this.#entries.get(roomId);
    if (entry === undefined || --entry.holderCount > 0) return;
    this.#entries.delete(roomId);
    if (isComplete(entry)) this.#resting.keep(roomId, entry.row, entry.head);
  }

  /** Hears what was committed to a room, before its events are applied one by one. */
  hear(notice: RoomNotice): void {
    this.#resting.hear(notice);
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

  #enter(roomId: RoomId): Entry {
    let entry = this.#entries.get(roomId);
    if (entry === undefined) {
      entry = { roomId, row: null, head: null, views: new Map(), holderCount: 0, version: 0, loading: null };
      this.#entries.set(roomId, entry);
    }
    entry.holderCount++;
    return entry;
  }

  async #load(entries: readonly Entry[]): Promise<void> {
    try {
      const heads = await this.#eventLog.heads(entries.map(({ roomId }) => roomId));
      await this.#loadRows(entries, heads);
      for (const entry of entries) {
        const head = heads.get(entry.roomId);
        // Notices that came meanwhile know better.
        if (head && (entry.head === null || head.offset > entry.head.offset)) entry.head = head;
      }
    } finally {
      for (const entry of entries) entry.loading = null;
    }
  }

  async #loadRows(entries: readonly Entry[], heads: ReadonlyMap<RoomId, StreamHead>): Promise<void> {
    const missing = entries.filter((entry) => {
      const head = heads.get(entry.roomId);
      entry.row = head === undefined ? null : this.#resting.rowAt(entry.roomId, head);
      return entry.row === null;
    });
    for (let left = missing; left.length > 0;) {
      const versions = new Map(left.map((entry) => [entry, entry.version]));
      const rows = await this.#accesses.rows(left.map(({ roomId }) => roomId));
      left = left.filter((entry) => {
        // A change that overtook the read is not in what was read.
        if (versions.get(entry) !== entry.version) return true;
        entry.row = rows.get(entry.roomId) ?? null;
        return false;
      });
    }
  }
}

function isComplete(entry: Entry): entry is Entry & { row: RoomRow; head: StreamHead } {
  return entry.row !== null && entry.head !== null;
}
