import { AppError } from "../../shared/errors.ts";
import { newSecret } from "../../shared/ids.ts";
import type { UserId } from "../../shared/ids.ts";
import { RESET_LINK_MS } from "../../shared/limits.ts";
import type { Role } from "../../shared/user.ts";
import type { Commit, Database } from "../kv/database.ts";
import { keys } from "../kv/keys.ts";
import type { RowUpdates } from "../kv/row_updates.ts";
import { rightsOf } from "./account_change_store.ts";
import { authorize, isAllowed } from "./authorize.ts";
import { hashSecret } from "./secrets.ts";
import type { UserRow } from "./user_store.ts";

/** A link with which one person can set a new password. */
export interface ResetRow {
  readonly userId: UserId;
  /** The account's role when the link was made. If the role has changed, the link is invalid. */
  readonly role: Role;
  readonly by: UserId;
  readonly until: string;
}

/** A valid link, with what the commit that uses it must check and delete. */
export interface ResetUse {
  readonly user: UserRow;
  readonly by: UserId;
  readonly commit: Required<Pick<Commit, "checks" | "deletes">>;
}

export interface ResetStoreOptions {
  readonly db: Database;
  readonly updates: RowUpdates;
  /** Epoch time in milliseconds. */
  readonly now: () => number;
}

/** Password reset links: one per person, valid once and for an hour. */
export class ResetStore {
  readonly #db: Database;
  readonly #updates: RowUpdates;
  readonly #now: () => number;

  constructor(options: ResetStoreOptions) {
    this.#db = options.db;
    this.#updates = options.updates;
    this.#now = options.now;
  }

  /**
   * Creates a link if `by` may do so at the moment of the commit, and returns its token. An earlier link for the
   * same person ends.
   */
  issue(userId: UserId, by: UserId, signal?: AbortSignal): Promise<string> {
    const token = newSecret();
    const tokenHash = hashSecret(token);
    return this.#updates.run(keys.user(userId), async () => {
      const [user, maker, current] = await this.#db.getMany<unknown>([
        keys.user(userId),
        keys.user(by),
        keys.resetOf(userId),
      ]) as [Deno.KvEntryMaybe<UserRow>, Deno.KvEntryMaybe<UserRow>, Deno.KvEntryMaybe<string>];
      if (user.value === null) throw new AppError("not_found", "This person does not exist");
      authorize(rightsOf(maker.value), "users.makeResetLink", user.value);
      if (user.value.deactivatedAt !== null) {
        throw new AppError("not_allowed", "This account is deactivated");
      }
      const until = new Date(this.#now() + RESET_LINK_MS).toISOString();
      const row: ResetRow = { userId, role: user.value.role, by, until };
      const versionstamp = await this.#db.commit({
        checks: [user, ...(by === userId ? [] : [maker]), current],
        sets: [[keys.reset(tokenHash), row], [current.key, tokenHash]],
        deletes: current.value === null ? [] : [keys.reset(current.value)],
      });
      return versionstamp === null ? null : token;
    }, signal);
  }

  /** Returns what a token is for, or throws `reset_invalid`, also if its maker may no longer make it. */
  async require(token: string): Promise<ResetUse> {
    const entry = await this.#db.get<ResetRow>(keys.reset(hashSecret(token)));
    if (entry.value === null || this.#now() >= Date.parse(entry.value.until)) throw resetInvalid();
    const { userId, role, by } = entry.value;
    const [user, maker] = await this.#db.getMany<UserRow>([keys.user(userId), keys.user(by)]);
    if (!isActive(user) || user.value.role !== role || !isActive(maker)) throw resetInvalid();
    if (!isAllowed(rightsOf(maker.value), "users.makeResetLink", user.value)) throw resetInvalid();
    return {
      user: user.value,
      by,
      commit: {
        checks: [entry, user, ...(by === userId ? [] : [maker])],
        deletes: [entry.key, keys.resetOf(userId)],
      },
    };
  }
}

function isActive(entry: Deno.KvEntryMaybe<UserRow> | undefined): entry is Deno.KvEntry<UserRow> {
  return entry !== undefined && entry.value !== null && entry.value.deactivatedAt === null;
}

/** The error for every link that cannot be used, whatever the reason. */
export function resetInvalid(): AppError {
  return new AppError("reset_invalid", "This link is wrong, expired or already used, ask for a new one");
}
