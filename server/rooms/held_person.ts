import type { RoomId, UserId } from "../../shared/ids.ts";
import type { ReadState } from "./room_records.ts";

/** A person whose summaries are held. */
export interface Person {
  readonly userId: UserId;
  readonly roomIds: Set<RoomId>;
  /** Single rooms that are being read again. */
  readonly reloads: Map<RoomId, Promise<void>>;
  holderCount: number;
  loading: Promise<void> | null;
  isLoaded: boolean;
}

/** A read of a person's summaries; it is repeated when a change overtakes it. */
export interface Load {
  readonly userId: UserId;
  states: ReadonlyMap<RoomId, ReadState>;
  isOvertaken: boolean;
}

/** A person who holds nothing yet. */
export function newPerson(userId: UserId): Person {
  return { userId, roomIds: new Set(), reloads: new Map(), holderCount: 0, loading: null, isLoaded: false };
}
