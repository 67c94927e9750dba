import { AppError } from "../../shared/errors.ts";
import { newId } from "../../shared/ids.ts";
import type { RoomId, UserId } from "../../shared/ids.ts";
import { foldName, isReservedName } from "../../shared/names.ts";
import type { Role, User } from "../../shared/user.ts";
import type { Commit, Database } from "../kv/database.ts";
import { keys } from "../kv/keys.ts";
import type { ChangeNotice, Feed } from "../streams/feed.ts";
import { lookOf } from "./name_look.ts";
import { hashSecret } from "./secrets.ts";

/** No folded name is longer, and as part of a key it stays below the 2 KiB that storage takes. */
export const FOLDED_NAME_MAX_LENGTH = 600;

/** How many looks are written at once. */
const LOOKS_AT_ONCE_COUNT = 64;

/** An account as stored. */
export interface UserRow {
  readonly id: UserId;
  readonly name: string;
  readonly role: Role;
  readonly isBot: boolean;
  /** Who made a bot; null for people. */
  readonly ownerId: UserId | null;
  readonly createdAt: string;
  readonly deactivatedAt: string | null;
}

/** Rooms that an account still has to join, should the process end between the account and the rooms. */
export interface PendingRoomsRow {
  readonly userId: UserId;
  readonly rooms: readonly (RoomId | "general")[];
}

/** The active owners, all in one row. */
export interface OwnersRow {
  readonly userIds: readonly UserId[];
}

/** An account that is about to be made. */
export interface NewUser {
  readonly name: string;
  readonly role: Role;
  readonly ownerId?: UserId;
  readonly rooms?: readonly (RoomId | "general")[];
}

/** An account and what a commit must check and write to make it. */
export interface UserDraft {
  readonly row: UserRow;
  readonly commit: Required<Pick<Commit, "checks" | "sets">>;
}

/** What the store works with. */
export interface UserStoreOptions {
  readonly db: Database;
  readonly feed: Feed;
  /** Epoch time in milliseconds. */
  readonly now: () => number;
}

/** Accounts and their names. A name is taken as long as its account exists, deactivated or not. */
export class UserStore {
  readonly #db: Database;
  readonly #feed: Feed;
  readonly #now: () => number;

  /** Works on `db` and tells `feed` of changes. */
  constructor(options: UserStoreOptions) {
    this.#db = options.db;
    this.#feed = options.feed;
    this.#now = options.now;
  }

  /** Gives an account; null when there is none. */
  async find(userId: UserId): Promise<UserRow | null> {
    return (await this.#db.get<UserRow>(keys.user(userId))).value;
  }

  /** Gives those of the accounts that exist, in the order of the ids. */
  async findMany(userIds: readonly UserId[]): Promise<User[]> {
    const entries = await this.#db.getMany<UserRow>(userIds.map((userId) => keys.user(userId)));
    return entries.flatMap(({ value }) => value === null ? [] : [toUser(value)]);
  }

  /** Gives the account that has this name or one that looks like it. */
  async findByName(name: string): Promise<UserRow | null> {
    const folded = foldName(name);
    // Nobody has so long a name, and storage takes no key that is much longer.
    if (folded.length > FOLDED_NAME_MAX_LENGTH) return null;
    const { value } = await this.#db.get<UserId>(keys.userName(folded));
    return value === null ? null : await this.find(value);
  }

  /** Gives at most `limit` accounts with ids after `after`, in the order of ids. */
  async list(limit: number, after: string | null): Promise<User[]> {
    const start = after === null ? {} : { start: keys.userAfter(after) };
    const entries = await this.#db.list<UserRow>(keys.users(), { limit, ...start });
    return entries.map(({ value }) => toUser(value));
  }

  /** Throws `name_taken` when somebody has this name, or nobody may. */
  async requireFree(name: string, role: Role): Promise<void> {
    // The first owner may be called by what it is; later such a name would be a pretence.
    if (role !== "owner" && isPretence(name)) throw nameTaken();
    const taken = await this.#db.getMany(keysOf(name));
    if (taken.some(({ value }) => value !== null)) throw nameTaken();
  }

  /** Prepares an account, or throws `name_taken`; its commit fails when the name was taken meanwhile. */
  async draft(user: NewUser): Promise<UserDraft> {
    await this.requireFree(user.name, user.role);
    const nameKeys = keysOf(user.name);
    const row: UserRow = {
      id: newId<UserId>(),
      name: user.name,
      role: user.role,
      isBot: user.ownerId !== undefined,
      ownerId: user.ownerId ?? null,
      createdAt: new Date(this.#now()).toISOString(),
      deactivatedAt: null,
    };
    return {
      row,
      commit: {
        checks: nameKeys.map((key) => ({ key, versionstamp: null })),
        sets: [
          [keys.user(row.id), row],
          ...nameKeys.map((key) => [key, row.id] as const),
          ...pendingSets(row.id, user.rooms),
        ],
      },
    };
  }

  /** Changes a name and frees the old one in the same commit. */
  async rename(userId: UserId, name: string): Promise<UserRow> {
    if (isPretence(name)) throw nameTaken();
    const nextKeys = keysOf(name);
    return await this.#change(userId, async (row) => {
      const entries = await this.#db.getMany<UserId>([...nextKeys, ...keysOf(row.name)]);
      const next = entries.slice(0, nextKeys.length);
      if (next.some(({ value }) => value !== null && value !== userId)) throw nameTaken();
      // Of two that looked alike in an earlier version one alone has the look.
      const old = entries.slice(nextKeys.length).filter(({ key, value }) => {
        return value === userId && !nextKeys.some((nextKey) => isSameKey(nextKey, key));
      });
      return {
        row: { ...row, name },
        checks: [...next, ...old],
        sets: nextKeys.map((key) => [key, userId] as const),
        deletes: old.map(({ key }) => key),
      };
    });
  }

