import { AppError } from "../../shared/errors.ts";
import type { RoomId, UserId } from "../../shared/ids.ts";
import { RIGHTS_CACHE_MS } from "../../shared/limits.ts";
import type { RoomKind } from "../../shared/room.ts";
import { rightsOf } from "../auth/account_change_store.ts";
import { authorize, isAllowed, notFound } from "../auth/authorize.ts";
import type { ActorRights, RoomObject } from "../auth/authorize.ts";
import type { UserRow } from "../auth/user_store.ts";
import type { Database } from "../kv/database.ts";
import { keys } from "../kv/keys.ts";
import type { Feed, Notice } from "../streams/feed.ts";
import type { MemberRow, RoomRow } from "./room_rows.ts";
import { isRoomNotice } from "./room_stream.ts";

/** Beyond this many entries a cache starts again; what is in use comes back with one read. */
const CACHE_MAX_COUNT = 20_000;
/** What a missing room looks like to everybody, so that it answers like one that must not be seen. */
const INVISIBLE: RoomObject = { kind: "private", membership: null };

/** A room and how somebody stands in it. */
export interface RoomAccess {
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

interface Cached<T> {
  readonly value: T;
  readonly at: number;
}

/**
 * Who stands how in which room. A positive answer is kept for at most a second and dropped by the event that ends
 * it; "not a member" is always read from storage, so that what was granted anywhere holds at once.
 */
export class RoomAccessStore {
  readonly #db: Database;
  readonly #now: () => number;
  readonly #rows = new Map<RoomId, Cached<RoomRow>>();
  readonly #members = new Map<string, Cached<MemberRow>>();
  readonly #reading = new Map<string, Promise<RoomAccess | null>>();
  /** A room's kind never changes. */
  readonly #kinds = new Map<RoomId, RoomKind>();
  readonly #unsubscribe: () => void;
  /** Counts what was dropped; a read that a change overtook is not kept. */
  #version = 0;

  /** Listens to the feed from now on. */
  constructor(options: RoomAccessOptions) {
    this.#db = options.db;
    this.#now = options.now;
    this.#unsubscribe = options.feed.subscribe("cache", (notice) => this.#handle(notice));
  }

  /** Gives the room and the membership; null when there is no such room. No storage is read when both are known. */
  async find(userId: UserId, roomId: RoomId): Promise<RoomAccess | null> {
    return this.#known(userId, roomId) ?? await this.#read(userId, roomId);
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
    const read = await this.#read(actor.userId, roomId);
    authorize(actor, action, read === null ? INVISIBLE : toObject(read));
    return read as RoomAccess;
  }

  /**
   * The same by storage alone, the actor's role included, for the `build` of an append; gives the room and how
   * `userId` stands in it. What is not in the checks is an event of the room, so the check of the head covers it.
   */
  async judge({ roomId, by, asks }: RoomRequest, userId: UserId): Promise<JudgedRequest> {
    const [room, member, maker, own] = await this.#db.getMany<unknown>([
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
    if (asks !== undefined) {
      authorize(rightsOf(maker.value), asks, row === null ? INVISIBLE : toObject({ row, member: standing }));
    }
    return { row, member: member.value, checks: asks === undefined ? [] : [maker] };
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
    this.#dropMember(roomId, userId);
    this.#rows.delete(roomId);
  }

  /** Gives the room's row; null when there is none. */
  async row(roomId: RoomId): Promise<RoomRow | null> {
    return (await this.rows([roomId])).get(roomId) ?? null;
  }

  /** Gives the rows of rooms, in one read for all that are not known; who is missing does not exist. */
  async rows(roomIds: readonly RoomId[]): Promise<Map<RoomId, RoomRow>> {
    const rows = new Map<RoomId, RoomRow>();
    const missing: RoomId[] = [];
    for (const roomId of roomIds) {
      const known = this.#fresh(this.#rows, roomId);
      if (known === undefined) missing.push(roomId);
      else rows.set(roomId, known);
    }
    const version = this.#version;
    const read = await this.#db.getMany<RoomRow>(missing.map((roomId) => keys.room(roomId)));
    for (const [index, roomId] of missing.entries()) {
      const value = read[index]?.value;
      if (!value) continue;
      rows.set(roomId, value);
      this.#keepRow(roomId, value, version);
    }
    return rows;
  }

