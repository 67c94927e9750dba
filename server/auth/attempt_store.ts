import {
  FAILED_LOGIN_RATE_ACCOUNT,
  FAILED_LOGIN_RATE_ADDRESS,
  FAILED_LOGIN_RATE_NETWORK,
  FAILED_LOGIN_RATE_SITE,
  INVITE_TRY_RATE,
  REGISTER_RATE,
} from "../../shared/limits.ts";
import type { Database } from "../kv/database.ts";
import { keys } from "../kv/keys.ts";
import { RowUpdates } from "../kv/row_updates.ts";
import { KeyedMutex } from "../kv/keyed_mutex.ts";
import { rateLimited } from "../net/rate_limit.ts";

/** What is counted. `account` is one name from one address, `site` a /56 and `network` a /48, the others one address. */
export const ATTEMPT_RATES = {
  account: FAILED_LOGIN_RATE_ACCOUNT,
  address: FAILED_LOGIN_RATE_ADDRESS,
  site: FAILED_LOGIN_RATE_SITE,
  network: FAILED_LOGIN_RATE_NETWORK,
  invite: INVITE_TRY_RATE,
  register: REGISTER_RATE,
} as const;

/** A limit of tries that counts across restarts and instances. */
export type AttemptKind = keyof typeof ATTEMPT_RATES;

/** One limit and who comes under it. */
export interface Try {
  readonly kind: AttemptKind;
  readonly subject: string;
}

/** How many tries are left since when. */
export interface AttemptRow {
  readonly tokens: number;
  readonly at: number;
}

/** What the store works with. */
export interface AttemptStoreOptions {
  readonly db: Database;
  /** Epoch time in milliseconds. */
  readonly now: () => number;
}

/** Token buckets in storage, for what must not start afresh with the process. */
export class AttemptStore {
  readonly #db: Database;
  readonly #now: () => number;
  readonly #mutex = new KeyedMutex();
  readonly #updates = new RowUpdates();

  /** Works on `db`. */
  constructor(options: AttemptStoreOptions) {
    this.#db = options.db;
    this.#now = options.now;
  }

  /** Counts one try, or throws `rate_limited`. */
  take(kind: AttemptKind, subject: string): Promise<void> {
    return this.#change(kind, subject, (tokens) => {
      if (tokens < 1) throw rateLimited(Math.ceil((1 - tokens) / ATTEMPT_RATES[kind].perSecond * 1000));
      return tokens - 1;
    });
  }

  /**
   * Runs a try that counts only if it gives null. It is counted before and given back after, so that a hundred at
   * once are not a hundred tries.
   */
  async count<T>(kind: AttemptKind, subject: string, run: () => Promise<T | null>): Promise<T | null> {
    await this.take(kind, subject);
    let result: T | null = null;
    let hasEnded = false;
    try {
      result = await run();
      hasEnded = true;
    } finally {
      if (!hasEnded || result !== null) await this.#giveBack(kind, subject);
    }
    return result;
  }

  /** The same under several limits at once. */
  countAll<T>(tries: readonly Try[], run: () => Promise<T | null>): Promise<T | null> {
    const [first, ...others] = tries;
    if (first === undefined) return run();
    return this.count(first.kind, first.subject, () => this.countAll(others, run));
  }

  /** The same one after another: many right tries at once wait instead of being refused. */
  countInTurn<T>(kind: AttemptKind, subject: string, run: () => Promise<T | null>): Promise<T | null> {
    return this.#mutex.run(`${kind} ${subject}`, () => this.count(kind, subject, run));
  }

  #giveBack(kind: AttemptKind, subject: string): Promise<void> {
    return this.#change(kind, subject, (tokens) => tokens + 1);
  }

  #change(kind: AttemptKind, subject: string, change: (tokens: number) => number): Promise<void> {
    const key = keys.attempts(kind, subject);
    const { burst, perSecond } = ATTEMPT_RATES[kind];
    return this.#updates.run(key, async () => {
      const entry = await this.#db.get<AttemptRow>(key);
      const now = this.#now();
      const row = entry.value ?? { tokens: burst, at: now };
      // A clock that was set back must not take tokens away.
      const elapsedMs = Math.max(0, now - row.at);
      const tokens = Math.min(burst, change(Math.min(burst, row.tokens + elapsedMs / 1000 * perSecond)));
      const checks = [{ key, versionstamp: entry.versionstamp }];
      // A full bucket says nothing: without a row it is full.
      const commit = tokens >= burst
        ? { checks, deletes: [key] }
        : { checks, sets: [[key, { tokens, at: now }] as const] };
      return await this.#db.commit(commit) === null ? null : undefined;
    });
  }
}
