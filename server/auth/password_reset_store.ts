import type { UserId } from "../../shared/ids.ts";
import { PASSWORD_RESET_SHOWN_MS, PASSWORD_RESETS_SHOWN_COUNT } from "../../shared/limits.ts";
import type { PasswordReset } from "../../shared/user.ts";
import type { Commit, Database } from "../kv/database.ts";
import { keys } from "../kv/keys.ts";
import type { UserRow } from "./user_store.ts";

interface PasswordResetRow {
  readonly at: string;
  readonly by: UserId;
}

export interface PasswordResetStoreOptions {
  readonly db: Database;
  /** Epoch time in milliseconds. */
  readonly now: () => number;
}

/**
 * Records whose links set a person's password, for a while. Sessions cannot delete these records, because whoever
 * misused such a link would have a session.
 */
export class PasswordResetStore {
  readonly #db: Database;
  readonly #now: () => number;

  constructor(options: PasswordResetStoreOptions) {
    this.#db = options.db;
    this.#now = options.now;
  }

  /** Prepares the record for the commit that sets the password with a link made by `by`. */
  async note(userId: UserId, by: UserId): Promise<Required<Pick<Commit, "checks" | "sets">>> {
    const entry = await this.#db.get<PasswordResetRow[]>(keys.passwordResets(userId));
    const row: PasswordResetRow = { at: new Date(this.#now()).toISOString(), by };
    const rows = [...entry.value ?? [], row].slice(-PASSWORD_RESETS_SHOWN_COUNT);
    return { checks: [entry], sets: [[entry.key, rows]] };
  }

  /** Returns the resets of the last weeks, newest first. */
  async recent(userId: UserId): Promise<PasswordReset[]> {
    const rows = (await this.#db.get<PasswordResetRow[]>(keys.passwordResets(userId))).value ?? [];
    const recent = rows.filter(({ at }) => this.#now() - Date.parse(at) < PASSWORD_RESET_SHOWN_MS);
    const makers = await this.#db.getMany<UserRow>(recent.map(({ by }) => keys.user(by)));
    return recent.map(({ at }, index) => ({ at, by: makers[index]?.value?.name ?? "" })).reverse();
  }
}
