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

/** Maximum number of cached memberships. */
const CACHE_MAX_COUNT = 20_000;
/** A missing room is treated like one that the caller may not see. */
const INVISIBLE: RoomObject = { kind: "private", membership: null };

/** A room and a person's membership. */
export interface RoomAccess {
  readonly roomId: RoomId;
  readonly row: RoomRow;
  /** Null for non-members. */
  readonly member: MemberRow | null;
}

/** An action on a room. */
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
  | "call.moderate"
  | "message.react";

/** A change in a room, and the right it needs. */
export interface RoomRequest {
  readonly roomId: RoomId;
  readonly by: UserId;
  /** What `by` must be allowed to do at commit time; omitted for the server itself. */
  readonly asks?: RoomAction | undefined;
}

/** A room and a membership as stored when a commit is built, and the checks for that commit. */
export interface JudgedRequest {
  readonly row: RoomRow | null;
  readonly member: MemberRow | null;
  readonly checks: readonly Deno.AtomicCheck[];
}

/** A room as stored, and the checks with which a commit outside its log relies on it. */
export interface OutsideJudged {
  readonly row: RoomRow;
  readonly checks: readonly Deno.AtomicCheck[];
}

/** An action on a message. */
export type MessageAction = "message.edit" | "message.delete";

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
 * Memberships and rights in rooms. A membership is cached for at most a second and dropped by the event that ends
 * it; "not a member" is always read from storage, so that new rights hold at once on every instance.
 */
export class RoomAccessStore {
  readonly #db: Database;
  readonly #known: ReadCache<string, RoomAccess>;
  readonly #rows: ReadCache<RoomId, RoomRow>;
  /** Kinds of rooms, which never change. */
  readonly #kinds = new Map<RoomId, RoomKind>();
  readonly #unsubscribe: () => void;

  /** Subscribes to the feed. */
  constructor(options: RoomAccessOptions) {
    const { db, now } = options;
    this.#db = db;
    const limits = { maxCount: CACHE_MAX_COUNT, ttl: { ms: RIGHTS_CACHE_MS, now } };
    this.#known = new ReadCache({ ...limits, isKept: ({ member }) => member !== null });
    this.#rows = new ReadCache(limits);
    this.#unsubscribe = options.feed.subscribe("cache", (notice) => this.#handle(notice));
  }

  /** Returns the room and the membership, from the cache if possible; null if the room does not exist. */
  find(userId: UserId, roomId: RoomId): Promise<RoomAccess | null> {
    return this.#known.get(memberId(roomId, userId), () => this.#read(userId, roomId));
  }

  /** Returns the room if the actor may do this there, otherwise throws `not_found` or `not_allowed`. */
  require(actor: ActorRights, action: RoomAction, roomId: RoomId): Promise<RoomAccess> {
    return this.#require(actor, roomId, {
      isAllowed: (room) => isAllowed(actor, action, room),
      authorize: (room) => authorize(actor, action, room),
    });
  }

  /** Like `require`, by what is stored now, ignoring the cache. */
  async requireStored(actor: ActorRights, action: RoomAction, roomId: RoomId): Promise<RoomAccess> {
    const { userId } = actor;
    const read = await this.#known.read(memberId(roomId, userId), () => this.#read(userId, roomId));
    authorize(actor, action, read === null ? INVISIBLE : toObject(read));
    return read as RoomAccess;
  }

  /**
   * Like `require`, in the `build` of an append, also reading the actor's role from storage; returns the room and the
   * membership of `userId`. Anything not in the checks changes only by events of the room, which the head covers.
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

  /** Like `judge`, for a commit outside the room's log: the checks cover the room and the membership too. */
  async judgeOutside(by: UserId, action: RoomAction, roomId: RoomId): Promise<OutsideJudged> {
    const [room, member, actor] = await this.#db.getMany<unknown>([
      keys.room(roomId),
      keys.member(roomId, by),
      keys.user(by),
    ]) as [Deno.KvEntryMaybe<RoomRow>, Deno.KvEntryMaybe<MemberRow>, Deno.KvEntryMaybe<UserRow>];
    const { rights, checks } = await checkedRights(this.#db, actor);
    const row = room.value;
    authorize(rights, action, row === null ? INVISIBLE : toObject({ row, member: member.value }));
    if (row === null) throw notFound();
    return { row, checks: [room, member, ...checks] };
  }

  /** Like `require`, for an action on a message by `by`. */
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

  /** Drops a membership from the cache, which may be older than storage. */
  forget(userId: UserId, roomId: RoomId): void {
    this.#known.drop(memberId(roomId, userId));
  }

  /** Returns a room's row, or null. */
  async row(roomId: RoomId): Promise<RoomRow | null> {
    return (await this.rows([roomId])).get(roomId) ?? null;
  }

  /** Returns the rows of rooms, reading all missing ones at once. Rooms that do not exist are left out. */
  rows(roomIds: readonly RoomId[]): Promise<Map<RoomId, RoomRow>> {
    return this.#rows.getMany(roomIds, async (missing) => {
      const entries = await this.#db.getMany<RoomRow>(missing.map((roomId) => keys.room(roomId)));
      return entries.map(({ value }) => value);
    });
  }

  /** Returns the error with which subscriptions of a former member end. */
  lossOf(roomId: RoomId): AppError {
    // Subscribers were authorized here, so the kind is known; if it is not, reveal nothing.
    return this.#kinds.get(roomId) === "public"
      ? new AppError("membership_ended", "You are no longer a member of this room")
      : notFound();
  }

  /** Statistics of the cached memberships. */
  get cache(): CacheStats {
    return this.#known;
  }

  /** Unsubscribes from the feed. */
  close(): void {
    this.#unsubscribe();
  }

  async #require(actor: ActorRights, roomId: RoomId, rule: Rule): Promise<RoomAccess> {
    const { userId } = actor;
    const read = () => this.#read(userId, roomId);
    // A refusal is never based on a cached value or an earlier read.
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
          break;
        case "message_sent":
        case "message_edited":
        case "message_deleted":
        case "reaction_changed":
        case "call_started":
        case "call_ended":
        case "file_handed":
          break;
        default:
          event satisfies never;
      }
    }
  }
}

/** Returns the room as `authorize` expects it. */
function toObject({ row, member }: Pick<RoomAccess, "row" | "member">): RoomObject {
  return { kind: row.kind, membership: member?.role ?? null };
}

function memberId(roomId: RoomId, userId: UserId): string {
  return `${roomId} ${userId}`;
}
