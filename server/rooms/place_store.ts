import type { RoomId, UserId } from "../../shared/ids.ts";
import type { Database } from "../kv/database.ts";
import { keys } from "../kv/keys.ts";

/** The value of a row for a missed call; those for mentions have another one. */
export const MISSED_CALL = "missed call";
/** Rows that storage returns in one batch. */
const LISTED_COUNT = 500;

/** A message that mentions a person, or the end of a call that they missed. */
export interface Place {
  readonly offset: number;
  readonly isCall: boolean;
}

/** Places in rooms that concern one person. */
export class PlaceStore {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Returns the offset of the last place before `offset`; 0 if there is none. */
  async lastBefore(userId: UserId, roomId: RoomId, offset: number): Promise<number> {
    const end = keys.mention(userId, roomId, offset);
    const [last] = await this.#db.list<unknown>(keys.mentions(userId, roomId), {
      limit: 1,
      reverse: true,
      end,
    });
    return last === undefined ? 0 : placeOf(last).offset;
  }

  /** Lists a person's unread places in rooms, oldest first, given the read offsets: one list, unless there are very many. */
  async unreadIn(
    userId: UserId,
    readOffsets: ReadonlyMap<RoomId, number>,
    limit: number,
  ): Promise<Map<RoomId, Place[]>> {
    const found = new Map<RoomId, Place[]>();
    // Sorted like the keys: ids are ASCII.
    const wanted = [...readOffsets].toSorted(([a], [b]) => a < b ? -1 : 1);
    const [first] = wanted;
    if (first === undefined) return found;
    if (wanted.length === 1) return found.set(first[0], await this.#after(userId, ...first, limit));
    const entries = await this.#db.list<unknown>(keys.mentionsAll(userId), {
      start: keys.mention(userId, first[0], first[1] + 1),
      limit: LISTED_COUNT,
    });
    for (const [roomId] of wanted) found.set(roomId, []);
    for (const entry of entries) {
      const [roomId, place] = [entry.key[2] as RoomId, placeOf(entry)];
      if (place.offset > (readOffsets.get(roomId) ?? Infinity)) found.get(roomId)?.push(place);
    }
    if (entries.length < LISTED_COUNT) return found;
    // Old places filled the list: read the remaining rooms one by one.
    const lastRoomId = entries.at(-1)?.key[2] as RoomId;
    await Promise.all(wanted.map(async ([roomId, readOffset]) => {
      if (roomId < lastRoomId) return;
      found.set(roomId, await this.#after(userId, roomId, readOffset, limit));
    }));
    return found;
  }

  async #after(userId: UserId, roomId: RoomId, after: number, limit: number): Promise<Place[]> {
    const start = keys.mention(userId, roomId, after + 1);
    const entries = await this.#db.list<unknown>(keys.mentions(userId, roomId), { start, limit });
    return entries.map(placeOf);
  }
}

function placeOf({ key, value }: Deno.KvEntry<unknown>): Place {
  return { offset: Number(key.at(-1)), isCall: value === MISSED_CALL };
}
