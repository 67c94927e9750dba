import { AppError } from "../../shared/errors.ts";
import type { InviteId, RoomId, UserId } from "../../shared/ids.ts";
import type { Database } from "../kv/database.ts";
import { keys } from "../kv/keys.ts";
import type { Log } from "../log.ts";
import { inviteInvalid } from "./invite_store.ts";
import type { InviteStore } from "./invite_store.ts";
import type { UserRow } from "./user_store.ts";

const BATCH_COUNT = 500;

/** Rooms that an account still has to join, should the process end between the account and the rooms. */
export interface PendingRoomsRow {
  readonly userId: UserId;
  readonly rooms: readonly (RoomId | "general")[];
  /** By which invitation, and whose, for rooms other than the one of all. */
  readonly invite?: InvitedBy;
}

/** An invitation, and who made it. */
export interface InvitedBy {
  readonly id: InviteId;
  readonly by: UserId;
}

/** What it needs of rooms. */
export interface JoinableRooms {
  ensureGeneral(by: UserId): Promise<RoomId>;
  joinGeneral(userId: UserId): Promise<void>;
  join(options: {
    readonly userId: UserId;
    readonly roomId: RoomId;
    readonly invitation?: { readonly by: UserId; judge(): Promise<Deno.AtomicCheck[]> };
  }): Promise<void>;
}

/** What the store works with. */
export interface PendingRoomStoreOptions {
  readonly db: Database;
  readonly log: Log;
  readonly rooms: JoinableRooms;
  readonly invites: InviteStore;
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
      const { rooms, invite } = pending.value;
      const isActive = user.value !== null && user.value.deactivatedAt === null;
      for (const room of isActive ? rooms : []) {
        if (room === "general") await this.#joinGeneral(userId, user.value?.role === "owner");
        else await this.#joinInvited(userId, room, invite);
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

  async #joinGeneral(userId: UserId, isOwner: boolean): Promise<void> {
    const { rooms } = this.#options;
    if (isOwner) await rooms.ensureGeneral(userId);
    await unlessGone(rooms.joinGeneral(userId));
  }

  /** The room of an invitation is judged again: days may lie between the account and the room. */
  async #joinInvited(userId: UserId, roomId: RoomId, invite: InvitedBy | undefined): Promise<void> {
    const { rooms, invites } = this.#options;
    const judge = () => invite === undefined ? Promise.reject(inviteInvalid()) : invites.judge(invite.id);
    await unlessGone(rooms.join({ userId, roomId, invitation: { by: invite?.by ?? userId, judge } }));
  }
}

/** A room that was archived, is gone or may not be joined by now is none to wait for. */
async function unlessGone(joining: Promise<void>): Promise<void> {
  try {
    await joining;
  } catch (error) {
    const isGone = error instanceof AppError &&
      (error.appCode === "room_archived" || error.appCode === "not_found" ||
        error.appCode === "invite_invalid");
    if (!isGone) throw error;
  }
}

/** Gives the row for the commit that makes the account; none without rooms. */
export function pendingSets(
  userId: UserId,
  rooms: PendingRoomsRow["rooms"],
  invite?: InvitedBy,
): (readonly [Deno.KvKey, PendingRoomsRow])[] {
  if (rooms.length === 0) return [];
  const invited = invite === undefined ? {} : { invite: { id: invite.id, by: invite.by } };
  return [[keys.pendingRooms(userId), { userId, rooms, ...invited }]];
}
