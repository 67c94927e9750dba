import { AppError } from "../../shared/errors.ts";
import type { RoomId, UserId } from "../../shared/ids.ts";
import type { RoomRole } from "../../shared/room.ts";
import type { Page } from "../../shared/user.ts";
import type { Feed } from "../changes.ts";
import { notFound } from "../auth/authorize.ts";
import type { UserRow } from "../auth/user_store.ts";
import type { Database } from "../kv/database.ts";
import { keys } from "../kv/keys.ts";
import { ReadCache } from "../kv/read_cache.ts";
import type { CacheStats } from "../kv/read_cache.ts";
import type { Slot } from "../streams/event_log.ts";
import type { ReadStateStore } from "./read_state_store.ts";
import type { RoomAccessStore, RoomRequest } from "./room_access_store.ts";
import type { MemberOfRow, MemberRow, RoomRow } from "./room_records.ts";
import { isRoomNotice } from "./room_stream.ts";
import type { RoomBuilt, RoomEventLog } from "./room_stream.ts";

const MEMBERS_MAX_COUNT = 100_000;
const COUNTS_MAX_COUNT = 10_000;

/** A member in a list. */
export interface Member extends MemberRow {
  readonly userId: UserId;
}

/** The rooms of a person and all of their members. */
export interface Neighbours {
  readonly roomIds: ReadonlySet<RoomId>;
  readonly userIds: ReadonlySet<UserId>;
}

/** Options of `join`; `by` defaults to the user. */
export interface JoinOptions extends Omit<RoomRequest, "by"> {
  readonly userId: UserId;
  readonly by?: UserId;
  /** The invitation by which the user enters, checked during the commit; it fails once its creator is removed. */
  readonly invitation?: Invitation;
}

/** How people who are new to the workspace enter a room. */
export interface Invitation {
  readonly by: UserId;
  /** Throws if it is not valid; returns the checks for the commit. */
  judge(): Promise<Deno.AtomicCheck[]>;
}

/** Options of `leave`; `by` defaults to the user. */
export interface LeaveOptions extends Omit<RoomRequest, "by"> {
  readonly userId: UserId;
  readonly by?: UserId;
}

export interface RoleOptions extends RoomRequest {
  readonly userId: UserId;
  readonly role: RoomRole;
}

export interface MembershipOptions {
  readonly db: Database;
  readonly feed: Feed;
  readonly roomLog: RoomEventLog;
  readonly readStates: ReadStateStore;
  readonly access: RoomAccessStore;
}

interface MembershipChange extends RoomRequest {
  readonly userId: UserId;
  readonly invitation?: Invitation | undefined;
}

type BuildMembership = (room: RoomRow | null, member: MemberRow | null, slot: Slot) => RoomBuilt | null;

/** Memberships. Every change is an event in the room's log, committed together with its rows. */
export class MembershipStore {
  readonly #options: MembershipOptions;
  /** Member counts of rooms that were asked for, kept up to date by events. */
  readonly #counts = new ReadCache<RoomId, number>({ maxCount: COUNTS_MAX_COUNT });
  readonly #unsubscribe: () => void;

