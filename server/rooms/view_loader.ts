import type { RoomId, UserId } from "../../shared/ids.ts";
import { MENTIONS_SHOWN_COUNT } from "../../shared/limits.ts";
import { MentionSet } from "./mention_set.ts";
import type { ReadStateStore } from "./read_state_store.ts";
import { readPosition } from "./room_rows.ts";
import type { ReadState } from "./room_rows.ts";
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
    return state === null ? null : await this.#view(userId, roomId, state);
  }

  /** Loads the views of all rooms that somebody is in, or none. */
  async loadAll(userId: UserId): Promise<Map<RoomId, RoomView>> {
    const states = await this.#readStates.listOf(userId);
    const results = await Promise.allSettled(
      [...states].map(async ([roomId, state]) => [roomId, await this.#view(userId, roomId, state)] as const),
    );
    const views = new Map<RoomId, RoomView>();
    for (const result of results) {
      if (result.status !== "fulfilled") continue;
      const [roomId, view] = result.value;
      if (view !== null) views.set(roomId, view);
    }
    const failed = results.find((result) => result.status === "rejected");
    if (failed === undefined) return views;
    for (const roomId of views.keys()) this.#rooms.release(roomId);
    throw failed.reason;
  }

  async #view(userId: UserId, roomId: RoomId, state: ReadState): Promise<RoomView | null> {
    const room = await this.#rooms.hold(roomId);
    if (room === null) return null;
    try {
      const { readOffset, readCount } = readPosition(state);
      // Nothing unread holds no unread mention.
      const offsets = room.head.messageCount > readCount
        ? await this.#readStates.mentionsAfter(userId, roomId, readOffset, MENTIONS_SHOWN_COUNT)
        : [];
      return { state, mentions: new MentionSet(offsets) };
    } catch (error) {
      this.#rooms.release(roomId);
      throw error;
    }
  }
}
