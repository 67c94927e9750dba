import type { RoomId } from "../../shared/ids.ts";
import type { StreamHead } from "../streams/event_log.ts";
import type { RoomRow } from "./room_records.ts";
import type { RoomNotice } from "./room_stream.ts";

/** Rooms kept; the one that rests longest is forgotten first. */
const RESTING_MAX_COUNT = 5_000;

interface Resting {
  readonly row: RoomRow;
  head: StreamHead;
}

/**
 * Rows of rooms that nobody looks at just now. A row changes only with an event of its room, so it holds for as long
 * as all events up to the room's head were heard, and none of them changed it.
 */
export class RestingRooms {
  readonly #rooms = new Map<RoomId, Resting>();

  /** Takes a room as of `head`. */
  keep(roomId: RoomId, row: RoomRow, head: StreamHead): void {
    this.#rooms.delete(roomId);
    this.#rooms.set(roomId, { row, head });
    if (this.#rooms.size <= RESTING_MAX_COUNT) return;
    const oldest = this.#rooms.keys().next();
    if (!oldest.done) this.#rooms.delete(oldest.value);
  }

  /** Gives the row if it holds at `head`. */
  rowAt(roomId: RoomId, head: StreamHead): RoomRow | null {
    const room = this.#rooms.get(roomId);
    return room !== undefined && room.head.offset === head.offset ? room.row : null;
  }

  /** Hears of events; one that was missed, or that changes the row, ends what is known. */
  hear({ streamId: roomId, events, messageCount }: RoomNotice): void {
    const room = this.#rooms.get(roomId);
    const [first, last] = [events[0], events.at(-1)];
    if (room === undefined || first === undefined || last === undefined) return;
    const isGap = first.offset > room.head.offset + 1;
    if (isGap || events.some(({ type }) => type === "room_updated")) this.#rooms.delete(roomId);
    else if (last.offset > room.head.offset) room.head = { offset: last.offset, messageCount };
  }
}
