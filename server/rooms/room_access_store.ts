import { AppError } from "../../shared/errors.ts";
import type { RoomId, UserId } from "../../shared/ids.ts";
import { RIGHTS_CACHE_MS } from "../../shared/limits.ts";
import type { RoomKind } from "../../shared/room.ts";
import type { Feed, Notice } from "../changes.ts";
import { checkedRights } from "../auth/account_change_store.ts";
import { authorize, isAllowed, notFound } from "../auth/authorize.ts";
import type { ActorRights, RoomObject } from "../auth/authorize.ts";
import type { UserRow } from "../auth/user_store.ts";
import type { Database } from "../kv/database.ts";
import { keys } from "../kv/keys.ts";
import { ReadCache } from "../kv/read_cache.ts";
import type { CacheStats } from "../kv/read_cache.ts";
import type { MemberRow, RoomRow } from "./room_records.ts";
import { isRoomNotice } from "./room_stream.ts";

/** People known in a room, each room apart. */
const CACHE_MAX_COUNT = 20_000;
/** What a missing room looks like to everybody, so that it answers like one that must not be seen. */
const INVISIBLE: RoomObject = { kind: "private", membership: null };

/** A room and how somebody stands in it. */
export interface RoomAccess {
  readonly roomId: RoomId;
  readonly row: RoomRow;
  /** Null for who has not joined. */
  readonly member: MemberRow | null;
}

/** What is asked of a room as a whole. */
export type RoomAction =
  | "room.read"
  | "room.join"
  | "room.leave"
  | "room.send"
  | "room.markRead"
  | "room.setLevel"
  | "room.update"
  | "room.archive"
  | "room.addMember"
  | "room.removeMember"
  | "room.setMemberRole"
  | "message.react";

/** Who changes something in a room, and by what right. */
export interface RoomRequest {
  readonly roomId: RoomId;
  readonly by: UserId;
  /** What `by` must be allowed at the moment of the commit; nothing for the server itself. */
  readonly asks?: RoomAction | undefined;
}

/** A room and a member as storage has them when a commit is put together, and what that has to check. */
export interface JudgedRequest {
  readonly row: RoomRow | null;
  readonly member: MemberRow | null;
  readonly checks: readonly Deno.AtomicCheck[];
}

/** What is asked of a message in a room. */
export type MessageAction = "message.edit" | "message.delete";

/** What the store works with. */
export interface RoomAccessOptions {
  readonly db: Database;
  readonly feed: Feed;
  readonly now: () => number;
}

interface Rule {
  readonly isAllowed: (room: RoomObject) => boolean;
  readonly authorize: (room: RoomObject) => void;
}

/**
 * Who stands how in which room. A positive answer is kept for at most a second and dropped by the event that ends
 * it; "not a member" is always read from storage, so that what was granted anywhere holds at once.
 */
export class RoomAccessStore {
  readonly #db: Database;
  readonly #known: ReadCache<string, RoomAccess>;
  readonly #rows: ReadCache<RoomId, RoomRow>;
  /** A room's kind never changes. */
  readonly #kinds = new Map<RoomId, RoomKind>();
  readonly #unsubscribe: () => void;

  /** Listens to the feed from now on. */
  constructor(options: RoomAccessOptions) {
    const { db, now } = options;
    this.#db = db;
    const limits = { maxCount: CACHE_MAX_COUNT, ttl: { ms: RIGHTS_CACHE_MS, now } };
    this.#known = new ReadCache({ ...limits, isKept: ({ member }) => member !== null });
    this.#rows = new ReadCache(limits);
    this.#unsubscribe = options.feed.subscribe("cache", (notice) => this.#handle(notice));
  }

  /** Gives the room and the membership; null when there is no such room. No storage is read when both are known. */
  find(userId: UserId, roomId: RoomId): Promise<RoomAccess | null> {
    return this.#known.get(memberId(roomId, userId), () => this.#read(userId, roomId));
  }

