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

/**
 * Limits on attempts. `account` means one name from one address, `site` a /56, `network` a /48, the others one
 * address.
 */
export const ATTEMPT_RATES = {
  account: FAILED_LOGIN_RATE_ACCOUNT,
  address: FAILED_LOGIN_RATE_ADDRESS,
  site: FAILED_LOGIN_RATE_SITE,
  network: FAILED_LOGIN_RATE_NETWORK,
  invite: INVITE_TRY_RATE,
  register: REGISTER_RATE,
} as const;

/** A limit on attempts that survives restarts and is shared by all instances. */
export type AttemptKind = keyof typeof ATTEMPT_RATES;

/** A limit, and the subject it is counted for. */
export interface Try {
  readonly kind: AttemptKind;
  readonly subject: string;
}

/** An attempt that only counts if it returns null; `count` is how many have counted before. */
export type CountedTry<T> = (count: number) => Promise<T | null>;

/** How many attempts are left, and as of when. */
export interface AttemptRow {
  readonly tokens: number;
  readonly at: number;
}

export interface AttemptStoreOptions {
  readonly db: Database;
  /** Epoch time in milliseconds. */
  readonly now: () => number;
}

/** Token buckets in storage, for limits that must survive a restart. */
export class AttemptStore {
  readonly #db: Database;
  readonly #now: () => number;
  readonly #mutex = new KeyedMutex();
  readonly #updates = new RowUpdates();

  constructor(options: AttemptStoreOptions) {
    this.#db = options.db;
    this.#now = options.now;
  }

  /** Counts one attempt, or throws `rate_limited`; returns how many have counted before. */
  async take(kind: AttemptKind, subject: string): Promise<number> {
    const tokens = await this.#change(kind, subject, (tokens) => {
      if (tokens < 1) throw rateLimited(Math.ceil((1 - tokens) / ATTEMPT_RATES[kind].perSecond * 1000));
      return tokens - 1;
    });
    return Math.floor(ATTEMPT_RATES[kind].burst - tokens);
  }

  /**
   * Runs an attempt that only counts if it returns null. It is counted before and refunded after, so that attempts
   * running at the same time cannot exceed the limit.
   */
  async count<T>(kind: AttemptKind, subject: string, run: CountedTry<T>): Promise<T | null> {
    const countBefore = await this.take(kind, subject);
    let result: T | null = null;
    let hasEnded = false;
    try {
      result = await run(countBefore);
      hasEnded = true;
    } finally {
      if (!hasEnded || result !== null) await this.#giveBack(kind, subject);
    }
    return result;
  }

  /** Like `count`, with several limits at once; the attempt gets the highest count. */
  countAll<T>(tries: readonly Try[], run: CountedTry<T>, countSoFar = 0): Promise<T | null> {
    const [first, ...others] = tries;
    if (first === undefined) return run(countSoFar);
    return this.count(
      first.kind,
      first.subject,
      (count) => this.countAll(others, run, Math.max(count, countSoFar)),
    );
  }

  /** Like `count`, one attempt at a time: successful attempts at the same moment wait instead of being refused. */
  countInTurn<T>(kind: AttemptKind, subject: string, run: CountedTry<T>): Promise<T | null> {
    return this.#mutex.run(`${kind} ${subject}`, () => this.count(kind, subject, run));
  }

  #giveBack(kind: AttemptKind, subject: string): Promise<number> {
    return this.#change(kind, subject, (tokens) => tokens + 1);
  }

  /** Returns the tokens before the change. */
  #change(kind: AttemptKind, subject: string, change: (tokens: number) => number): Promise<number> {
    const key = keys.attempts(kind, subject);
    const { burst, perSecond } = ATTEMPT_RATES[kind];
    return this.#updates.run(key, async () => {
      const entry = await this.#db.get<AttemptRow>(key);
      const now = this.#now();
      const row = entry.value ?? { tokens: burst, at: now };
      // If the clock steps back, no tokens are lost.
      const elapsedMs = Math.max(0, now - row.at);
      const before = Math.min(burst, row.tokens + elapsedMs / 1000 * perSecond);
      const tokens = Math.min(burst, change(before));
      const checks = [{ key, versionstamp: entry.versionstamp }];
      // A full bucket needs no row.
      const commit = tokens >= burst
        ? { checks, deletes: [key] }
        : { checks, sets: [[key, { tokens, at: now }] as const] };
      return await this.#db.commit(commit) === null ? null : before;
    });
  }
}
