import type { UserId } from "../../shared/ids.ts";
import type { Database } from "../kv/database.ts";
import { keys } from "../kv/keys.ts";
import type { RowUpdates } from "../kv/row_updates.ts";

/** A stored password hash with its versionstamp, which new sessions check. */
export type PasswordEntry = Deno.KvEntryMaybe<string>;

/** Reads and writes password hashes. */
export class PasswordStore {
  readonly #db: Database;
  readonly #updates: RowUpdates;

  constructor(db: Database, updates: RowUpdates) {
    this.#db = db;
    this.#updates = updates;
  }

  /** Returns the stored hash; the value is null if there is none. */
  find(userId: UserId): Promise<PasswordEntry> {
    return this.#db.get<string>(keys.password(userId));
  }

  /**
   * Replaces the hash if it is still the one in `entry`, and deletes the reset link. Returns false if the hash has
   * changed.
   */
  replace(userId: UserId, entry: PasswordEntry, hash: string): Promise<boolean> {
    return this.#updates.run(keys.user(userId), async () => {
      const [password, reset] = await this.#db.getMany<string>([entry.key, keys.resetOf(userId)]) as [
        PasswordEntry,
        Deno.KvEntryMaybe<string>,
      ];
      if (password.versionstamp !== entry.versionstamp) return false;
      // In one commit, so that a leaked reset link cannot be used after the password has been changed.
      const versionstamp = await this.#db.commit({
        checks: [password, reset],
        sets: [[password.key, hash]],
        deletes: reset.value === null ? [] : [reset.key, keys.reset(reset.value)],
      });
      return versionstamp === null ? null : true;
    });
  }
}
