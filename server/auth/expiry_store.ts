import type { Change, Feed } from "../changes.ts";
import type { Commit, Database } from "../kv/database.ts";
import { keys } from "../kv/keys.ts";
import { ATTEMPT_RATES } from "./attempt_store.ts";
import type { AttemptRow } from "./attempt_store.ts";
import type { InviteRow } from "./invite_store.ts";
import type { ResetRow } from "./reset_store.ts";
import { sessionKeys } from "./session_store.ts";
import type { SessionRow } from "./session_store.ts";
import type { SetupRow } from "./setup_store.ts";

const BATCH_COUNT = 500;
/** An instance that is behind must still find that a push was sent. */
const CLAIMS_KEPT_MS = 3_600_000;

export interface ExpiryStoreOptions {
  readonly db: Database;
  readonly feed: Feed;
  /** Epoch time in milliseconds. */
  readonly now: () => number;
}

/** What else to do when a row has expired. */
interface Over {
  readonly keys: readonly Deno.KvKey[];
  /** Notices that go into the same commit. */
  readonly notices?: readonly Change[];
}

/**
 * Deletes expired rows. Nothing depends on this, because expiry is checked whenever a row is read. The database's
 * own `expireIn` is late, and its sweep can end the process when the disk is full.
 */
export class ExpiryStore {
  readonly #db: Database;
  readonly #feed: Feed;
  readonly #now: () => number;

  constructor(options: ExpiryStoreOptions) {
    this.#db = options.db;
    this.#feed = options.feed;
    this.#now = options.now;
  }

  /** Deletes expired sessions, links, invitations and counted attempts, and returns how many. */
  async collect(): Promise<number> {
    return await this.#sweep<SessionRow>(
      keys.sessionsAll(),
      ({ value }) => this.#isOver(value.until) ? overSession(value) : null,
    ) +
      await this.#sweep<SetupRow>(
        keys.setups(),
        ({ value }) => this.#isOver(value.until) ? { keys: [] } : null,
      ) +
      await this.#sweep<ResetRow>(
        keys.resets(),
        ({ value }) => this.#isOver(value.until) ? { keys: [keys.resetOf(value.userId)] } : null,
      ) +
      await this.#sweep<InviteRow>(
        keys.invites(),
        ({ value }) => this.#isOver(value.expiresAt) ? { keys: [keys.invite(value.codeHash)] } : null,
      ) +
      await this.#sweep<AttemptRow>(
        keys.attemptsAll(),
        (entry) => this.#isFull(entry) ? { keys: [] } : null,
      ) +
      await this.#sweep<{ readonly until: number }>(
        keys.pushClaims(),
        ({ value }) => this.#now() > value.until + CLAIMS_KEPT_MS ? { keys: [] } : null,
      ) +
      await this.#sweep<{ readonly until: string }>(
        keys.pushEndpoints(),
        ({ value }) => this.#isOver(value.until) ? { keys: [] } : null,
      );
  }

  /** Goes through the rows below `prefix`; `overOf` returns null for rows that have not expired. */
  async #sweep<T>(prefix: Deno.KvKey, overOf: (entry: Deno.KvEntry<T>) => Over | null): Promise<number> {
    let count = 0;
    let start: Deno.KvKey | undefined;
    for (;;) {
      const batch = await this.#db.list<T>(prefix, {
        limit: BATCH_COUNT,
        ...(start === undefined ? {} : { start }),
      });
      for (const entry of batch) {
        const over = overOf(entry);
        if (over === null) continue;
        // The check fails if the row was renewed at the same moment.
        const commit: Commit = { checks: [entry], deletes: [entry.key, ...over.keys] };
        if (await this.#commit(commit, over.notices) !== null) count++;
      }
      const last = batch.at(-1);
      // The next batch starts with the last row of this one.
      if (last === undefined || batch.length < BATCH_COUNT) return count;
      start = last.key;
    }
  }

  #commit(commit: Commit, notices: readonly Change[] = []): Promise<string | null> {
    return notices.length === 0 ? this.#db.commit(commit) : this.#feed.commit(this.#db, commit, notices);
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

/** Connections that still use an expired session are told that it has ended. */
function overSession(row: SessionRow): Over {
  const { id: sessionId, userId } = row;
  return {
    keys: sessionKeys(row),
    notices: [{ type: "session_ended", userId, sessionId, tokenId: null, reason: "ended" }],
  };
}
