import type { SessionId, UserId } from "../../shared/ids.ts";
import type { Commit, Database } from "../kv/database.ts";
import { keys } from "../kv/keys.ts";
import type { RowUpdates } from "../kv/row_updates.ts";
import type { Feed } from "../streams/feed.ts";
import type { SessionStore } from "./session_store.ts";

/** A stored password hash with its versionstamp, which new sessions check. */
export type PasswordEntry = Deno.KvEntryMaybe<string>;

/** A new hash, the password row that it replaces, and the session that goes on. */
export interface PasswordChange {
  readonly userId: UserId;
  readonly password: PasswordEntry;
  readonly hash: string;
  readonly keptSessionId: SessionId | null;
}

export interface PasswordStoreOptions {
  readonly db: Database;
  readonly feed: Feed;
  readonly updates: RowUpdates;
  readonly sessions: SessionStore;
}

/** Reads and writes password hashes. */
export class PasswordStore {
  readonly #options: PasswordStoreOptions;

  constructor(options: PasswordStoreOptions) {
    this.#options = options;
  }

  /** Returns the stored hash; the value is null if there is none. */
  find(userId: UserId): Promise<PasswordEntry> {
    return this.#options.db.get<string>(keys.password(userId));
  }

  /**
   * Replaces the hash if it is still the one in `password`, deletes the reset link and ends the other sessions.
   * Returns false if the hash has changed.
   */
  async replace({ userId, password: before, hash, keptSessionId }: PasswordChange): Promise<boolean> {
    const { db, feed, updates, sessions } = this.#options;
    const isReplaced = await updates.run(keys.user(userId), async () => {
      const [password, reset] = await db.getMany<string>([before.key, keys.resetOf(userId)]) as [
        PasswordEntry,
        Deno.KvEntryMaybe<string>,
      ];
      if (password.versionstamp !== before.versionstamp) return false;
      const ending = await sessions.ending(userId, keptSessionId);
      // In one commit, so that neither a leaked reset link nor a stolen session outlives the old password.
      const commit = {
        checks: [password, reset],
        sets: [[password.key, hash]],
        deletes: [...ending.deletes, ...(reset.value === null ? [] : [reset.key, keys.reset(reset.value)])],
      } satisfies Commit;
      return await feed.commit(db, commit, ending.notices) === null ? null : true;
    });
    // Those that started with the old password at the same moment.
    if (isReplaced) await sessions.endAll(userId, keptSessionId);
    return isReplaced;
  }
}
