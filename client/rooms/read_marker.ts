import type { RoomId } from "../../shared/ids.ts";
import type { RoomSummary } from "../../shared/room.ts";
import type { Trpc } from "../net/trpc.ts";

interface Mark {
  /** The highest offset that was read in this tab. */
  wanted: number;
  sent: number;
  isRunning: boolean;
}

/** Sends the user's read markers to the server: the highest offset wins, one call at a time for each room. */
export class ReadMarker {
  readonly #api: Pick<Trpc["rooms"], "markRead">;
  readonly #marks = new Map<RoomId, Mark>();

  constructor(api: Pick<Trpc["rooms"], "markRead">) {
    this.#api = api;
  }

  /** Marks messages up to `offset` as read, and tells the server now or when it has answered the last call. */
  mark(roomId: RoomId, offset: number): void {
    const mark = this.#marks.get(roomId) ?? { wanted: 0, sent: 0, isRunning: false };
    this.#marks.set(roomId, mark);
    if (offset <= mark.wanted) return;
    mark.wanted = offset;
    if (!mark.isRunning) void this.#send(roomId, mark);
  }

  /** Marks messages after `offset` as unread. */
  async unmark(roomId: RoomId, offset: number): Promise<void> {
    this.#marks.delete(roomId);
    await this.#api.markRead.mutate({ roomId, offset, unread: true });
  }

  /** Applies the markers of this tab to the server's state of a room. */
  overlay(room: RoomSummary): RoomSummary {
    const readOffset = this.#marks.get(room.id)?.wanted ?? 0;
    if (readOffset <= room.readOffset) return room;
    const isAllRead = readOffset >= room.head;
    return {
      ...room,
      readOffset,
      unread: isAllRead ? 0 : room.unread,
      mentions: isAllRead ? 0 : room.mentions,
    };
  }

  /** Forgets a room that the user has left. */
  forget(roomId: RoomId): void {
    this.#marks.delete(roomId);
  }

  /** Sends nothing more. */
  [Symbol.dispose](): void {
    this.#marks.clear();
  }

  async #send(roomId: RoomId, mark: Mark): Promise<void> {
    mark.isRunning = true;
    const offset = mark.wanted;
    try {
      await this.#api.markRead.mutate({ roomId, offset });
      mark.sent = offset;
    } catch {
      // A call that failed is repeated with the next offset, or after the snapshot of a reconnect.
    }
    mark.isRunning = false;
    if (this.#marks.get(roomId) === mark && mark.wanted > offset) void this.#send(roomId, mark);
  }

  /** Repeats calls that may have been lost with a connection. */
  resend(rooms: Iterable<RoomSummary>): void {
    for (const room of rooms) {
      const mark = this.#marks.get(room.id);
      if (mark === undefined || mark.isRunning) continue;
      if (mark.wanted > room.readOffset && mark.sent < mark.wanted) void this.#send(room.id, mark);
    }
  }
}
