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
import type { RoomAppendRequest, RoomBuilt, RoomEventLog } from "./room_stream.ts";

const MEMBERS_MAX_COUNT = 100_000;
const COUNTS_MAX_COUNT = 10_000;

/** A membership as lists give it. */
export interface Member extends MemberRow {
  readonly userId: UserId;
}

/** The rooms of a person and everybody in them. */
export interface Neighbours {
  readonly roomIds: ReadonlySet<RoomId>;
  readonly userIds: ReadonlySet<UserId>;
}

/** Who comes to which room; `by` is themselves unless told. */
export interface JoinOptions extends Omit<RoomRequest, "by"> {
  readonly userId: UserId;
  readonly by?: UserId;
  /** What judges them at the moment of the commit, and whose removal keeps them out. */
  readonly invitation?: Invitation;
}

/** By what somebody comes into a room who was not in the place before. */
export interface Invitation {
  readonly by: UserId;
  /** Throws for one that does not hold; gives what the commit has to check. */
  judge(): Promise<Deno.AtomicCheck[]>;
}

/** Options of `leave`; `by` defaults to the user. */
export interface LeaveOptions extends Omit<RoomRequest, "by"> {
  readonly userId: UserId;
  readonly by?: UserId;
}

/** Who gets which role. */
export interface RoleOptions extends RoomRequest {
  readonly userId: UserId;
  readonly role: RoomRole;
}

/** What the store works with. */
export interface MembershipOptions {
  readonly db: Database;
  readonly feed: Feed;
  readonly eventLog: RoomEventLog;
  readonly readStates: ReadStateStore;
  readonly accesses: RoomAccessStore;
}

interface MembershipChange extends RoomRequest {
  readonly userId: UserId;
  readonly invitation?: Invitation | undefined;
}

type BuildMembership = (room: RoomRow | null, member: MemberRow | null, slot: Slot) => RoomBuilt;

/** Nothing had to be done; never leaves this file. */
class Unchanged extends Error {}

/** Who is in which room. Every change is an event of the room's log, in one commit with its rows. */
export class MembershipStore {
  readonly #options: MembershipOptions;
  /** Members by room, for rooms that somebody asked for; exact by the events. */
  readonly #counts = new ReadCache<RoomId, number>({ maxCount: COUNTS_MAX_COUNT });
  readonly #unsubscribe: () => void;

  /** Listens to the feed from now on. */
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

