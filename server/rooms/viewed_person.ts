import type { RoomId, UserId } from "../../shared/ids.ts";

/** Somebody whose rooms are held in memory, and what is being read of them. */
export interface ViewedPerson {
  readonly userId: UserId;
  readonly roomIds: Set<RoomId>;
  readonly reloading: Set<RoomId>;
  /** Who waits until nothing is being read again. */
  readonly waiters: (() => void)[];
  holderCount: number;
  /** Counts what concerns the person; a read that a change overtook is done again. */
  generation: number;
  loading: Promise<void> | null;
  isLoaded: boolean;
}

/** Somebody whose rooms nobody has read yet. */
export function newPerson(userId: UserId): ViewedPerson {
  return {
    userId,
    roomIds: new Set(),
    reloading: new Set(),
    waiters: [],
    holderCount: 0,
    generation: 0,
    loading: null,
    isLoaded: false,
  };
}
