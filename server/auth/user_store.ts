import { AppError } from "../../shared/errors.ts";
import { newId } from "../../shared/ids.ts";
import type { RoomId, UserId } from "../../shared/ids.ts";
import { foldName } from "../../shared/names.ts";
import type { Role, User } from "../../shared/user.ts";
import type { Feed } from "../changes.ts";
import type { Commit, Database } from "../kv/database.ts";
import { keys } from "../kv/keys.ts";
import type { RowUpdates } from "../kv/row_updates.ts";
import { deactivation, isSameKey, keysOf, lookKey, ownersAfter, rightsOf } from "./account_change_store.ts";
import type { UserChange } from "./account_change_store.ts";
import { authorize, isBuiltIn } from "./authorize.ts";
import type { ActorRights } from "./authorize.ts";
import { isPretence, LOOKS_VERSION } from "./name_look.ts";
import { pendingSets } from "./pending_room_store.ts";
import type { InvitedBy } from "./pending_room_store.ts";

/** No folded name is longer. As part of a key it must stay below the 2 KiB that storage accepts. */
export const FOLDED_NAME_MAX_LENGTH = 600;

/** How many looks are written at once. */
const LOOKS_AT_ONCE_COUNT = 64;

/** An account as stored. */
export interface UserRow {
  readonly id: UserId;
  readonly name: string;
  readonly role: Role;
  readonly isBot: boolean;
  /** The maker of a bot; null for people and for the server's own bot. */
  readonly ownerId: UserId | null;
  readonly createdAt: string;
  readonly deactivatedAt: string | null;
}

/** The active owners, all in one row. */
export interface OwnersRow {
  readonly userIds: readonly UserId[];
}

/** An account to be created. */
export interface NewUser {
  readonly name: string;
  readonly role: Role;
  readonly ownerId?: UserId;
  /** Whether it is a bot of the server itself. */
  readonly isBuiltIn?: true;
  readonly rooms?: readonly (RoomId | "general")[];
  readonly invite?: InvitedBy;
}

/** An account, with what a commit must check and write to create it. */
export interface PreparedUser {
  readonly row: UserRow;
  readonly commit: Required<Pick<Commit, "checks" | "sets">>;
}

export interface UserStoreOptions {
  readonly db: Database;
  readonly feed: Feed;
  readonly updates: RowUpdates;
  /** Epoch time in milliseconds. */
  readonly now: () => number;
}

/** Accounts and their names. The name of a deactivated person stays taken; that of a bot becomes free. */
export class UserStore {
  readonly #db: Database;
  readonly #feed: Feed;
  readonly #updates: RowUpdates;
  readonly #now: () => number;

  constructor(options: UserStoreOptions) {
    this.#db = options.db;
    this.#feed = options.feed;
    this.#updates = options.updates;
    this.#now = options.now;
  }

