import { AppError } from "../../shared/errors.ts";
import type { UserId } from "../../shared/ids.ts";
import type { Feed } from "../changes.ts";
import type { Database } from "../kv/database.ts";
import { keys } from "../kv/keys.ts";
import type { RowUpdates } from "../kv/row_updates.ts";
import { isSameKey } from "./account_change_store.ts";
import type { PreparedUser, UserStore } from "./user_store.ts";

/** Used unless it is taken. */
const NAME = "Status";

export interface StatusBotStoreOptions {
  readonly db: Database;
  readonly feed: Feed;
  readonly updates: RowUpdates;
  readonly users: UserStore;
}

/**
 * The bot "Status", by which the server itself writes in rooms. It has no token, no maker and no password, so nobody
 * acts as it.
 */
export class StatusBotStore {
  readonly #options: StatusBotStoreOptions;

  constructor(options: StatusBotStoreOptions) {
    this.#options = options;
  }

  /** Prepares the bot for the commit that sets up the workspace; `besides` are keys that the commit sets anyway. */
  async prepare(besides: readonly Deno.KvKey[] = []): Promise<PreparedUser> {
    for (let number = 0;; number++) {
      const prepared = await this.#tryName(nameOf(number));
      if (prepared === null) continue;
      const { row, commit: { checks, sets } } = prepared;
      if (checks.some(({ key }) => besides.some((other) => isSameKey(key, other)))) continue;
      const pointer = keys.statusBot();
      return {
        row,
        commit: {
          checks: [{ key: pointer, versionstamp: null }, ...checks],
          sets: [[pointer, row.id], ...sets],
        },
      };
    }
  }

  /** Returns the bot's id; null before it was needed in a workspace of an earlier version. */
  async find(): Promise<UserId | null> {
    return (await this.#options.db.get<UserId>(keys.statusBot())).value;
  }

  /** Returns the bot's id, and creates it in workspaces of earlier versions. However many ask at once, there is one. */
  async ensure(): Promise<UserId> {
    const { db, feed, updates } = this.#options;
    const key = keys.statusBot();
    return await this.find() ?? await updates.run(key, async () => {
      const known = await this.find();
      if (known !== null) return known;
      const { row, commit } = await this.prepare();
      const notices = [{ type: "user_changed", userId: row.id }] as const;
      return await feed.commit(db, commit, notices) === null ? null : row.id;
    });
  }

  /** Prepares an account with this name; null if it is taken. */
  async #tryName(name: string): Promise<PreparedUser | null> {
    try {
      return await this.#options.users.prepare({ name, role: "member", isBuiltIn: true });
    } catch (error) {
      if (error instanceof AppError && error.appCode === "name_taken") return null;
      throw error;
    }
  }
}

/** "Status", "Status bot", "Status bot 2" and so on. */
function nameOf(number: number): string {
  if (number === 0) return NAME;
  return number === 1 ? `${NAME} bot` : `${NAME} bot ${number}`;
}
