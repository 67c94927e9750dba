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
import type { Commit, Database } from "../kv/database.ts";
import { keys } from "../kv/keys.ts";
import { RowUpdates } from "../kv/row_updates.ts";
import type { Feed } from "../streams/feed.ts";
import { hashSecret } from "./secrets.ts";

/** Signed-in state as stored; the token itself is nowhere. */
export interface SessionRow {
  readonly id: SessionId;
  readonly userId: UserId;
  readonly tokenHash: string;
  readonly createdAt: string;
  readonly lastSeenAt: string;
  /** When it ends unless it is used before. */
  readonly until: string;
  readonly userAgent: string;
}

/** What a session token leads to. */
export interface SessionPointer {
  readonly userId: UserId;
  readonly sessionId: SessionId;
}

/** Who gets a session. */
export interface NewSession {
  readonly userId: UserId;
  readonly role: Role;
  readonly userAgent: string;
}

/** A session that is about to be made, and its token, which only its owner ever sees. */
export interface SessionDraft {
  readonly token: string;
  readonly row: SessionRow;
  readonly sets: readonly (readonly [Deno.KvKey, unknown])[];
}

/** What the store works with. */
export interface SessionStoreOptions {
  readonly db: Database;
  readonly feed: Feed;
  /** Epoch time in milliseconds. */
  readonly now: () => number;
}

/** Signed-in states: 256-bit tokens, stored as hashes, with an end that is checked at each use. */
export class SessionStore {
  readonly #db: Database;
  readonly #feed: Feed;
  readonly #now: () => number;
  readonly #updates = new RowUpdates();

  /** Works on `db` and tells `feed` of sessions that end. */
  constructor(options: SessionStoreOptions) {
    this.#db = options.db;
    this.#feed = options.feed;
    this.#now = options.now;
  }

  /** Prepares a session for a commit. */
  draft(session: NewSession): SessionDraft {
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
   * Starts a session if all of `checks` still hold, such as that the password is the one that was compared; else
   * gives null.
   */
  async start(session: NewSession, checks: readonly Deno.AtomicCheck[]): Promise<SessionDraft | null> {
    const draft = this.draft(session);
    if (await this.#db.commit({ checks, sets: draft.sets }) === null) return null;
    await this.#endOldest(session.userId);
    return draft;
  }

  /** Says whose session a token is; whether it still holds is for `AccountStore` to say. */
  async findByToken(token: string): Promise<SessionPointer | null> {
    return (await this.#db.get<SessionPointer>(keys.session(hashSecret(token)))).value;
  }

  /** Gives the sessions of a person that still hold, newest first. */
  async list(userId: UserId): Promise<SessionRow[]> {
    return (await this.#rows(userId)).filter((row) => !this.hasEnded(row));
  }

  /** Says whether a session's time is over. */
  hasEnded(row: SessionRow): boolean {
    return this.#now() >= Date.parse(row.until);
  }

  /** Notes a use, at most once in a while, and moves the end. */
  async touch(entry: Deno.KvEntry<SessionRow>, role: Role): Promise<void> {
    const row = entry.value;
    const now = this.#now();
    if (Math.abs(now - Date.parse(row.lastSeenAt)) < SESSION_TOUCH_MS) return;
    const next = {
      ...row,
      lastSeenAt: new Date(now).toISOString(),
      until: sessionEnd(row.createdAt, now, role),
    };
    // The check keeps a session that ends right now from coming back.
    await this.#db.commit({ checks: [entry], sets: [[entry.key, next]] });
  }

  /** Gives the session a new token, so that whoever saw the old one is out; null when it has ended. */
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

  /** Ends a session of this person, or throws `not_found`; not begun once `signal` has aborted. */
  async end(userId: UserId, sessionId: SessionId, signal?: AbortSignal): Promise<void> {
    if (!await this.tryEnd(userId, sessionId, signal)) {
      throw new AppError("not_found", "There is no such session");
    }
  }

  /** Ends a session; false when there is none. */
  tryEnd(userId: UserId, sessionId: SessionId, signal?: AbortSignal): Promise<boolean> {
    const key = keys.sessionOf(userId, sessionId);
    return this.#updates.run(key, async () => {
      const entry = await this.#db.get<SessionRow>(key);
      if (entry.value === null) return false;
      const commit: Commit = { checks: [entry], deletes: [key, keys.session(entry.value.tokenHash)] };
      const ended = { type: "session_ended", userId, sessionId, tokenId: null, reason: "ended" } as const;
      return await this.#feed.commit(this.#db, commit, [ended]) === null ? null : true;
    }, signal);
  }

  /** Ends every session of a person but one. */
  async endAll(userId: UserId, except: SessionId | null): Promise<void> {
    for (const row of await this.#rows(userId)) if (row.id !== except) await this.tryEnd(userId, row.id);
  }

  /** Keeps the list of a person's sessions short: who signs in daily and never out would fill it. */
  async #endOldest(userId: UserId): Promise<void> {
    const rows = await this.#rows(userId);
    for (const row of rows.slice(SESSIONS_PER_USER_COUNT)) await this.tryEnd(userId, row.id);
  }

  async #rows(userId: UserId): Promise<SessionRow[]> {
    // More than the limit can stand there for a moment, when many sign in at once.
    const limit = 10 * SESSIONS_PER_USER_COUNT;
    const entries = await this.#db.list<SessionRow>(keys.sessionsOf(userId), { limit });
    return entries.map(({ value }) => value).sort((a, b) => b.lastSeenAt.localeCompare(a.lastSeenAt));
  }
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
