import { AppError } from "../../shared/errors.ts";
import { newId, newSecret } from "../../shared/ids.ts";
import type { SessionId, UserId } from "../../shared/ids.ts";
import {
  GUEST_SESSION_ABSOLUTE_MS,
  GUEST_SESSION_IDLE_MS,
  SESSION_ABSOLUTE_MS,
  SESSION_IDLE_MS,
  SESSION_TOUCH_MS,
  SESSIONS_PER_USER_COUNT,
  USER_AGENT_MAX_CHARACTERS,
} from "../../shared/limits.ts";
import type { Role } from "../../shared/user.ts";
import type { Change, Feed } from "../changes.ts";
import type { Commit, Database } from "../kv/database.ts";
import { keys } from "../kv/keys.ts";
import { RowUpdates } from "../kv/row_updates.ts";
import { hashSecret } from "./secrets.ts";

/** Sessions that end in one commit; a person rarely has more than half as many. */
const ENDED_AT_ONCE_COUNT = 2 * SESSIONS_PER_USER_COUNT;

/** A session as stored, without its token. */
export interface SessionRow {
  readonly id: SessionId;
  readonly userId: UserId;
  readonly tokenHash: string;
  readonly createdAt: string;
  readonly lastSeenAt: string;
  /** When it expires if unused. */
  readonly until: string;
  readonly userAgent: string;
}

/** What is stored under a session token's hash. */
export interface SessionPointer {
  readonly userId: UserId;
  readonly sessionId: SessionId;
}

/** The user a session is for. */
export interface NewSession {
  readonly userId: UserId;
  readonly role: Role;
  readonly userAgent: string;
}

/** A session that is about to be stored, and its token, which only its owner ever sees. */
export interface PreparedSession {
  readonly token: string;
  readonly row: SessionRow;
  readonly sets: readonly (readonly [Deno.KvKey, unknown])[];
}

/** What ends sessions: rows that a commit deletes, and notices that go with it. */
export interface SessionsEnding {
  readonly deletes: readonly Deno.KvKey[];
  readonly notices: readonly Change[];
}

export interface SessionStoreOptions {
  readonly db: Database;
  readonly feed: Feed;
  /** Epoch time in milliseconds. */
  readonly now: () => number;
}

/** Sessions: 256-bit tokens, stored as hashes, with an expiry that is checked on each use. */
export class SessionStore {
  readonly #db: Database;
  readonly #feed: Feed;
  readonly #now: () => number;
  readonly #updates = new RowUpdates();

  constructor(options: SessionStoreOptions) {
    this.#db = options.db;
    this.#feed = options.feed;
    this.#now = options.now;
  }

  /** Prepares a session for a commit. */
  prepare(session: NewSession): PreparedSession {
    const token = newSecret();
    const tokenHash = hashSecret(token);
    const now = this.#now();
    const createdAt = new Date(now).toISOString();
    const row: SessionRow = {
      id: newId<SessionId>(),
      userId: session.userId,
      tokenHash,
      createdAt,
      lastSeenAt: createdAt,
      until: sessionEnd(createdAt, now, session.role),
      userAgent: session.userAgent.slice(0, USER_AGENT_MAX_CHARACTERS),
    };
    return { token, row, sets: sessionSets(row) };
  }

