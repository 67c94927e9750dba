import type { RoomId } from "../../shared/ids.ts";
import { foldName } from "../../shared/names.ts";
import type { Room } from "../../shared/room.ts";
import type { Page } from "../../shared/user.ts";
import type { Database } from "../kv/database.ts";
import { keys } from "../kv/keys.ts";
import type { MembershipStore } from "./membership_store.ts";
import { roomOf } from "./room_records.ts";
import type { RoomRow } from "./room_records.ts";

const BATCH_COUNT = 200;

/** A public room in a list. */
export interface ListedRoom extends Room {
  readonly memberCount: number;
}

export interface BrowseOptions {
  /** Part of a name, folded like names; all rooms by default. */
  readonly query?: string | undefined;
  readonly cursor?: string | undefined;
  readonly limit: number;
}

/** The public rooms, by name. */
export class RoomDirectoryStore {
  readonly #db: Database;
  readonly #members: MembershipStore;

  constructor(db: Database, members: MembershipStore) {
    this.#db = db;
    this.#members = members;
  }

  /** Lists public rooms, sorted by folded name. */
  async browse({ query = "", cursor, limit }: BrowseOptions): Promise<Page<ListedRoom>> {
    const found = await this.#find(foldName(query), cursor, limit + 1);
    const shown = found.slice(0, limit);
    const rows = await this.#db.getMany<RoomRow>(shown.map(({ roomId }) => keys.room(roomId)));
    const items = await Promise.all(shown.map(async ({ roomId }, index) => {
      const row = rows[index]?.value;
      return row ? [{ ...roomOf(roomId, row), memberCount: await this.#members.count(roomId) }] : [];
    }));
    return { items: items.flat(), cursor: found[limit]?.folded ?? null };
  }

  async #find(
    wanted: string,
    cursor: string | undefined,
    count: number,
  ): Promise<{ folded: string; roomId: RoomId }[]> {
    const found: { folded: string; roomId: RoomId }[] = [];
    let start = cursor;
    while (found.length < count) {
      const entries = await this.#db.list<RoomId>(keys.roomNames(), {
        limit: BATCH_COUNT,
        ...(start === undefined ? {} : { start: keys.roomName(start) }),
      });
      for (const { key, value } of entries) {
        const folded = String(key[1]);
        if (folded.includes(wanted)) found.push({ folded, roomId: value });
      }
      const last = entries.at(-1);
      if (last === undefined || entries.length < BATCH_COUNT) break;
      // The smallest string after the last one.
      start = `${String(last.key[1])}\u0000`;
    }
    return found;
  }
}