  /** Gives accounts of earlier versions their looks, once; of two that look alike the one that comes first has it. */
  async fillLooks(): Promise<void> {
    const made = await this.#db.get(keys.nameLooksMade());
    if (made.value !== null) return;
    let after: string | null = null;
    do {
      const users: User[] = await this.list(LOOKS_AT_ONCE_COUNT, after);
      await Promise.all(users.map(({ id, name }) => {
        const key = lookKey(name);
        return this.#db.commit({ checks: [{ key, versionstamp: null }], sets: [[key, id]] });
      }));
      after = users.at(-1)?.id ?? null;
    } while (after !== null);
    await this.#db.commit({ sets: [[made.key, true]] });
  }

  /** Changes a role after `judge` has allowed it for the row as it is at that moment. */
  setRole(userId: UserId, role: Role, judge: (row: UserRow) => void): Promise<UserRow> {
    return this.#change(userId, async (row) => {
      judge(row);
      if (row.deactivatedAt !== null) throw new AppError("not_allowed", "This account is deactivated");
      if (role === "owner" || role === "admin") await this.#requirePassword(userId);
      // From guest on everybody belongs to the room of all.
      const rooms = row.role === "guest" && role !== "guest" ? ["general" as const] : [];
      return { row: { ...row, role }, sets: pendingSets(userId, rooms) };
    });
  }

  /** Ends an account for ever, after `judge` has allowed it; its name stays taken, its connections close. */
  async deactivate(userId: UserId, judge: (row: UserRow) => void): Promise<UserRow> {
    return await this.#change(userId, (row) => {
      judge(row);
      const deactivatedAt = row.deactivatedAt ?? new Date(this.#now()).toISOString();
      return {
        row: { ...row, deactivatedAt },
        deletes: [keys.password(userId), keys.statusText(userId)],
        notices: [{ type: "session_ended", userId, sessionId: null, tokenId: null, reason: "deactivated" }],
      };
    });
  }

  async #change(
    userId: UserId,
    change: (row: UserRow) => UserChange | Promise<UserChange>,
  ): Promise<UserRow> {
    for (;;) {
      const [user, owners] = await this.#db.getMany<unknown>([keys.user(userId), keys.owners()]) as [
        Deno.KvEntryMaybe<UserRow>,
        Deno.KvEntryMaybe<OwnersRow>,
      ];
      if (user.value === null) throw new AppError("not_found", "There is no such person");
      const { row, checks = [], sets = [], deletes = [], notices = [] } = await change(user.value);
      const nextOwners = ownersAfter(owners.value?.userIds ?? [], row);
      const commit = {
        checks: [user, owners, ...checks],
        sets: [[keys.user(userId), row], ...sets, ...nextOwners],
        deletes,
      } satisfies Commit;
      const told = [{ type: "user_changed", userId } as const, ...notices];
      if (await this.#feed.commit(this.#db, commit, told) !== null) return row;
    }
  }

  /** Somebody without a password is gone when the session ends; an owner like that would lock everybody out. */
  async #requirePassword(userId: UserId): Promise<void> {
    if ((await this.#db.get(keys.password(userId))).value === null) {
      throw new AppError("not_allowed", "This person has no password yet, make a reset link first");
    }
  }
}

/** A name is somebody's alone as it is found and as it looks. */
function keysOf(name: string): readonly [found: Deno.KvKey, looks: Deno.KvKey] {
  return [keys.userName(foldName(name)), lookKey(name)];
}

function lookKey(name: string): Deno.KvKey {
  return keys.nameLook(hashSecret(lookOf(name)));
}

/** Says whether a name reads like a role, the product or a word that means many people. */
function isPretence(name: string): boolean {
  return isReservedName(name) || isReservedName(lookOf(name));
}

function isSameKey(a: Deno.KvKey, b: Deno.KvKey): boolean {
  return a.length === b.length && a.every((part, index) => part === b[index]);
}

interface UserChange extends Commit {
  readonly row: UserRow;
  /** What others hear beside that the account has changed. */
  readonly notices?: readonly ChangeNotice[];
}

function pendingSets(
  userId: UserId,
  rooms: PendingRoomsRow["rooms"] = [],
): (readonly [Deno.KvKey, PendingRoomsRow])[] {
  return rooms.length === 0 ? [] : [[keys.pendingRooms(userId), { userId, rooms }]];
}

/** Shows an account as everybody sees it. */
export function toUser(row: UserRow): User {
  return {
    id: row.id,
    name: row.name,
    role: row.role,
    isBot: row.isBot,
    deactivatedAt: row.deactivatedAt,
  };
}

/** Gives the change of the owners' row that goes with a change of an account; the last one stays. */
function ownersAfter(userIds: readonly UserId[], row: UserRow): [Deno.KvKey, OwnersRow][] {
  const isOwner = row.role === "owner" && row.deactivatedAt === null;
  if (isOwner === userIds.includes(row.id)) return [];
  const next = isOwner ? [...userIds, row.id] : userIds.filter((userId) => userId !== row.id);
  if (next.length === 0) {
    throw new AppError("last_owner", "The last owner stays: make somebody else owner first");
  }
  return [[keys.owners(), { userIds: next }]];
}

function nameTaken(): AppError {
  return new AppError("name_taken", "This name is taken, or looks like one that is");
}
