import type { UserId } from "../../shared/ids.ts";
import type { Database } from "../kv/database.ts";
import { keys } from "../kv/keys.ts";

/** A password as stored, with the stamp that a session started by it has to check. */
export type PasswordEntry = Deno.KvEntryMaybe<string>;

/** Reads and writes password hashes. */
export class PasswordStore {
  readonly #db: Database;

  /** Works on `db`. */
  constructor(db: Database) {
    this.#db = db;
  }

  /** Gives the stored hash; its value is null for who has none. */
  find(userId: UserId): Promise<PasswordEntry> {
    return this.#db.get<string>(keys.password(userId));
  }

  /** Replaces the hash if it is still the one in `entry`; false when it is not. */
  async replace(entry: PasswordEntry, hash: string): Promise<boolean> {
    return await this.#db.commit({ checks: [entry], sets: [[entry.key, hash]] }) !== null;
  }
}
