import { AppError } from "../../shared/errors.ts";
import { newSecret } from "../../shared/ids.ts";
import type { UserId } from "../../shared/ids.ts";
import { RESET_LINK_MS } from "../../shared/limits.ts";
import type { Commit, Database } from "../kv/database.ts";
import { keys } from "../kv/keys.ts";
import { hashSecret } from "./secrets.ts";

/** A link by which one person sets a new password. */
export interface ResetRow {
  readonly userId: UserId;
  readonly until: string;
}

/** A reset that holds, and what the commit that uses it up has to check and delete. */
export interface ResetUse {
  readonly userId: UserId;
  readonly commit: Required<Pick<Commit, "checks" | "deletes">>;
}

/** What the store works with. */
export interface ResetStoreOptions {
  readonly db: Database;
  /** Epoch time in milliseconds. */
  readonly now: () => number;
}

/** Links for who forgot the password: one a person, once, for an hour. */
export class ResetStore {
  readonly #db: Database;
  readonly #now: () => number;

  /** Works on `db`. */
  constructor(options: ResetStoreOptions) {
    this.#db = options.db;
    this.#now = options.now;
  }

  /** Makes the token of a fresh link; an earlier one for the same person ends. */
  async issue(userId: UserId): Promise<string> {
    const token = newSecret();
    const tokenHash = hashSecret(token);
    const row: ResetRow = { userId, until: new Date(this.#now() + RESET_LINK_MS).toISOString() };
    for (;;) {
      const current = await this.#db.get<string>(keys.resetOf(userId));
      const versionstamp = await this.#db.commit({
        checks: [current],
        sets: [[keys.reset(tokenHash), row], [current.key, tokenHash]],
        deletes: current.value === null ? [] : [keys.reset(current.value)],
      });
      if (versionstamp !== null) return token;
    }
  }

  /** Gives what a token is for, or throws `reset_invalid`. */
  async require(token: string): Promise<ResetUse> {
    const entry = await this.#db.get<ResetRow>(keys.reset(hashSecret(token)));
    if (entry.value === null || this.#now() >= Date.parse(entry.value.until)) throw resetInvalid();
    const { userId } = entry.value;
    return { userId, commit: { checks: [entry], deletes: [entry.key, keys.resetOf(userId)] } };
  }

  /** Ends the link of a person, if there is one: what it was made for no longer holds. */
  async cancel(userId: UserId): Promise<void> {
    const current = await this.#db.get<string>(keys.resetOf(userId));
    if (current.value === null) return;
    await this.#db.commit({ deletes: [current.key, keys.reset(current.value)] });
  }
}

/** What everybody hears whose link cannot be used, whatever the reason. */
export function resetInvalid(): AppError {
  return new AppError("reset_invalid", "This link is wrong, too old or used already, ask for a new one");
}
