import { AppError } from "../../shared/errors.ts";
import type { InviteId, RoomId, UserId } from "../../shared/ids.ts";
import type { Database } from "../kv/database.ts";
import { keys } from "../kv/keys.ts";
import type { Log } from "../log.ts";
import { inviteInvalid } from "./invite_store.ts";
import type { InviteStore } from "./invite_store.ts";
import type { UserRow } from "./user_store.ts";

const BATCH_COUNT = 500;

/** Rooms that a new account has yet to join, in case the process stops before it has. */
export interface PendingRoomsRow {
  readonly userId: UserId;
  readonly rooms: readonly (RoomId | "general")[];
  /** The invitation that the account used, for rooms other than the general one. */
  readonly invite?: InvitedBy;
}

/** An invitation and its maker. */
export interface InvitedBy {
  readonly id: InviteId;
  readonly by: UserId;
}

/** The room operations it needs. */
export interface JoinableRooms {
  ensureGeneral(by: UserId): Promise<RoomId>;
  joinGeneral(userId: UserId): Promise<void>;
  readonly members: {
    join(options: {
      readonly userId: UserId;
      readonly roomId: RoomId;
      readonly invitation?: { readonly by: UserId; judge(): Promise<Deno.AtomicCheck[]> };
    }): Promise<void>;
  };
}

export interface PendingRoomStoreOptions {
  readonly db: Database;
  readonly log: Log;
  readonly rooms: JoinableRooms;
  readonly invites: InviteStore;
}

/**
 * Adds new accounts to their first rooms. Creating an account and joining a room are two commits; a row written
 * with the account lists the rooms to join, so that none is forgotten if the process stops in between.
 */
export class PendingRoomStore {
  readonly #options: PendingRoomStoreOptions;

  constructor(options: PendingRoomStoreOptions) {
    this.#options = options;
  }

  /** Joins the pending rooms of one account. Failures are logged and retried by `joinAll`. */
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
      log.error("Cannot add a new account to its rooms, will try again later", error, { userId });
    }
  }

  /** Joins the pending rooms of all accounts. */
  async joinAll(): Promise<void> {
    const rows = await this.#options.db.list<PendingRoomsRow>(keys.pendingRoomsAll(), { limit: BATCH_COUNT });
    for (const { value } of rows) await this.join(value.userId);
  }

  async #joinGeneral(userId: UserId, isOwner: boolean): Promise<void> {
    const { rooms } = this.#options;
    if (isOwner) await rooms.ensureGeneral(userId);
    await unlessGone(rooms.joinGeneral(userId));
  }

  /** Checks the invitation again, because days may have passed since the account was created. */
  async #joinInvited(userId: UserId, roomId: RoomId, invite: InvitedBy | undefined): Promise<void> {
    const { rooms, invites } = this.#options;
    const judge = () => invite === undefined ? Promise.reject(inviteInvalid()) : invites.judge(invite.id);
    await unlessGone(rooms.members.join({ userId, roomId, invitation: { by: invite?.by ?? userId, judge } }));
  }
}

/** Ignores rooms that were archived, are gone, or may no longer be joined. */
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

/** Returns the row for the commit that creates the account, or nothing if there are no rooms. */
export function pendingSets(
  userId: UserId,
  rooms: PendingRoomsRow["rooms"],
  invite?: InvitedBy,
): (readonly [Deno.KvKey, PendingRoomsRow])[] {
  if (rooms.length === 0) return [];
  const invited = invite === undefined ? {} : { invite: { id: invite.id, by: invite.by } };
  return [[keys.pendingRooms(userId), { userId, rooms, ...invited }]];
}
