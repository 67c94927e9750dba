import { AppError } from "../../../shared/errors.ts";
import type { RoomId, StatusId, UserId } from "../../../shared/ids.ts";
import { PUBLIC_OPEN_MAX_COUNT } from "../../../shared/limits.ts";
import type { ActorRights } from "../../auth/authorize.ts";
import type { StatusBotStore } from "../../auth/status_bot_store.ts";
import type { Database } from "../../kv/database.ts";
import { keys } from "../../kv/keys.ts";
import { refuseDirect } from "../../rooms/membership_store.ts";
import type { RoomStore } from "../../rooms/room_store.ts";
import type { ItemKind } from "../status_rows.ts";

/** Everything that can be open, and as much again of what is over but not told yet. */
const ROOMS_MAX_COUNT = 6 * PUBLIC_OPEN_MAX_COUNT;

/**
 * The room that hears of an incident, a maintenance or an announcement, as long as there is something to tell. It has
 * a row of its own, so that nothing that reads what is public reads the room too.
 */
export interface StatusRoomRow {
  readonly kind: ItemKind;
  readonly roomId: RoomId;
  /** Since when everybody can read it. */
  readonly publicAt: string;
  /** How many of its texts were told. */
  readonly toldCount: number;
  /** How many reminders were sent since the last text. */
  readonly remindedCount: number;
  /** Who has the bot join; absent once it has, so that it stays away after it was removed. */
  readonly invitedBy?: UserId;
}

/** What begins to be told. */
export interface Told {
  readonly kind: ItemKind;
  readonly id: StatusId;
  /** Absent if no room hears of it. */
  readonly roomId: RoomId | undefined;
  /** Who has the bot join the room; absent if it has joined before. */
  readonly by?: UserId | undefined;
  readonly publicAt: string;
  /** How many of its texts the room has already. */
  readonly toldCount?: number;
}

/** An incident, a maintenance or an announcement, and its room. */
export interface ItemRoom {
  readonly id: StatusId;
  readonly roomId: RoomId;
}

export interface StatusRoomStoreOptions {
  readonly db: Database;
  readonly rooms: Pick<RoomStore, "access" | "members">;
  readonly bot: Pick<StatusBotStore, "ensure">;
}

/** Owns which room hears of what on the status page. */
export class StatusRoomStore {
  readonly #options: StatusRoomStoreOptions;

  /** Works on a database. */
  constructor(options: StatusRoomStoreOptions) {
    this.#options = options;
  }

  /** Adds the bot to a room, if `by` may send there. */
  async enter(roomId: RoomId, by: UserId): Promise<void> {
    const { rooms, bot } = this.#options;
    await rooms.members.join({ userId: await bot.ensure(), roomId, by, asks: "room.send" });
  }

  /** Returns what a commit must check so that `by` may send in the room then; throws if they may not now. */
  async judge(roomId: RoomId | undefined, by: UserId): Promise<readonly Deno.AtomicCheck[]> {
    if (roomId === undefined) return [];
    const { row, checks } = await this.#options.rooms.access.judgeOutside(by, "room.send", roomId);
    refuseDirect(row);
    if (row.archivedAt !== null) throw new AppError("room_archived", "The room is archived");
    return checks;
  }

  /** Lists all that a room hears of. */
  list(): Promise<Deno.KvEntry<StatusRoomRow>[]> {
    return this.#options.db.list<StatusRoomRow>(keys.statusRooms(), { limit: ROOMS_MAX_COUNT });
  }

  /** Notes what was told; does nothing if the row has changed since it was read. */
  async note(entry: Deno.KvEntry<StatusRoomRow>, row: StatusRoomRow): Promise<void> {
    await this.#options.db.commit({ checks: [entry], sets: [[entry.key, row]] });
  }

  /** Ends the messages about something, unless the row has changed since it was read. */
  async end(entry: Deno.KvEntry<StatusRoomRow>): Promise<void> {
    await this.#options.db.commit({ checks: [entry], deletes: [entry.key] });
  }

  /** Returns those whose rooms the actor may read. */
  async visibleTo(actor: ActorRights, items: readonly ItemRoom[]): Promise<ItemRoom[]> {
    const isVisible = await Promise.all(items.map(({ roomId }) => this.#mayRead(actor, roomId)));
    return items.filter((_, index) => isVisible[index]);
  }

  async #mayRead(actor: ActorRights, roomId: RoomId): Promise<boolean> {
    try {
      await this.#options.rooms.access.require(actor, "room.read", roomId);
      return true;
    } catch (error) {
      if (error instanceof AppError && error.appCode === "not_found") return false;
      throw error;
    }
  }
}

/** What the commit that makes something public writes, so that its room hears of it. Telling twice has no effect. */
export function beginTelling(
  { kind, id, roomId, by, publicAt, toldCount = 0 }: Told,
): (readonly [Deno.KvKey, StatusRoomRow])[] {
  if (roomId === undefined) return [];
  const invited = by === undefined ? {} : { invitedBy: by };
  return [[keys.statusRoom(id), { kind, roomId, publicAt, toldCount, remindedCount: 0, ...invited }]];
}
