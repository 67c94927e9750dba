import { AppError } from "../../shared/errors.ts";
import { newSecret } from "../../shared/ids.ts";
import { SETUP_LINK_MS } from "../../shared/limits.ts";
import type { Database } from "../kv/database.ts";
import { keys } from "../kv/keys.ts";
import { hashSecret } from "./secrets.ts";

/** A link for the first owner. */
export interface SetupRow {
  readonly until: string;
}

/** What the store works with. */
export interface SetupStoreOptions {
  readonly db: Database;
  /** Epoch time in milliseconds. */
  readonly now: () => number;
}

/** The links that make the first owner; there are some as long as there is none. */
export class SetupStore {
  readonly #db: Database;
  readonly #now: () => number;

  /** Works on `db`. */
  constructor(options: SetupStoreOptions) {
    this.#db = options.db;
    this.#now = options.now;
  }

  /** Says whether there is an owner. */
  async isSetUp(): Promise<boolean> {
    return (await this.#db.get(keys.workspace())).value !== null;
  }

  /** Makes the token of a fresh link that lives for an hour; null when there is an owner. */
  async issue(): Promise<string | null> {
    if (await this.isSetUp()) return null;
    const token = newSecret();
    const row: SetupRow = { until: new Date(this.#now() + SETUP_LINK_MS).toISOString() };
    await this.#db.commit({ sets: [[keys.setup(hashSecret(token)), row]] });
    return token;
  }

  /** Gives the row of a token that holds, for the commit that uses it up; else throws what is wrong with it. */
  async require(token: string): Promise<Deno.KvEntry<SetupRow>> {
    // Of one moment: setup takes the token away in the commit that makes the place.
    const [entry, workspace] = await this.#db.getMany<unknown>([
      keys.setup(hashSecret(token)),
      keys.workspace(),
    ]) as [Deno.KvEntryMaybe<SetupRow>, Deno.KvEntryMaybe<unknown>];
    if (workspace.value !== null) throw alreadySetUp();
    if (entry.value === null || this.#now() >= Date.parse(entry.value.until)) {
      throw new AppError(
        "setup_invalid",
        "This setup link is wrong or too old, look for a newer one in the log",
      );
    }
    return entry;
  }
}

/** What everybody hears who comes too late to be the first owner. */
export function alreadySetUp(): AppError {
  return new AppError("already_set_up", "There is an owner already, ask for an invitation");
}