  /** Brings somebody into a public or private room, as a member who has read everything. Joining twice is fine. */
  async join({ userId, roomId, by = userId, asks, invitation }: JoinOptions): Promise<void> {
    await this.#append({ roomId, userId, by, asks, invitation }, (room, member, slot) => {
      if (room === null) throw notFound();
      if (member !== null) throw new Unchanged();
      refuseDirect(room);
      if (room.archivedAt !== null) throw new AppError("room_archived", "The room is archived");
      return {
        body: { type: "member_joined", userId, role: "member" },
        sets: this.rowsFor({ roomId, userId, role: "member", slot }),
        deletes: [keys.memberSent(userId, roomId)],
      };
    });
  }

  /** Takes somebody out of a public or private room. Nothing above the event's offset reaches them. */
  async leave({ userId, roomId, by = userId, asks }: LeaveOptions): Promise<void> {
    await this.#append({ roomId, userId, by, asks }, (room, member) => {
      if (room === null || member === null) throw new Unchanged();
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

  /** Makes a member a moderator or takes that away; `not_found` for who is not a member. */
  async setRole({ userId, roomId, role, by, asks }: RoleOptions): Promise<void> {
    await this.#append({ roomId, userId, by, asks }, (room, member) => {
      if (room === null || member === null) throw notFound();
      refuseDirect(room);
      if (member.role === role) throw new Unchanged();
      return {
        body: { type: "member_role_changed", userId, role },
        sets: [[keys.member(roomId, userId), { ...member, role } satisfies MemberRow]],
      };
    });
  }

  /** The rows of a fresh membership, for the commit of the event that begins it. */
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

  /** Throws for whose account has ended, who is brought in nowhere; gives what the commit has to check. */
  async activeCheck(userId: UserId): Promise<Deno.AtomicCheck> {
    const user = await this.#options.db.get<UserRow>(keys.user(userId));
    if (user.value === null) throw notFound();
    if (user.value.deactivatedAt !== null) {
      throw new AppError("not_allowed", "This account is deactivated");
    }
    return user;
  }

  /** Lists members in the order of their ids. */
  async page(roomId: RoomId, cursor: string | undefined, limit: number): Promise<Page<Member>> {
    const start = cursor === undefined ? {} : { start: keys.member(roomId, cursor as UserId) };
    const entries = await this.#options.db.list<MemberRow>(keys.members(roomId), {
      limit: limit + 1,
      ...start,
    });
    const members = entries.map(({ key, value }) => ({ userId: key[2] as UserId, ...value }));
    // The cursor names the first of the next page: it may have left by then, its place stays.
    return { items: members.slice(0, limit), cursor: members[limit]?.userId ?? null };
  }

  /** Gives everybody who is in a room. */
  async memberIds(roomId: RoomId): Promise<UserId[]> {
    const entries = await this.#options.db.list<MemberRow>(keys.members(roomId), {
      limit: MEMBERS_MAX_COUNT,
    });
    return entries.map((entry) => entry.key[2] as UserId);
  }

  /** Picks those of `userIds` who are in the room. */
  async membersAmong(roomId: RoomId, userIds: readonly UserId[]): Promise<Set<UserId>> {
    const entries = await this.#options.db.getMany<MemberRow>(
      userIds.map((userId) => keys.member(roomId, userId)),
    );
    return new Set(userIds.filter((_, index) => entries[index]?.value));
  }

  /** Counts a room's members: by listing them once, then, where nobody else writes, by the events. */
  async count(roomId: RoomId): Promise<number> {
    return await this.#counts.get(roomId, async () => (await this.memberIds(roomId)).length) ?? 0;
  }

  /** Gives the rooms that somebody is in. */
  async roomsOf(userId: UserId): Promise<RoomId[]> {
    return [...(await this.#options.readStates.listOf(userId)).keys()];
  }

  /** Gives somebody's rooms and everybody in them, themselves included. */
  async neighboursOf(userId: UserId): Promise<Neighbours> {
    const roomIds = await this.roomsOf(userId);
    const members = await Promise.all(roomIds.map((roomId) => this.memberIds(roomId)));
    return { roomIds: new Set(roomIds), userIds: new Set([userId, ...members.flat()]) };
  }

  /** Says whether two people have a room in common. */
  async sharesRoom(a: UserId, b: UserId): Promise<boolean> {
    const roomIds = await this.roomsOf(a);
    const entries = await this.#options.db.getMany<MemberRow>(
      roomIds.map((roomId) => keys.member(roomId, b)),
    );
    return entries.some((entry) => entry.value !== null);
  }

  /** How the counts that are known do. */
  get cache(): CacheStats {
    return this.#counts;
  }

  /** Stops listening. */
  close(): void {
    this.#unsubscribe();
  }

  async #append(
    { roomId, userId, by, asks, invitation }: MembershipChange,
    build: BuildMembership,
  ): Promise<void> {
    const request: RoomAppendRequest = {
      by,
      targets: [userId, by, ...(invitation === undefined ? [] : [invitation.by])].map(memberTarget),
      build: async (slot) => {
        // First, and from storage: whatever was true when this was queued, it may be behind a removal.
        const judged = await this.#options.accesses.judge({ roomId, by, asks }, userId);
        const checks = [...judged.checks];
        if (invitation !== undefined) checks.push(...await invitation.judge());
        if (asks === "room.addMember") checks.push(await this.activeCheck(userId));
        return { ...build(judged.row, judged.member, slot), checks };
      },
    };
    try {
      await this.#options.eventLog.append(roomId, request);
    } catch (error) {
      if (!(error instanceof Unchanged)) throw error;
    }
  }

  #count(roomId: RoomId, change: number): void {
    const known = this.#counts.peek(roomId);
    // What was listed may hold already what another instance did and the feed brings only now.
    if (known === undefined || this.#options.feed.isShared) this.#counts.drop(roomId);
    else this.#counts.set(roomId, known + change);
  }
}

/** Target of append requests that depend on somebody's membership: no two of them share a commit. */
export function memberTarget(userId: UserId): string {
  return `member:${userId}`;
}

/** A direct room has exactly two members for ever. */
function refuseDirect(room: RoomRow): void {
  if (room.kind === "direct") throw new AppError("not_allowed", "A direct room keeps its two people");
}
