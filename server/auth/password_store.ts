import type { UserId } from "../../shared/ids.ts";
import type { Database } from "../kv/database.ts";
import { keys } from "../kv/keys.ts";
import type { RowUpdates } from "../kv/row_updates.ts";

/** A password as stored, with the stamp that a session started by it has to check. */
export type PasswordEntry = Deno.KvEntryMaybe<string>;

/** Reads and writes password hashes. */
export class PasswordStore {
  readonly #db: Database;
  readonly #updates: RowUpdates;

  /** Works on `db`. */
  constructor(db: Database, updates: RowUpdates) {
    this.#db = db;
    this.#updates = updates;
  }

  /** Gives the stored hash; its value is null for who has none. */
  find(userId: UserId): Promise<PasswordEntry> {
    return this.#db.get<string>(keys.password(userId));
  }

  /** Replaces the hash if it is still the one in `entry`, and ends the reset link; false when it is not. */
  replace(userId: UserId, entry: PasswordEntry, hash: string): Promise<boolean> {
    return this.#updates.run(keys.user(userId), async () => {
      const [password, reset] = await this.#db.getMany<string>([entry.key, keys.resetOf(userId)]) as [
        PasswordEntry,
        Deno.KvEntryMaybe<string>,
      ];
      if (password.versionstamp !== entry.versionstamp) return false;
      // In one commit: a link that was found or copied must not open the account behind a new password.
      const versionstamp = await this.#db.commit({
        checks: [password, reset],
        sets: [[password.key, hash]],
        deletes: reset.value === null ? [] : [reset.key, keys.reset(reset.value)],
      });
      return versionstamp === null ? null : true;
    });
  }
}
