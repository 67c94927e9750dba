import { AppError } from "../../shared/errors.ts";
import type { RoomId, UserId } from "../../shared/ids.ts";
import type { Database } from "../kv/database.ts";
import { keys } from "../kv/keys.ts";
import type { Log } from "../log.ts";
import type { PendingRoomsRow, UserRow } from "./user_store.ts";

const BATCH_COUNT = 500;

/** What it needs of rooms. */
export interface JoinableRooms {
  ensureGeneral(by: UserId): Promise<RoomId>;
  joinGeneral(userId: UserId): Promise<void>;
  join(options: { readonly userId: UserId; readonly roomId: RoomId }): Promise<void>;
}

/** What the store works with. */
export interface PendingRoomStoreOptions {
  readonly db: Database;
  readonly log: Log;
  readonly rooms: JoinableRooms;
}

/**
 * Brings new accounts into their first rooms. An account and a room are two commits: what is to be joined stands in
 * a row written with the account, so that nothing is forgotten when the process ends in between.
 */
export class PendingRoomStore {
  readonly #options: PendingRoomStoreOptions;

  /** Works on `db` and `rooms`. */
  constructor(options: PendingRoomStoreOptions) {
    this.#options = options;
  }

  /** Joins what one account has to join; what fails is logged and stays for `joinAll`. */
  async join(userId: UserId): Promise<void> {
    const { db, log } = this.#options;
    try {
      const [pending, user] = await db.getMany<unknown>([keys.pendingRooms(userId), keys.user(userId)]) as [
        Deno.KvEntryMaybe<PendingRoomsRow>,
        Deno.KvEntryMaybe<UserRow>,
      ];
      if (pending.value === null) return;
      const isActive = user.value !== null && user.value.deactivatedAt === null;
      for (const room of isActive ? pending.value.rooms : []) {
        await this.#joinOne(userId, room, user.value?.role === "owner");
      }
      await db.commit({ checks: [pending], deletes: [pending.key] });
    } catch (error) {
      log.error("Cannot bring a new account into its rooms, trying again later", error, { userId });
    }
  }

  /** Does so for every account that still has rooms to join. */
  async joinAll(): Promise<void> {
    const rows = await this.#options.db.list<PendingRoomsRow>(keys.pendingRoomsAll(), { limit: BATCH_COUNT });
    for (const { value } of rows) await this.join(value.userId);
  }

  async #joinOne(userId: UserId, room: RoomId | "general", isOwner: boolean): Promise<void> {
    const { rooms } = this.#options;
    try {
      if (room !== "general") return await rooms.join({ userId, roomId: room });
      if (isOwner) await rooms.ensureGeneral(userId);
      await rooms.joinGeneral(userId);
    } catch (error) {
      // A room that was archived or is gone by now is none to wait for.
      const isGone = error instanceof AppError &&
        (error.appCode === "room_archived" || error.appCode === "not_found");
      if (!isGone) throw error;
    }
  }
}
