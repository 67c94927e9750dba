import { AppError } from "../../shared/errors.ts";
import type { RoomId, UserId } from "../../shared/ids.ts";
import { READERS_MEMBERS_MAX_COUNT } from "../../shared/limits.ts";
import { readPosition } from "./room_records.ts";
import type { RoomStore } from "./room_store.ts";

export interface ReadReceiptsOptions {
  readonly rooms: Pick<RoomStore, "members" | "readStates">;
  /** Whether a person lets others see how far they have read. */
  readonly showsReadState: (userId: UserId) => Promise<boolean>;
}

/** Who has read how far, derived from read markers. Whoever hides it sees nobody else's either. */
export class ReadReceipts {
  readonly #options: ReadReceiptsOptions;

  constructor(options: ReadReceiptsOptions) {
    this.#options = options;
  }

  /** Returns the members who have read up to an offset; throws `too_large` in rooms of more than 500 members. */
  async readersOf(roomId: RoomId, offset: number, by: UserId): Promise<UserId[]> {
    const { rooms, showsReadState } = this.#options;
    if (!await showsReadState(by)) return [];
    const memberIds = await rooms.members.memberIds(roomId);
    if (memberIds.length > READERS_MEMBERS_MAX_COUNT) {
      throw new AppError("too_large", "The room has too many members to say who has read this far");
    }
    const hasRead = await Promise.all(memberIds.map(async (userId) => {
      const state = await rooms.readStates.load(userId, roomId);
      return state !== null && readPosition(state).readOffset >= offset && await showsReadState(userId);
    }));
    return memberIds.filter((_, index) => hasRead[index]);
  }
}