  /** What a person hears whose subscriptions to the room end because it is no longer in it. */
  lossOf(roomId: RoomId): AppError {
    // Who subscribed was let in here, so the kind is known; a room that is not says nothing about itself.
    return this.#kinds.get(roomId) === "public"
      ? new AppError("membership_ended", "You are no longer a member of this room")
      : notFound();
  }

  /** Stops listening. */
  close(): void {
    this.#unsubscribe();
  }

  async #require(actor: ActorRights, roomId: RoomId, rule: Rule): Promise<RoomAccess> {
    const known = await this.#recent(actor.userId, roomId);
    if (known !== null && rule.isAllowed(toObject(known))) return known;
    // A refusal is never given from what was cached.
    const read = await this.#read(actor.userId, roomId);
    rule.authorize(read === null ? INVISIBLE : toObject(read));
    return read as RoomAccess;
  }

  /** What is known, or a read that may have begun before: good enough to allow, and all who wait go on in order. */
  #recent(userId: UserId, roomId: RoomId): Promise<RoomAccess | null> {
    const known = this.#known(userId, roomId);
    if (known !== undefined) return Promise.resolve(known);
    const id = memberId(roomId, userId);
    const joined = this.#reading.get(id);
    if (joined !== undefined) return joined;
    const reading = this.#read(userId, roomId).finally(() => {
      if (this.#reading.get(id) === reading) this.#reading.delete(id);
    });
    this.#reading.set(id, reading);
    return reading;
  }

  #known(userId: UserId, roomId: RoomId): RoomAccess | undefined {
    const row = this.#fresh(this.#rows, roomId);
    const member = this.#fresh(this.#members, memberId(roomId, userId));
    return row === undefined || member === undefined ? undefined : { row, member };
  }

  async #read(userId: UserId, roomId: RoomId): Promise<RoomAccess | null> {
    const version = this.#version;
    const [room, member] = await this.#db.getMany<unknown>([
      keys.room(roomId),
      keys.member(roomId, userId),
    ]) as [Deno.KvEntryMaybe<RoomRow>, Deno.KvEntryMaybe<MemberRow>];
    if (room.value === null) return null;
    this.#keepRow(roomId, room.value, version);
    if (member.value !== null && version === this.#version) {
      if (this.#members.size >= CACHE_MAX_COUNT) this.#members.clear();
      this.#members.set(memberId(roomId, userId), { value: member.value, at: this.#now() });
    }
    return { row: room.value, member: member.value };
  }

  #keepRow(roomId: RoomId, value: RoomRow, version: number): void {
    this.#kinds.set(roomId, value.kind);
    if (version !== this.#version) return;
    if (this.#rows.size >= CACHE_MAX_COUNT) this.#rows.clear();
    this.#rows.set(roomId, { value, at: this.#now() });
  }

  #fresh<K, T>(cache: Map<K, Cached<T>>, key: K): T | undefined {
    const entry = cache.get(key);
    if (entry === undefined) return undefined;
    // A clock that was set back must not make a second last for an hour.
    const age = this.#now() - entry.at;
    return age >= 0 && age < RIGHTS_CACHE_MS ? entry.value : undefined;
  }

  #handle(notice: Notice): void {
    if (!isRoomNotice(notice)) return;
    for (const event of notice.events) {
      switch (event.type) {
        case "member_joined":
        case "member_left":
        case "member_role_changed":
          this.#dropMember(notice.streamId, event.userId);
          break;
        case "room_updated":
          this.#dropRow(notice.streamId);
      }
    }
  }

  #dropMember(roomId: RoomId, userId: UserId): void {
    this.#version++;
    const id = memberId(roomId, userId);
    this.#members.delete(id);
    this.#reading.delete(id);
  }

  #dropRow(roomId: RoomId): void {
    this.#version++;
    this.#rows.delete(roomId);
    this.#reading.clear();
  }
}

/** The room as the rules of rights look at it. */
export function toObject({ row, member }: RoomAccess): RoomObject {
  return { kind: row.kind, membership: member?.role ?? null };
}

function memberId(roomId: RoomId, userId: UserId): string {
  return `${roomId} ${userId}`;
}
