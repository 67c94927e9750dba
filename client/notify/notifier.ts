import { effect, untracked } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { RoomId } from "../../shared/ids.ts";
import type { RoomSummary } from "../../shared/room.ts";
import { RoomNotices } from "./room_notices.ts";
import type { NoticePlaces } from "./room_notices.ts";

/** Options of `Notifier`. */
export interface NotifierOptions extends NoticePlaces {
  /** All rooms of the user. */
  readonly rooms: ReadonlySignal<ReadonlyMap<RoomId, RoomSummary>>;
  /** False until `rooms` is complete. */
  readonly isReady: ReadonlySignal<boolean>;
}

/**
 * Tells the user of messages that arrive while the page is open. What it tells is taken back when the message is read
 * on any device.
 */
export class Notifier implements Disposable {
  readonly #options: NotifierOptions;
  readonly #notices = new Map<RoomId, RoomNotices>();
  readonly #seen = new WeakSet<RoomSummary>();
  #stop = () => {};

  constructor(options: NotifierOptions) {
    this.#options = options;
  }

  /** Starts with what arrives from now on. */
  start(): void {
    const { rooms, isReady } = this.#options;
    this.#stop = effect(() => {
      const all = rooms.value;
      if (isReady.value) untracked(() => this.#follow(all));
    });
  }

  /** Stops, and takes back what was told. */
  [Symbol.dispose](): void {
    this.#stop();
    for (const notices of this.#notices.values()) notices[Symbol.dispose]();
    this.#notices.clear();
  }

  #follow(rooms: ReadonlyMap<RoomId, RoomSummary>): void {
    for (const [roomId, notices] of this.#notices) {
      if (rooms.has(roomId)) continue;
      notices[Symbol.dispose]();
      this.#notices.delete(roomId);
    }
    for (const room of rooms.values()) {
      if (this.#seen.has(room)) continue;
      this.#seen.add(room);
      const notices = this.#notices.get(room.id);
      if (notices !== undefined) notices.see(room);
      else this.#notices.set(room.id, new RoomNotices(room, this.#options));
    }
  }
}
