import type { RoomId, UserId } from "../../shared/ids.ts";
import { MENTIONS_SHOWN_COUNT } from "../../shared/limits.ts";
import type { LoadedMember, LoadedRoom } from "./loaded_rooms.ts";
import { MentionSet } from "./mention_set.ts";
import type { ReadStateStore } from "./read_state_store.ts";
import { readPosition } from "./room_records.ts";

interface PersonInRooms {
  readonly userId: UserId;
  readonly rooms: ReadonlyMap<RoomId, LoadedRoom>;
  readonly members: ReadonlyMap<RoomId, LoadedMember>;
}

/** Reads the unread mentions and missed calls of a person into the members. */
export async function readPlaces(
  readStates: ReadStateStore,
  { userId, rooms, members }: PersonInRooms,
): Promise<void> {
  const readOffsets = new Map<RoomId, number>();
  for (const [roomId, { state }] of members) {
    const { readOffset } = readPosition(state);
    // Without later events there is nothing unread.
    if ((rooms.get(roomId)?.head.offset ?? 0) > readOffset) readOffsets.set(roomId, readOffset);
  }
  const found = await readStates.places.unreadIn(userId, readOffsets, MENTIONS_SHOWN_COUNT);
  for (const [roomId, member] of members) {
    const places = found.get(roomId) ?? [];
    const setOf = (isCall: boolean) =>
      new MentionSet(
        places.filter((place) => place.isCall === isCall).map(({ offset }) => offset),
        places.length < MENTIONS_SHOWN_COUNT,
      );
    member.mentions = setOf(false);
    member.missedCalls = setOf(true);
  }
}
