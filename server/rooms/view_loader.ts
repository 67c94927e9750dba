import type { RoomId, UserId } from "../../shared/ids.ts";
import { MENTIONS_SHOWN_COUNT } from "../../shared/limits.ts";
import { MentionSet } from "./mention_set.ts";
import type { ReadStateStore } from "./read_state_store.ts";
import { readPosition } from "./room_records.ts";
import type { ReadState } from "./room_records.ts";
import type { RoomView, ViewedRooms } from "./viewed_rooms.ts";

/** Reads how rooms look to a member. Every view that it gives holds its room: release it once for each. */
export class ViewLoader {
  readonly #rooms: ViewedRooms;
  readonly #readStates: ReadStateStore;

  /** Holds rooms in `rooms`. */
  constructor(rooms: ViewedRooms, readStates: ReadStateStore) {
    this.#rooms = rooms;
    this.#readStates = readStates;
  }

  /** Loads one view; null for who is not a member. */
  async load(userId: UserId, roomId: RoomId): Promise<RoomView | null> {
    const state = await this.#readStates.load(userId, roomId);
    if (state === null) return null;
    return (await this.#views(userId, new Map([[roomId, state]]))).get(roomId) ?? null;
  }

  /** Loads the views of all rooms that somebody is in, or none: what is not known in reads of many rooms. */
  async loadAll(userId: UserId): Promise<Map<RoomId, RoomView>> {
    return await this.#views(userId, await this.#readStates.listOf(userId));
  }

  async #views(userId: UserId, states: ReadonlyMap<RoomId, ReadState>): Promise<Map<RoomId, RoomView>> {
    const rooms = await this.#rooms.holdAll([...states.keys()]);
    try {
      const unread = new Map<RoomId, number>();
      for (const [roomId, room] of rooms) {
        const { readOffset, readCount } = readPosition(states.get(roomId) as ReadState);
        // Nothing unread holds no unread mention.
        if (room.head.messageCount > readCount) unread.set(roomId, readOffset);
      }
      const mentions = await this.#readStates.mentionsIn(userId, unread, MENTIONS_SHOWN_COUNT);
      const views = new Map<RoomId, RoomView>();
      for (const [roomId, state] of states) {
        if (rooms.has(roomId)) views.set(roomId, { state, mentions: new MentionSet(mentions.get(roomId)) });
      }
      return views;
    } catch (error) {
      for (const roomId of rooms.keys()) this.#rooms.release(roomId);
      throw error;
    }
  }
}
