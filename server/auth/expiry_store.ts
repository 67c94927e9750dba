import type { Commit, Database } from "../kv/database.ts";
import { keys } from "../kv/keys.ts";
import { ATTEMPT_RATES } from "./attempt_store.ts";
import type { AttemptRow } from "./attempt_store.ts";
import type { InviteRow } from "./invite_store.ts";
import type { ResetRow } from "./reset_store.ts";
import type { SessionRow } from "./session_store.ts";
import type { SetupRow } from "./setup_store.ts";

const BATCH_COUNT = 500;

/** What the store works with. */
export interface ExpiryStoreOptions {
  readonly db: Database;
  /** Epoch time in milliseconds. */
  readonly now: () => number;
}

/**
 * Takes away rows whose time is over. Nothing depends on it: every row's end is checked when the row is read. It is
 * own code since the database's `expireIn` comes late and its sweep can end the process on a full disk.
 */
export class ExpiryStore {
  readonly #db: Database;
  readonly #now: () => number;

  /** Works on `db`. */
  constructor(options: ExpiryStoreOptions) {
    this.#db = options.db;
    this.#now = options.now;
  }

  /** Removes sessions, links, invitations and counted tries that are over; gives how many. */
  async collect(): Promise<number> {
    return await this.#sweep<SessionRow>(
      keys.sessionsAll(),
      ({ value }) => this.#isOver(value.until) ? [keys.session(value.tokenHash)] : null,
    ) +
      await this.#sweep<SetupRow>(keys.setups(), ({ value }) => this.#isOver(value.until) ? [] : null) +
      await this.#sweep<ResetRow>(
        keys.resets(),
        ({ value }) => this.#isOver(value.until) ? [keys.resetOf(value.userId)] : null,
      ) +
      await this.#sweep<InviteRow>(
        keys.invites(),
        ({ value }) => this.#isOver(value.expiresAt) ? [keys.invite(value.codeHash)] : null,
      ) +
      await this.#sweep<AttemptRow>(keys.attemptsAll(), (entry) => this.#isFull(entry) ? [] : null);
  }

  /** `relatedKeys` gives what goes with a row that is over, null for one that stays. */
  async #sweep<T>(
    prefix: Deno.KvKey,
    relatedKeys: (entry: Deno.KvEntry<T>) => Deno.KvKey[] | null,
  ): Promise<number> {
    let count = 0;
    let start: Deno.KvKey | undefined;
    for (;;) {
      const batch = await this.#db.list<T>(prefix, {
        limit: BATCH_COUNT,
        ...(start === undefined ? {} : { start }),
      });
      for (const entry of batch) {
        const related = relatedKeys(entry);
        if (related === null) continue;
        // The check keeps what was renewed at this very moment.
        const commit: Commit = { checks: [entry], deletes: [entry.key, ...related] };
        if (await this.#db.commit(commit) !== null) count++;
      }
      const last = batch.at(-1);
      // The next batch starts with the row that this one ended with.
      if (last === undefined || batch.length < BATCH_COUNT) return count;
      start = last.key;
    }
  }

  #isOver(until: string): boolean {
    return this.#now() >= Date.parse(until);
  }

  #isFull({ key, value }: Deno.KvEntry<AttemptRow>): boolean {
    const rate = Object.entries(ATTEMPT_RATES).find(([kind]) => kind === key[1])?.[1];
    if (rate === undefined) return true;
    return value.tokens + (this.#now() - value.at) / 1000 * rate.perSecond >= rate.burst;
  }
}