  /** Gives the room when the actor may do this there, else throws `not_found` or `not_allowed`. */
  require(actor: ActorRights, action: RoomAction, roomId: RoomId): Promise<RoomAccess> {
    return this.#require(actor, roomId, {
      isAllowed: (room) => isAllowed(actor, action, room),
      authorize: (room) => authorize(actor, action, room),
    });
  }

  /** The same by what storage says now, whatever this instance has heard. */
  async requireStored(actor: ActorRights, action: RoomAction, roomId: RoomId): Promise<RoomAccess> {
    const { userId } = actor;
    const read = await this.#known.read(memberId(roomId, userId), () => this.#read(userId, roomId));
    authorize(actor, action, read === null ? INVISIBLE : toObject(read));
    return read as RoomAccess;
  }

  /**
   * The same by storage alone, the actor's role included, for the `build` of an append; gives the room and how
   * `userId` stands in it. What is not in the checks is an event of the room, so the check of the head covers it.
   */
  async judge({ roomId, by, asks }: RoomRequest, userId: UserId): Promise<JudgedRequest> {
    const [room, member, actor, own] = await this.#db.getMany<unknown>([
      keys.room(roomId),
      keys.member(roomId, userId),
      keys.user(by),
      keys.member(roomId, by),
    ]) as [
      Deno.KvEntryMaybe<RoomRow>,
      Deno.KvEntryMaybe<MemberRow>,
      Deno.KvEntryMaybe<UserRow>,
      Deno.KvEntryMaybe<MemberRow>,
    ];
    const [row, standing] = [room.value, own.value];
    if (asks === undefined) return { row, member: member.value, checks: [] };
    const { rights, checks } = await checkedRights(this.#db, actor);
    authorize(rights, asks, row === null ? INVISIBLE : toObject({ row, member: standing }));
    return { row, member: member.value, checks };
  }

  /** The same for what is asked of a message that `by` wrote. */
  requireMessage(
    actor: ActorRights,
    action: MessageAction,
    { roomId, by }: { readonly roomId: RoomId; readonly by: UserId },
  ): Promise<RoomAccess> {
    return this.#require(actor, roomId, {
      isAllowed: (room) => isAllowed(actor, action, { ...room, by }),
      authorize: (room) => authorize(actor, action, { ...room, by }),
    });
  }

  /** Reads it anew the next time: what is kept may be behind what storage says. */
  forget(userId: UserId, roomId: RoomId): void {
    this.#known.drop(memberId(roomId, userId));
  }

  /** Gives the room's row; null when there is none. */
  async row(roomId: RoomId): Promise<RoomRow | null> {
    return (await this.rows([roomId])).get(roomId) ?? null;
  }

  /** Gives the rows of rooms, in one read for all that are not known; who is missing does not exist. */
  rows(roomIds: readonly RoomId[]): Promise<Map<RoomId, RoomRow>> {
    return this.#rows.getMany(roomIds, async (missing) => {
      const entries = await this.#db.getMany<RoomRow>(missing.map((roomId) => keys.room(roomId)));
      return entries.map(({ value }) => value);
    });
  }

  /** What a person hears whose subscriptions to the room end because it is no longer in it. */
  lossOf(roomId: RoomId): AppError {
    // Who subscribed was let in here, so the kind is known; a room that is not says nothing about itself.
    return this.#kinds.get(roomId) === "public"
      ? new AppError("membership_ended", "You are no longer a member of this room")
      : notFound();
  }

  /** How what is known of members does. */
  get cache(): CacheStats {
    return this.#known;
  }

  /** Stops listening. */
  close(): void {
    this.#unsubscribe();
  }

  async #require(actor: ActorRights, roomId: RoomId, rule: Rule): Promise<RoomAccess> {
    const { userId } = actor;
    const read = () => this.#read(userId, roomId);
    // A refusal is never given from what was known, or from a read that began before.
    const isEnough = (known: RoomAccess) => rule.isAllowed(toObject(known));
    const found = await this.#known.get(memberId(roomId, userId), read, isEnough);
    rule.authorize(found === null ? INVISIBLE : toObject(found));
    return found as RoomAccess;
  }

  async #read(userId: UserId, roomId: RoomId): Promise<RoomAccess | null> {
    const entries = this.#db.getMany<unknown>([keys.room(roomId), keys.member(roomId, userId)]) as Promise<
      [Deno.KvEntryMaybe<RoomRow>, Deno.KvEntryMaybe<MemberRow>]
    >;
    const row = await this.#rows.read(roomId, async () => (await entries)[0].value);
    if (row === null) return null;
    this.#kinds.set(roomId, row.kind);
    return { roomId, row, member: (await entries)[1].value };
  }

  #handle(notice: Notice): void {
    if (!isRoomNotice(notice)) return;
    for (const event of notice.events) {
      switch (event.type) {
        case "member_joined":
        case "member_left":
        case "member_role_changed":
          this.#known.drop(memberId(notice.streamId, event.userId));
          break;
        case "room_updated":
          this.#rows.drop(notice.streamId);
          this.#known.dropWhere(({ roomId }) => roomId === notice.streamId);
      }
    }
  }
}

/** The room as the rules of rights look at it. */
function toObject({ row, member }: Pick<RoomAccess, "row" | "member">): RoomObject {
  return { kind: row.kind, membership: member?.role ?? null };
}

function memberId(roomId: RoomId, userId: UserId): string {
  return `${roomId} ${userId}`;
}