  /** Returns an account, or null. */
  async find(userId: UserId): Promise<UserRow | null> {
    return (await this.#db.get<UserRow>(keys.user(userId))).value;
  }

  /** Returns the accounts that exist, in the order of the ids. */
  async findMany(userIds: readonly UserId[]): Promise<User[]> {
    const entries = await this.#db.getMany<UserRow>(userIds.map((userId) => keys.user(userId)));
    return entries.flatMap(({ value }) => value === null ? [] : [toUser(value)]);
  }

  /** Returns the account with this name, or with one that folds to the same text. */
  async findByName(name: string): Promise<UserRow | null> {
    const folded = foldName(name);
    // Nobody has such a long name, and storage rejects keys that are much longer.
    if (folded.length > FOLDED_NAME_MAX_LENGTH) return null;
    const { value } = await this.#db.get<UserId>(keys.userName(folded));
    return value === null ? null : await this.find(value);
  }

  /** Returns at most `limit` accounts with ids after `after`, sorted by id. */
  async list(limit: number, after: string | null): Promise<User[]> {
    const start = after === null ? {} : { start: keys.userAfter(after) };
    const entries = await this.#db.list<UserRow>(keys.users(), { limit, ...start });
    return entries.map(({ value }) => toUser(value));
  }

  /** Throws `name_taken` if the name is in use or reserved. */
  async requireFree(name: string, role: Role): Promise<void> {
    await this.#freeKeys(name, role);
  }

  /** Prepares an account, or throws `name_taken`. Its commit fails if the name has been taken in the meantime. */
  async prepare(user: NewUser): Promise<PreparedUser> {
    const nameKeys = await this.#freeKeys(user.name, user.role);
    const row: UserRow = {
      id: newId<UserId>(),
      name: user.name,
      role: user.role,
      isBot: user.ownerId !== undefined || user.isBuiltIn === true,
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
          ...pendingSets(row.id, user.rooms ?? [], user.invite),
        ],
      },
    };
  }

  /** Changes a name and frees the old one in the same commit. Does nothing if `signal` is already aborted. */
  async rename(userId: UserId, name: string, signal?: AbortSignal): Promise<UserRow> {
    if (await isPretence(name)) throw nameTaken();
    const nextKeys = await keysOf(name);
    return await this.#change(userId, { by: userId, signal }, async (row, maker) => {
      if (maker !== null) authorize(maker, "users.rename", null);
      const entries = await this.#db.getMany<UserId>([...nextKeys, ...await keysOf(row.name)]);
      const next = entries.slice(0, nextKeys.length);
      if (next.some(({ value }) => value !== null && value !== userId)) throw nameTaken();
      // If two names looked alike in an earlier version, only one of them has the look row.
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

  /** Writes the looks of accounts from earlier versions, once a version of looks. If two look alike, the first one gets the row. */
  async fillLooks(): Promise<void> {
    const made = await this.#db.get(keys.nameLooksMade());
    if (made.value === LOOKS_VERSION) return;
    let after: string | null = null;
    do {
      const users: User[] = await this.list(LOOKS_AT_ONCE_COUNT, after);
      // The name of a bot that has ended is free.
      const named = users.filter(({ isBot, deactivatedAt }) => !isBot || deactivatedAt === null);
      await Promise.all(named.map(async ({ id, name }) => {
        const key = await lookKey(name);
        await this.#db.commit({ checks: [{ key, versionstamp: null }], sets: [[key, id]] });
      }));
      after = users.at(-1)?.id ?? null;
    } while (after !== null);
    await this.#db.commit({ sets: [[made.key, LOOKS_VERSION]] });
  }

  /** Changes a role if `by` may do so at the moment of the commit; null means the server itself. */
  setRole(userId: UserId, role: Role, by: UserId | null, signal?: AbortSignal): Promise<UserRow> {
    return this.#changeRights(userId, { by, signal }, async (row, maker) => {
      if (maker !== null) authorize(maker, "users.setRole", { ...row, nextRole: role });
      if (row.deactivatedAt !== null) throw new AppError("not_allowed", "This account is deactivated");
      if (role === "owner" || role === "admin") await this.#requirePassword(userId);
      // Everyone except guests belongs to the general room.
      const rooms = row.role === "guest" && role !== "guest" ? ["general" as const] : [];
      return { row: { ...row, role }, sets: pendingSets(userId, rooms) };
    });
  }

  /** Deactivates an account for good if `by` may do so; its connections close. */
  async deactivate(userId: UserId, by: UserId | null, signal?: AbortSignal): Promise<UserRow> {
    return await this.#changeRights(userId, { by, signal }, (row, maker) => {
      if (maker !== null) authorize(maker, "users.deactivate", row);
      return deactivation(this.#db, row, this.#now());
    });
  }

  /** Returns the keys of a free name. */
  async #freeKeys(name: string, role: Role): Promise<readonly Deno.KvKey[]> {
    // Only the first owner may have a name like "Admin"; for anyone else it would be misleading.
    if (role !== "owner" && await isPretence(name)) throw nameTaken();
    const nameKeys = await keysOf(name);
    const taken = await this.#db.getMany(nameKeys);
    if (taken.some(({ value }) => value !== null)) throw nameTaken();
    return nameKeys;
  }

  /**
   * Changes or ends what an account may do. Such changes wait for each other, because all may touch the row of
   * owners.
   */
  #changeRights(userId: UserId, options: ChangeOptions, change: Change): Promise<UserRow> {
    return this.#updates.run(
      keys.owners(),
      () => this.#change(userId, { ...options, changesRights: true }, change),
      options.signal,
    );
  }

  #change(
    userId: UserId,
    { by = null, signal, changesRights = false }: ChangeOptions,
    change: Change,
  ): Promise<UserRow> {
    return this.#updates.run(keys.user(userId), async () => {
      const [user, owners, reset, maker] = await this.#db.getMany<unknown>([
        keys.user(userId),
        keys.owners(),
        keys.resetOf(userId),
        keys.user(by ?? userId),
      ]) as [
        Deno.KvEntryMaybe<UserRow>,
        Deno.KvEntryMaybe<OwnersRow>,
        Deno.KvEntryMaybe<string>,
        Deno.KvEntryMaybe<UserRow>,
      ];
      if (user.value === null) throw new AppError("not_found", "This person does not exist");
      const { row, checks = [], sets = [], deletes = [], notices = [] } = await change(
        user.value,
        by === null ? null : rightsOf(maker.value),
      );
      const nextOwners = ownersAfter(owners.value?.userIds ?? [], row);
      const isReset = changesRights && reset.value !== null;
      const commit = {
        checks: [
          user,
          ...(by === null || by === userId ? [] : [maker]),
          // The row of owners is shared by all accounts, so only changes to it check it.
          ...(nextOwners.length === 0 ? [] : [owners]),
          // A reset link made for the old role must not open the account with the new one.
          ...(changesRights ? [reset] : []),
          ...checks,
        ],
        sets: [
          [keys.user(userId), row],
          ...(changesRights ? [[keys.rightsChanged(), true] as const] : []),
          ...sets,
          ...nextOwners,
        ],
        deletes: [...deletes, ...(isReset ? [reset.key, keys.reset(reset.value)] : [])],
      } satisfies Commit;
      const told = [{ type: "user_changed", userId } as const, ...notices];
      return await this.#feed.commit(this.#db, commit, told) === null ? null : row;
    }, signal);
  }

  /** An owner without a password would lock everyone out once their session ends. */
  async #requirePassword(userId: UserId): Promise<void> {
    if ((await this.#db.get(keys.password(userId))).value === null) {
      throw new AppError("not_allowed", "This person has no password yet, create a reset link first");
    }
  }
}

interface ChangeOptions {
  /** The account whose rights count; null for the server itself. */
  readonly by?: UserId | null;
  readonly signal?: AbortSignal | undefined;
  /** Also deletes the reset link and invalidates cached rights. */
  readonly changesRights?: boolean;
}

type Change = (row: UserRow, maker: ActorRights | null) => UserChange | Promise<UserChange>;

/** Returns the public form of an account. */
export function toUser(row: UserRow): User {
  return {
    id: row.id,
    name: row.name,
    role: row.role,
    isBot: row.isBot,
    deactivatedAt: row.deactivatedAt,
    ...(isBuiltIn(row) ? { isBuiltIn: true } : {}),
  };
}

function nameTaken(): AppError {
  return new AppError("name_taken", "This name is taken or looks too similar to another");
}
