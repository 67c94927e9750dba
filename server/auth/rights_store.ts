import { AppError } from "../../shared/errors.ts";
import type { UserId } from "../../shared/ids.ts";
import type { Database } from "../kv/database.ts";
import { keys } from "../kv/keys.ts";
import { checkedRights } from "./account_change_store.ts";
import type { ActorRights } from "./authorize.ts";
import type { UserRow } from "./user_store.ts";

/** Above this number of accounts the cache is cleared; accounts in use come back with one read each. */
const KNOWN_MAX_COUNT = 20_000;

/** A decision, and the checks that the commit needs so that the decision still holds. */
export interface Judged<T> {
  readonly value: T;
  readonly checks: readonly Deno.AtomicCheck[];
}

/** Makes a decision based on rights, for one commit; called again if the commit fails. */
export type Judge = <T>(decide: (rights: ActorRights) => Promise<T>) => Promise<Judged<T>>;

interface Known {
  readonly rights: ActorRights;
  readonly check: Deno.AtomicCheck;
  readonly isRead: boolean;
}

/**
 * The rights of accounts, for frequent commits. All of them check one row, which changes with every change of a
 * role and every end of an account: nothing is read, and a hundred senders in one commit need one check.
 */
export class RightsStore {
  readonly #db: Database;
  /** Valid for the versionstamp in `#check`. */
  readonly #known = new Map<UserId, ActorRights>();
  #check: Deno.AtomicCheck | null = null;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Returns the function that makes decisions for one commit of an account. */
  judge(userId: UserId): Judge {
    let last: Deno.AtomicCheck | null = null;
    return async (decide) => {
      let { rights, check, isRead } = await this.#find(userId, last);
      let value;
      try {
        value = await decide(rights);
      } catch (error) {
        // Never refuse based on cached rights.
        if (isRead || !(error instanceof AppError)) throw error;
        ({ rights, check, isRead } = await this.#read(userId, check));
        value = await decide(rights);
      }
      last = check;
      return { value, checks: [check] };
    };
  }

  /** Reads what the next commit of an account is judged by, unless it is known; null when there is nothing to do. */
  prepare(userId: UserId): Promise<unknown> | null {
    return this.#check !== null && this.#known.has(userId) ? null : this.#read(userId, null);
  }

  async #find(userId: UserId, stale: Deno.AtomicCheck | null): Promise<Known> {
    const rights = this.#known.get(userId);
    const check = this.#check;
    // If the last commit failed, the rights are read again, once for everyone who took part in it.
    if (rights === undefined || check === null || check === stale) return await this.#read(userId, stale);
    return { rights, check, isRead: false };
  }

  async #read(userId: UserId, stale: Deno.AtomicCheck | null): Promise<Known> {
    const [changed, user] = await this.#db.getMany<unknown>([keys.rightsChanged(), keys.user(userId)]) as [
      Deno.KvEntryMaybe<unknown>,
      Deno.KvEntryMaybe<UserRow>,
    ];
    const isSame = this.#check !== null && this.#check.versionstamp === changed.versionstamp;
    if (!isSame || this.#known.size >= KNOWN_MAX_COUNT) this.#known.clear();
    if (!isSame || this.#check === stale) {
      this.#check = { key: changed.key, versionstamp: changed.versionstamp };
    }
    const check = this.#check ?? changed;
    // The end of a bot's maker changes the row of `check` too.
    const { rights } = await checkedRights(this.#db, user);
    // Otherwise they were read under an earlier state of the row.
    if (this.#check === check) this.#known.set(userId, rights);
    return { rights, check, isRead: true };
  }
}
