import type { RoomId } from "../../shared/ids.ts";
import type { RoomTimeline } from "./room_timeline.ts";

/** So many rooms keep what they have loaded, and so many of these are followed while out of sight. */
const KEPT_COUNT = 12;
export const FOLLOWED_COUNT = 5;

/** The timelines of this tab, the most recently used last. */
export class RecentRooms {
  readonly #make: (roomId: RoomId) => RoomTimeline;
  readonly #followedCount: () => number;
  readonly #timelines = new Map<RoomId, RoomTimeline>();

  constructor(make: (roomId: RoomId) => RoomTimeline, followedCount: () => number) {
    this.#make = make;
    this.#followedCount = followedCount;
  }

  /** Returns a room's timeline and makes it the most recent. */
  use(roomId: RoomId): RoomTimeline {
    const timeline = this.#timelines.get(roomId) ?? this.#make(roomId);
    this.#timelines.delete(roomId);
    this.#timelines.set(roomId, timeline);
    this.trim();
    return timeline;
  }

  /** Returns a room's timeline if it is kept. */
  get(roomId: RoomId): RoomTimeline | undefined {
    return this.#timelines.get(roomId);
  }

  /** The timelines that are kept, the most recent first. */
  all(): RoomTimeline[] {
    return [...this.#timelines.values()].reverse();
  }

  /** Disposes the oldest, and stops following more than the transport allows. */
  trim(): void {
    const fromLatest = [...this.#timelines].reverse();
    for (const [index, [roomId, timeline]] of fromLatest.entries()) {
      if (index >= KEPT_COUNT) this.forget(roomId);
      else if (index >= this.#followedCount()) timeline.history.rest();
    }
  }

  /** Disposes one timeline. */
  forget(roomId: RoomId): void {
    this.#timelines.get(roomId)?.[Symbol.dispose]();
    this.#timelines.delete(roomId);
  }

  /** Disposes all timelines. */
  [Symbol.dispose](): void {
    for (const roomId of [...this.#timelines.keys()]) this.forget(roomId);
  }
}
