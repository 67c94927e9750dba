import { AppError } from "../../shared/errors.ts";
import { newSecret } from "../../shared/ids.ts";
import { SETUP_LINK_MS } from "../../shared/limits.ts";
import type { Database } from "../kv/database.ts";
import { keys } from "../kv/keys.ts";
import { hashSecret } from "./secrets.ts";

/** A link to create the first owner. */
export interface SetupRow {
  readonly until: string;
}

export interface SetupStoreOptions {
  readonly db: Database;
  /** Epoch time in milliseconds. */
  readonly now: () => number;
}

/** Setup links for the first owner; they only exist until there is one. */
export class SetupStore {
  readonly #db: Database;
  readonly #now: () => number;

  constructor(options: SetupStoreOptions) {
    this.#db = options.db;
    this.#now = options.now;
  }

  /** Whether there is an owner. */
  async isSetUp(): Promise<boolean> {
    return (await this.#db.get(keys.workspace())).value !== null;
  }

  /** Creates a link that is valid for an hour and returns its token; null if there is an owner. */
  async issue(): Promise<string | null> {
    if (await this.isSetUp()) return null;
    const token = newSecret();
    const row: SetupRow = { until: new Date(this.#now() + SETUP_LINK_MS).toISOString() };
    await this.#db.commit({ sets: [[keys.setup(hashSecret(token)), row]] });
    return token;
  }

  /** Returns the row of a valid token, for the commit that uses it up; otherwise throws the reason. */
  async require(token: string): Promise<Deno.KvEntry<SetupRow>> {
    // Read together, because setup deletes the token in the commit that creates the workspace.
    const [entry, workspace] = await this.#db.getMany<unknown>([
      keys.setup(hashSecret(token)),
      keys.workspace(),
    ]) as [Deno.KvEntryMaybe<SetupRow>, Deno.KvEntryMaybe<unknown>];
    if (workspace.value !== null) throw alreadySetUp();
    if (entry.value === null || this.#now() >= Date.parse(entry.value.until)) {
      throw new AppError(
        "setup_invalid",
        "This setup link is wrong or expired, look for a newer one in the log",
      );
    }
    return entry;
  }
}

/** The error for setup attempts when there is an owner already. */
export function alreadySetUp(): AppError {
  return new AppError("already_set_up", "Parley is already set up, ask for an invitation");
}
