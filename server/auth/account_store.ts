import { AppError } from "../../shared/errors.ts";
import { LOGIN_RECHECK_MS, RIGHTS_CACHE_MS } from "../../shared/limits.ts";
import type { Feed, Notice, SessionEnded } from "../changes.ts";
import type { Actor } from "../rpc/context.ts";
import type { Database } from "../kv/database.ts";
import { keys } from "../kv/keys.ts";
import { ReadCache } from "../kv/read_cache.ts";
import type { CacheStats } from "../kv/read_cache.ts";
import type { Login, LoginPointer } from "../net/connection.ts";
import { mayHaveBots } from "./account_change_store.ts";
import type { SessionRow, SessionStore } from "./session_store.ts";
import type { TokenRow, TokenStore } from "./token_store.ts";
import type { UserRow } from "./user_store.ts";

/** Maximum number of cached logins. */
const CACHE_MAX_COUNT = 20_000;

/** The credentials of a request; if there is a bearer token, the session cookie is ignored. */
export interface Credentials {
  readonly cookieToken?: string | undefined;
  readonly bearerToken?: string | undefined;
}

export interface AccountStoreOptions {
  readonly db: Database;
  readonly feed: Feed;
  readonly sessions: SessionStore;
  readonly tokens: TokenStore;
  /** Epoch time in milliseconds. */
  readonly now: () => number;
}

/** An actor and when their login expires if unused, in epoch milliseconds; `Infinity` for a token. */
interface KnownLogin {
  readonly actor: Actor;
  readonly until: number;
}

/** The account behind a login, and when the login expires if unused. */
interface Found {
  readonly user: UserRow;
  readonly until: number;
}

/**
 * Finds out who a request comes from, and their role. Valid logins are cached for at most a second and dropped when
 * a notice ends them; failures are never cached, so new rights apply immediately.
 */
export class AccountStore {
  readonly #options: AccountStoreOptions;
  readonly #logins: ReadCache<string, KnownLogin>;
  readonly #unsubscribe: () => void;

  /** Subscribes to the feed. */
  constructor(options: AccountStoreOptions) {
    this.#options = options;
    const { now } = options;
    this.#logins = new ReadCache({ maxCount: CACHE_MAX_COUNT, ttl: { ms: RIGHTS_CACHE_MS, now } });
    this.#unsubscribe = options.feed.subscribe("cache", (notice) => this.#handle(notice));
  }

  /** Returns the login for the credentials of a request, or null if they are not valid. */
  async login(credentials: Credentials): Promise<Login | null> {
    const { sessions, tokens } = this.#options;
    const { cookieToken, bearerToken } = credentials;
    let pointer: LoginPointer | null = null;
    if (bearerToken !== undefined) {
      const found = await tokens.findByToken(bearerToken);
      if (found !== null) pointer = { ...found, sessionId: null };
    } else if (cookieToken !== undefined) {
      const found = await sessions.findByToken(cookieToken);
      if (found !== null) pointer = { ...found, tokenId: null };
    }
    const actor = pointer === null ? null : await this.resolve(pointer);
    return pointer === null || actor === null ? null : { ...pointer, accountId: actor.accountId };
  }

  /** Returns the actor of a login with their current role, or null if the login has ended. */
  async resolve(login: LoginPointer): Promise<Actor | null> {
    const known = await this.#logins.get(cacheId(login), () => this.#read(login));
    return known?.actor ?? null;
  }

  /** Returns for how many ms a login can be trusted before it must be checked again; 0 if it has ended. */
  async holdsForMs(login: LoginPointer): Promise<number> {
    if (await this.resolve(login) === null) return 0;
    const known = this.#logins.peek(cacheId(login));
    if (known === undefined) return RIGHTS_CACHE_MS;
    return Math.max(1, Math.min(LOGIN_RECHECK_MS, known.until - this.#options.now()));
  }

  /** Statistics of the cached logins. */
  get cache(): CacheStats {
    return this.#logins;
  }

  /** Unsubscribes from the feed. */
  close(): void {
    this.#unsubscribe();
  }

  async #read(login: LoginPointer): Promise<KnownLogin | null> {
    const found = login.tokenId === null ? await this.#readSession(login) : await this.#readToken(login);
    if (found === null) return null;
    const { user, until } = found;
    const actor: Actor = {
      userId: user.id,
      accountId: user.ownerId ?? user.id,
      name: user.name,
      role: user.role,
      isBot: user.isBot,
      sessionId: login.sessionId,
      tokenId: login.tokenId,
    };
    return { actor, until };
  }

  async #readSession(login: LoginPointer): Promise<Found | null> {
    const { db, sessions } = this.#options;
    if (login.sessionId === null) return null;
    const [user, session] = await db.getMany<unknown>([
      keys.user(login.userId),
      keys.sessionOf(login.userId, login.sessionId),
    ]) as [Deno.KvEntryMaybe<UserRow>, Deno.KvEntryMaybe<SessionRow>];
    if (user.value === null || user.value.deactivatedAt !== null || session.value === null) return null;
    const { role } = user.value;
    if (sessions.hasEnded(session.value)) {
      // Deleted now, so that it cannot become valid again if the clock steps back.
      await ifWritable(() => sessions.tryEnd(login.userId, session.value.id));
      return null;
    }
    await ifWritable(() => sessions.touch(session, role));
    return { user: user.value, until: Date.parse(session.value.until) };
  }

  async #readToken(login: LoginPointer): Promise<Found | null> {
    const { db, tokens } = this.#options;
    if (login.tokenId === null) return null;
    const [user, token] = await db.getMany<unknown>([
      keys.user(login.userId),
      keys.tokenOf(login.userId, login.tokenId),
    ]) as [Deno.KvEntryMaybe<UserRow>, Deno.KvEntryMaybe<TokenRow>];
    if (user.value === null || user.value.deactivatedAt !== null || token.value === null) return null;
    const { madeBy } = token.value;
    const maker = madeBy === user.value.id ? user.value : (await db.get<UserRow>(keys.user(madeBy))).value;
    if (!mayHaveBots(maker)) return null;
    await ifWritable(() => tokens.touch(token));
    return { user: user.value, until: Infinity };
  }

  #handle(notice: Notice): void {
    if (notice.type !== "changed") return;
    const { change } = notice;
    if (change.type !== "user_changed" && change.type !== "session_ended") return;
    const isAll = change.type === "user_changed" || (change.sessionId === null && change.tokenId === null);
    this.#logins.dropWhere(({ actor }) => {
      // A bot's rights depend on its maker.
      const isTheirs = actor.userId === change.userId || actor.accountId === change.userId;
      return isTheirs && (isAll || isNamedBy(change, actor));
    });
  }
}

function cacheId(login: LoginPointer): string {
  return login.tokenId === null ? `session ${login.sessionId}` : `token ${login.tokenId}`;
}

function isNamedBy(ended: SessionEnded, actor: Actor): boolean {
  return ended.tokenId === null ? ended.sessionId === actor.sessionId : ended.tokenId === actor.tokenId;
}

/** Reading must keep working while the disk is full; recording the last use of a session is not worth an error. */
async function ifWritable(write: () => Promise<unknown>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (
      error instanceof AppError &&
      (error.appCode === "storage_full" || error.appCode === "storage_unavailable")
    ) {
      return;
    }
    throw error;
  }
}
