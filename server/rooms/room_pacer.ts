import type { RoomId, UserId } from "../../shared/ids.ts";

interface Pace {
  /** Members whose summary changed; null for all. */
  userIds: Set<UserId> | null;
  timer: ReturnType<typeof setTimeout> | null;
  toldAt: number;
}

/** Reports changes of each room at most once per interval; the last change is always reported. */
export class RoomPacer {
  readonly #intervalMs: number;
  readonly #tell: (roomId: RoomId, userIds: ReadonlySet<UserId> | null) => void;
  readonly #paces = new Map<RoomId, Pace>();

  /** `tell` must not throw. */
  constructor(intervalMs: number, tell: (roomId: RoomId, userIds: ReadonlySet<UserId> | null) => void) {
    this.#intervalMs = intervalMs;
    this.#tell = tell;
  }

  /** Notes that a room's summary changed for one member, or for all (null). */
  mark(roomId: RoomId, userId: UserId | null): void {
    const pace = this.#paces.getOrInsertComputed(roomId, newPace);
    if (userId === null) pace.userIds = null;
    else pace.userIds?.add(userId);
    pace.timer ??= this.#schedule(roomId, pace);
  }

  /** Drops pending changes. */
  close(): void {
    for (const { timer } of this.#paces.values()) if (timer !== null) clearTimeout(timer);
    this.#paces.clear();
  }

  /** The first change after a quiet interval is reported at the end of this turn, after the answer to its cause. */
  #schedule(roomId: RoomId, pace: Pace): ReturnType<typeof setTimeout> {
    const wait = Math.max(0, pace.toldAt + this.#intervalMs - performance.now());
    return setTimeout(() => this.#ring(roomId, pace), wait);
  }

  #ring(roomId: RoomId, pace: Pace): void {
    const { userIds } = pace;
    pace.userIds = new Set();
    pace.toldAt = performance.now();
    const isQuiet = userIds !== null && userIds.size === 0;
    // Wait another interval; if nothing changes, the room can be forgotten.
    pace.timer = isQuiet ? null : this.#schedule(roomId, pace);
    if (isQuiet) this.#paces.delete(roomId);
    else this.#tell(roomId, userIds);
  }
}

function newPace(): Pace {
  return { userIds: new Set(), timer: null, toldAt: -Infinity };
}
