import { AppError } from "../../shared/errors.ts";
import { newId } from "../../shared/ids.ts";
import type { RoomId, UserId } from "../../shared/ids.ts";
import { foldName, isReservedName } from "../../shared/names.ts";
import type { Role, User } from "../../shared/user.ts";
import type { Commit, Database } from "../kv/database.ts";
import { keys } from "../kv/keys.ts";
import type { RowUpdates } from "../kv/row_updates.ts";
import type { Feed } from "../streams/feed.ts";
import { deactivation, isSameKey, keysOf, lookKey, ownersAfter, rightsOf } from "./account_change_store.ts";
import type { UserChange } from "./account_change_store.ts";
import { authorize } from "./authorize.ts";
import type { ActorRights } from "./authorize.ts";
import { lookOf } from "./name_look.ts";
import { pendingSets } from "./pending_room_store.ts";
import type { InvitedBy } from "./pending_room_store.ts";

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
  readonly invite?: InvitedBy;
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
  readonly updates: RowUpdates;
  /** Epoch time in milliseconds. */
  readonly now: () => number;
}

/** Accounts and their names. A person's name stays taken when the account is deactivated, a bot's is free again. */
export class UserStore {
  readonly #db: Database;
  readonly #feed: Feed;
  readonly #updates: RowUpdates;
  readonly #now: () => number;

  /** Works on `db` and tells `feed` of changes. */
  constructor(options: UserStoreOptions) {
    this.#db = options.db;
    this.#feed = options.feed;
    this.#updates = options.updates;
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
    if (role !== "owner" && await isPretence(name)) throw nameTaken();
    const taken = await this.#db.getMany(await keysOf(name));
    if (taken.some(({ value }) => value !== null)) throw nameTaken();
  }

  /** Prepares an account, or throws `name_taken`; its commit fails when the name was taken meanwhile. */
  async draft(user: NewUser): Promise<UserDraft> {
    await this.requireFree(user.name, user.role);
    const nameKeys = await keysOf(user.name);
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
          ...pendingSets(row.id, user.rooms ?? [], user.invite),
        ],
      },
    };
  }

  /** Changes a name and frees the old one in the same commit; not begun once `signal` has aborted. */
  async rename(userId: UserId, name: string, signal?: AbortSignal): Promise<UserRow> {
    if (await isPretence(name)) throw nameTaken();
    const nextKeys = await keysOf(name);
    return await this.#change(userId, { by: userId, signal }, async (row, maker) => {
      if (maker !== null) authorize(maker, "users.rename", null);
      const entries = await this.#db.getMany<UserId>([...nextKeys, ...await keysOf(row.name)]);
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
      await Promise.all(users.map(async ({ id, name }) => {
        const key = await lookKey(name);
        await this.#db.commit({ checks: [{ key, versionstamp: null }], sets: [[key, id]] });
      }));
      after = users.at(-1)?.id ?? null;
    } while (after !== null);
    await this.#db.commit({ sets: [[made.key, true]] });
  }

  /** Changes a role, if `by` may at that very moment; null stands for the server itself. */
  setRole(userId: UserId, role: Role, by: UserId | null, signal?: AbortSignal): Promise<UserRow> {
    return this.#changeRights(userId, { by, signal }, async (row, maker) => {
      if (maker !== null) authorize(maker, "users.setRole", { ...row, nextRole: role });
      if (row.deactivatedAt !== null) throw new AppError("not_allowed", "This account is deactivated");
      if (role === "owner" || role === "admin") await this.#requirePassword(userId);
      // From guest on everybody belongs to the room of all.
      const rooms = row.role === "guest" && role !== "guest" ? ["general" as const] : [];
      return { row: { ...row, role }, sets: pendingSets(userId, rooms) };
    });
  }

  /** Ends an account for ever, if `by` may; its connections close. */
  async deactivate(userId: UserId, by: UserId | null, signal?: AbortSignal): Promise<UserRow> {
    return await this.#changeRights(userId, { by, signal }, (row, maker) => {
      if (maker !== null) authorize(maker, "users.deactivate", row);
      return deactivation(this.#db, row, this.#now());
    });
  }

  /** Changes what an account may do, or ends it: all such changes may touch the one row of the owners. */
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
      if (user.value === null) throw new AppError("not_found", "There is no such person");
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
          // A row that all accounts share is checked by those alone who change it.
          ...(nextOwners.length === 0 ? [] : [owners]),
          // A link for what the account was must not open what it becomes.
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

  /** Somebody without a password is gone when the session ends; an owner like that would lock everybody out. */
  async #requirePassword(userId: UserId): Promise<void> {
    if ((await this.#db.get(keys.password(userId))).value === null) {
      throw new AppError("not_allowed", "This person has no password yet, make a reset link first");
    }
  }
}

/** Says whether a name reads like a role, the product or a word that means many people. */
async function isPretence(name: string): Promise<boolean> {
  return isReservedName(name) || isReservedName(await lookOf(name));
}

interface ChangeOptions {
  /** Whose rights count; null for the server itself. */
  readonly by?: UserId | null;
  readonly signal?: AbortSignal | undefined;
  /** Takes the reset link along, and ends what others know of the rights. */
  readonly changesRights?: boolean;
}

type Change = (row: UserRow, maker: ActorRights | null) => UserChange | Promise<UserChange>;

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

function nameTaken(): AppError {
  return new AppError("name_taken", "This name is taken, or looks like one that is");
}
