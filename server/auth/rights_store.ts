import { AppError } from "../../shared/errors.ts";
import type { UserId } from "../../shared/ids.ts";
import type { Database } from "../kv/database.ts";
import { keys } from "../kv/keys.ts";
import { rightsOf } from "./account_change_store.ts";
import type { ActorRights } from "./authorize.ts";
import type { UserRow } from "./user_store.ts";

/** Beyond this many accounts the memory starts again; what is in use comes back with one read. */
const KNOWN_MAX_COUNT = 20_000;

/** What was decided, and what the commit has to check so that it holds. */
export interface Judged<T> {
  readonly value: T;
  readonly checks: readonly Deno.AtomicCheck[];
}

/** Decides by rights, for one commit; asked again when the commit did not hold. */
export type Judge = <T>(decide: (rights: ActorRights) => Promise<T>) => Promise<Judged<T>>;

interface Known {
  readonly rights: ActorRights;
  readonly check: Deno.AtomicCheck;
  readonly isRead: boolean;
}

/**
 * What accounts may do, for commits that happen often. All of them check the one row that changes with every role and
 * every end of an account: so nothing is read, and a hundred people who write in one commit need one check.
 */
export class RightsStore {
  readonly #db: Database;
  /** Belongs to the state of the row that `#check` names. */
  readonly #known = new Map<UserId, ActorRights>();
  #check: Deno.AtomicCheck | null = null;

  /** Works on `db`. */
  constructor(db: Database) {
    this.#db = db;
  }

  /** Gives who decides over one commit of an account. */
  judge(userId: UserId): Judge {
    let last: Deno.AtomicCheck | null = null;
    return async (decide) => {
      let { rights, check, isRead } = await this.#find(userId, last);
      let value;
      try {
        value = await decide(rights);
      } catch (error) {
        // A refusal is never given from what was known.
        if (isRead || !(error instanceof AppError)) throw error;
        ({ rights, check, isRead } = await this.#read(userId, check));
        value = await decide(rights);
      }
      last = check;
      return { value, checks: [check] };
    };
  }

  async #find(userId: UserId, stale: Deno.AtomicCheck | null): Promise<Known> {
    const rights = this.#known.get(userId);
    const check = this.#check;
    // What a commit did not confirm is read again, once for all who were in it.
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
    const rights = rightsOf(user.value);
    this.#known.set(userId, rights);
    return { rights, check, isRead: true };
  }
}