  /** Subscribes to the feed. */
  constructor(options: MembershipOptions) {
    this.#options = options;
    this.#unsubscribe = options.feed.subscribe("cache", (notice) => {
      if (!isRoomNotice(notice)) return;
      for (const { type } of notice.events) {
        if (type === "member_joined") this.#count(notice.streamId, 1);
        else if (type === "member_left") this.#count(notice.streamId, -1);
      }
    });
  }

  /** Adds a member to a public or private room, with everything marked as read. Joining twice has no effect. */
  async join({ userId, roomId, by = userId, asks, invitation }: JoinOptions): Promise<void> {
    await this.#append({ roomId, userId, by, asks, invitation }, (room, member, slot) => {
      if (room === null) throw notFound();
      if (member !== null) return null;
      refuseDirect(room);
      if (room.archivedAt !== null) throw new AppError("room_archived", "The room is archived");
      return {
        body: { type: "member_joined", userId, role: "member" },
        sets: this.rowsFor({ roomId, userId, role: "member", slot }),
        deletes: [keys.memberSent(userId, roomId)],
      };
    });
  }

  /** Removes a member from a public or private room. They receive nothing after the event's offset. */
  async leave({ userId, roomId, by = userId, asks }: LeaveOptions): Promise<void> {
    await this.#append({ roomId, userId, by, asks }, (room, member) => {
      if (room === null || member === null) return null;
      refuseDirect(room);
      return {
        body: { type: "member_left", userId },
        deletes: [
          keys.member(roomId, userId),
          keys.memberOf(userId, roomId),
          keys.memberSent(userId, roomId),
        ],
      };
    });
  }

  /** Sets the role of a member; throws `not_found` for anyone else. */
  async setRole({ userId, roomId, role, by, asks }: RoleOptions): Promise<void> {
    await this.#append({ roomId, userId, by, asks }, (room, member) => {
      if (room === null || member === null) throw notFound();
      refuseDirect(room);
      if (member.role === role) return null;
      return {
        body: { type: "member_role_changed", userId, role },
        sets: [[keys.member(roomId, userId), { ...member, role } satisfies MemberRow]],
      };
    });
  }

  /** Returns the rows of a new membership, for the commit of its event. */
  rowsFor(options: {
    readonly roomId: RoomId;
    readonly userId: UserId;
    readonly role: RoomRole;
    readonly slot: Slot;
  }): (readonly [Deno.KvKey, MemberRow | MemberOfRow])[] {
    const { roomId, userId, role, slot } = options;
    return [
      [keys.member(roomId, userId), { role, joinedAt: slot.at }],
      [keys.memberOf(userId, roomId), this.#options.readStates.firstRow(slot)],
    ];
  }

  /** Throws if the account is deactivated or missing; returns the checks for the commit. */
  async activeCheck(userId: UserId): Promise<Deno.AtomicCheck> {
    const user = await this.#options.db.get<UserRow>(keys.user(userId));
    if (user.value === null) throw notFound();
    if (user.value.deactivatedAt !== null) {
      throw new AppError("not_allowed", "This account is deactivated");
    }
    return user;
  }

  /** Lists members, sorted by id. */
  async page(roomId: RoomId, cursor: string | undefined, limit: number): Promise<Page<Member>> {
    const start = cursor === undefined ? {} : { start: keys.member(roomId, cursor as UserId) };
    const entries = await this.#options.db.list<MemberRow>(keys.members(roomId), {
      limit: limit + 1,
      ...start,
    });
    const members = entries.map(({ key, value }) => ({ userId: key[2] as UserId, ...value }));
    // The cursor is the first id of the next page; it also works after that member has left.
    return { items: members.slice(0, limit), cursor: members[limit]?.userId ?? null };
  }

  /** Returns all members of a room. */
  async memberIds(roomId: RoomId): Promise<UserId[]> {
    const entries = await this.#options.db.list<MemberRow>(keys.members(roomId), {
      limit: MEMBERS_MAX_COUNT,
    });
    return entries.map((entry) => entry.key[2] as UserId);
  }

  /** Returns those of `userIds` who are members of the room. */
  async membersAmong(roomId: RoomId, userIds: readonly UserId[]): Promise<Set<UserId>> {
    const entries = await this.#options.db.getMany<MemberRow>(
      userIds.map((userId) => keys.member(roomId, userId)),
    );
    return new Set(userIds.filter((_, index) => entries[index]?.value));
  }

  /** Counts a room's members: listed once and then, with a single instance, updated by events. */
  async count(roomId: RoomId): Promise<number> {
    return await this.#counts.get(roomId, async () => (await this.memberIds(roomId)).length) ?? 0;
  }

  /** Returns the rooms of a person. */
  async roomsOf(userId: UserId): Promise<RoomId[]> {
    return [...(await this.#options.readStates.listOf(userId)).keys()];
  }

  /** Returns a person's rooms and all of their members, including the person. */
  async neighboursOf(userId: UserId): Promise<Neighbours> {
    const roomIds = await this.roomsOf(userId);
    const members = await Promise.all(roomIds.map((roomId) => this.memberIds(roomId)));
    return { roomIds: new Set(roomIds), userIds: new Set([userId, ...members.flat()]) };
  }

  /** Returns whether two people share a room. */
  async sharesRoom(a: UserId, b: UserId): Promise<boolean> {
    const roomIds = await this.roomsOf(a);
    const entries = await this.#options.db.getMany<MemberRow>(
      roomIds.map((roomId) => keys.member(roomId, b)),
    );
    return entries.some((entry) => entry.value !== null);
  }

  /** Statistics of the cached counts. */
  get cache(): CacheStats {
    return this.#counts;
  }

  /** Unsubscribes from the feed. */
  close(): void {
    this.#unsubscribe();
  }

  async #append(
    { roomId, userId, by, asks, invitation }: MembershipChange,
    build: BuildMembership,
  ): Promise<void> {
    await this.#options.roomLog.append(roomId, {
      by,
      targets: [userId, by, ...(invitation === undefined ? [] : [invitation.by])].map(memberTarget),
      build: async (slot) => {
        // Check again, in storage: `by` may have been removed since this request was queued.
        const judged = await this.#options.access.judge({ roomId, by, asks }, userId);
        const checks = [...judged.checks];
        if (invitation !== undefined) checks.push(...await invitation.judge());
        if (asks === "room.addMember") checks.push(await this.activeCheck(userId));
        const built = build(judged.row, judged.member, slot);
        return built === null ? null : { ...built, checks };
      },
    });
  }

  #count(roomId: RoomId, change: number): void {
    const known = this.#counts.peek(roomId);
    // The list may already include changes of other instances that the feed delivers later.
    if (known === undefined || this.#options.feed.isShared) this.#counts.drop(roomId);
    else this.#counts.set(roomId, known + change);
  }
}

/** Target of append requests that depend on a membership: two of them never share a commit. */
export function memberTarget(userId: UserId): string {
  return `member:${userId}`;
}

/** Throws for direct rooms, which always have exactly two members. */
export function refuseDirect(room: RoomRow): void {
  if (room.kind === "direct") throw new AppError("not_allowed", "A direct room keeps its two people");
}
