import type { RoomId } from "../../shared/ids.ts";
import type { RoomTimelineModel } from "./room_timeline.ts";

/** Rooms used lately keep what they have loaded; the latest of them are followed while out of sight. */
export const KEPT_COUNT = 12;
export const FOLLOWED_COUNT = 5;

/** The timelines of this tab, the latest last. */
export class RecentRooms {
  readonly #make: (roomId: RoomId) => RoomTimelineModel;
  readonly #followedCount: () => number;
  readonly #timelines = new Map<RoomId, RoomTimelineModel>();

  constructor(make: (roomId: RoomId) => RoomTimelineModel, followedCount: () => number) {
    this.#make = make;
    this.#followedCount = followedCount;
  }

  /** Gives a room's timeline and makes it the latest. */
  use(roomId: RoomId): RoomTimelineModel {
    const timeline = this.#timelines.get(roomId) ?? this.#make(roomId);
    this.#timelines.delete(roomId);
    this.#timelines.set(roomId, timeline);
    this.trim();
    return timeline;
  }

  /** Gives a room's timeline if it is kept. */
  get(roomId: RoomId): RoomTimelineModel | undefined {
    return this.#timelines.get(roomId);
  }

  /** Lets the oldest go and stops following more than the transport allows. */
  trim(): void {
    const fromLatest = [...this.#timelines].reverse();
    for (const [index, [roomId, timeline]] of fromLatest.entries()) {
      if (index >= KEPT_COUNT) this.forget(roomId);
      else if (index >= this.#followedCount()) timeline.rest();
    }
  }

  /** Lets one go. */
  forget(roomId: RoomId): void {
    this.#timelines.get(roomId)?.dispose();
    this.#timelines.delete(roomId);
  }

  /** Lets all go. */
  dispose(): void {
    for (const roomId of [...this.#timelines.keys()]) this.forget(roomId);
  }
}