  /**
   * Starts a session if all of `checks` still hold, for example that the password has not changed since it was
   * compared; otherwise returns null.
   */
  async start(session: NewSession, checks: readonly Deno.AtomicCheck[]): Promise<PreparedSession | null> {
    const prepared = this.prepare(session);
    if (await this.#db.commit({ checks, sets: prepared.sets }) === null) return null;
    await this.#endOldest(session.userId);
    return prepared;
  }

  /** Returns the session of a token; `AccountStore` decides whether it is still valid. */
  async findByToken(token: string): Promise<SessionPointer | null> {
    return (await this.#db.get<SessionPointer>(keys.session(hashSecret(token)))).value;
  }

  /** Returns a person's valid sessions, newest first. */
  async list(userId: UserId): Promise<SessionRow[]> {
    return (await this.#rows(userId)).filter((row) => !this.hasEnded(row));
  }

  /** Whether a session has expired. */
  hasEnded(row: SessionRow): boolean {
    return this.#now() >= Date.parse(row.until);
  }

  /** Records a use, at most once every few minutes, and extends the session. */
  async touch(entry: Deno.KvEntry<SessionRow>, role: Role): Promise<void> {
    const row = entry.value;
    const now = this.#now();
    if (Math.abs(now - Date.parse(row.lastSeenAt)) < SESSION_TOUCH_MS) return;
    const next = {
      ...row,
      lastSeenAt: new Date(now).toISOString(),
      until: sessionEnd(row.createdAt, now, role),
    };
    // The check fails if the session has just ended.
    await this.#db.commit({ checks: [entry], sets: [[entry.key, next]] });
  }

  /** Gives the session a new token, so that the old one stops working; null if the session has ended. */
  async rotate(userId: UserId, sessionId: SessionId): Promise<string | null> {
    const key = keys.sessionOf(userId, sessionId);
    const { token } = await this.#updates.run(key, async () => {
      const entry = await this.#db.get<SessionRow>(key);
      if (entry.value === null) return { token: null };
      const token = newSecret();
      const row = { ...entry.value, tokenHash: hashSecret(token) };
      const deletes = [keys.session(entry.value.tokenHash)];
      const versionstamp = await this.#db.commit({ checks: [entry], sets: sessionSets(row), deletes });
      return versionstamp === null ? null : { token };
    });
    return token;
  }

  /** Ends a session of this person, or throws `not_found`. Does nothing if `signal` is already aborted. */
  async end(userId: UserId, sessionId: SessionId, signal?: AbortSignal): Promise<void> {
    if (!await this.tryEnd(userId, sessionId, signal)) {
      throw new AppError("not_found", "This session does not exist");
    }
  }

  /** Ends a session; false if there is none. */
  tryEnd(userId: UserId, sessionId: SessionId, signal?: AbortSignal): Promise<boolean> {
    const key = keys.sessionOf(userId, sessionId);
    return this.#updates.run(key, async () => {
      const entry = await this.#db.get<SessionRow>(key);
      if (entry.value === null) return false;
      const commit: Commit = { checks: [entry], deletes: sessionKeys(entry.value) };
      return await this.#feed.commit(this.#db, commit, [ended(userId, sessionId)]) === null ? null : true;
    }, signal);
  }

  /** Ends every session of a person except one. */
  async endAll(userId: UserId, except: SessionId | null): Promise<void> {
    for (const row of await this.#rows(userId)) if (row.id !== except) await this.tryEnd(userId, row.id);
  }

  /** Returns what ends all sessions of a person but one, for a commit that must not happen without it. */
  async ending(userId: UserId, except: SessionId | null): Promise<SessionsEnding> {
    const rows = (await this.#rows(userId)).filter(({ id }) => id !== except).slice(0, ENDED_AT_ONCE_COUNT);
    return {
      deletes: rows.flatMap(sessionKeys),
      notices: rows.map(({ id: sessionId }) => ended(userId, sessionId)),
    };
  }

  /**
   * Limits the number of sessions per person: somebody who signs in daily and never signs out would accumulate
   * them.
   */
  async #endOldest(userId: UserId): Promise<void> {
    const rows = await this.#rows(userId);
    for (const row of rows.slice(SESSIONS_PER_USER_COUNT)) await this.tryEnd(userId, row.id);
  }

  async #rows(userId: UserId): Promise<SessionRow[]> {
    // The limit can be exceeded for a moment when many sign in at once.
    const limit = 10 * SESSIONS_PER_USER_COUNT;
    const entries = await this.#db.list<SessionRow>(keys.sessionsOf(userId), { limit });
    return entries.map(({ value }) => value).sort((a, b) => b.lastSeenAt.localeCompare(a.lastSeenAt));
  }
}

/** Returns the keys of everything that ends with a session. */
export function sessionKeys({ id, userId, tokenHash }: SessionRow): Deno.KvKey[] {
  return [keys.sessionOf(userId, id), keys.session(tokenHash), keys.pushOf(userId, id)];
}

function ended(userId: UserId, sessionId: SessionId): Change {
  return { type: "session_ended", userId, sessionId, tokenId: null, reason: "ended" };
}

function sessionSets(row: SessionRow): (readonly [Deno.KvKey, unknown])[] {
  const pointer: SessionPointer = { userId: row.userId, sessionId: row.id };
  return [[keys.sessionOf(row.userId, row.id), row], [keys.session(row.tokenHash), pointer]];
}

function sessionEnd(createdAt: string, usedAt: number, role: Role): string {
  const isGuest = role === "guest";
  const idle = usedAt + (isGuest ? GUEST_SESSION_IDLE_MS : SESSION_IDLE_MS);
  const absolute = Date.parse(createdAt) + (isGuest ? GUEST_SESSION_ABSOLUTE_MS : SESSION_ABSOLUTE_MS);
  return new Date(Math.min(idle, absolute)).toISOString();
}
