import type { RoomId, UserId } from "../../shared/ids.ts";

interface Pace {
  /** Members for whom the room looks different; null for all. */
  userIds: Set<UserId> | null;
  timer: ReturnType<typeof setTimeout> | null;
  toldAt: number;
}

/** Tells of changed rooms at most once an interval each; the last change is always told. */
export class RoomPacer {
  readonly #intervalMs: number;
  readonly #tell: (roomId: RoomId, userIds: ReadonlySet<UserId> | null) => void;
  readonly #paces = new Map<RoomId, Pace>();

  /** `tell` must not throw. */
  constructor(intervalMs: number, tell: (roomId: RoomId, userIds: ReadonlySet<UserId> | null) => void) {
    this.#intervalMs = intervalMs;
    this.#tell = tell;
  }

  /** Notes that a room looks different to one member, or to all (null). */
  mark(roomId: RoomId, userId: UserId | null): void {
    const pace = this.#paces.getOrInsertComputed(roomId, newPace);
    if (userId === null) pace.userIds = null;
    else pace.userIds?.add(userId);
    pace.timer ??= this.#schedule(roomId, pace);
  }

  /** Forgets what was to be told. */
  close(): void {
    for (const { timer } of this.#paces.values()) if (timer !== null) clearTimeout(timer);
    this.#paces.clear();
  }

  /** The first change after a quiet interval goes at the end of this turn, so that its cause is answered first. */
  #schedule(roomId: RoomId, pace: Pace): ReturnType<typeof setTimeout> {
    const wait = Math.max(0, pace.toldAt + this.#intervalMs - performance.now());
    return setTimeout(() => this.#ring(roomId, pace), wait);
  }

  #ring(roomId: RoomId, pace: Pace): void {
    const { userIds } = pace;
    pace.userIds = new Set();
    pace.toldAt = performance.now();
    const isQuiet = userIds !== null && userIds.size === 0;
    // One more interval, to know that the room is quiet and may be forgotten.
    pace.timer = isQuiet ? null : this.#schedule(roomId, pace);
    if (isQuiet) this.#paces.delete(roomId);
    else this.#tell(roomId, userIds);
  }
}

function newPace(): Pace {
  return { userIds: new Set(), timer: null, toldAt: -Infinity };
}
