import { AppError } from "../../shared/errors.ts";
import { newId, newSecret } from "../../shared/ids.ts";
import type { TokenId, UserId } from "../../shared/ids.ts";
import { SESSION_TOUCH_MS, TOKENS_PER_USER_COUNT } from "../../shared/limits.ts";
import type { Change, Feed } from "../changes.ts";
import type { Commit, Database } from "../kv/database.ts";
import { keys } from "../kv/keys.ts";
import type { RowUpdates } from "../kv/row_updates.ts";
import { deactivation, rightsOf } from "./account_change_store.ts";
import { authorize } from "./authorize.ts";
import { hashSecret } from "./secrets.ts";
import type { PreparedUser, UserRow, UserStore } from "./user_store.ts";

/** A bearer token as stored, without the token itself. */
export interface TokenRow {
  readonly id: TokenId;
  /** The account the program acts as: the maker's own, or a bot's. */
  readonly userId: UserId;
  readonly madeBy: UserId;
  readonly tokenHash: string;
  readonly label: string;
  readonly createdAt: string;
  readonly lastUsedAt: string | null;
}

/** What is stored under a bearer token's hash. */
export interface TokenPointer {
  readonly userId: UserId;
  readonly tokenId: TokenId;
}

/** All tokens that a person made. */
interface TokensByRow {
  readonly tokens: readonly TokenPointer[];
}

/** A token to be created. */
export interface NewToken {
  readonly label: string;
  /** The name of the bot that the program acts as; null to act as oneself. */
  readonly botName: string | null;
}

export interface TokenStoreOptions {
  readonly db: Database;
  readonly feed: Feed;
  readonly updates: RowUpdates;
  readonly users: UserStore;
  /** Epoch time in milliseconds. */
  readonly now: () => number;
}

/** Bearer tokens for programs: 256 bits, stored as hashes, valid until revoked. */
export class TokenStore {
  readonly #db: Database;
  readonly #feed: Feed;
  readonly #updates: RowUpdates;
  readonly #users: UserStore;
  readonly #now: () => number;

  constructor(options: TokenStoreOptions) {
    this.#db = options.db;
    this.#feed = options.feed;
    this.#updates = options.updates;
    this.#users = options.users;
    this.#now = options.now;
  }

  /** Creates a token, and a bot account if it names one that its maker does not have yet. */
  create(madeBy: UserId, token: NewToken, signal?: AbortSignal): Promise<{ id: TokenId; token: string }> {
    return this.#updates.run(keys.user(madeBy), async () => {
      const [maker, by] = await this.#db.getMany<unknown>([keys.user(madeBy), keys.tokensBy(madeBy)]) as [
        Deno.KvEntryMaybe<UserRow>,
        Deno.KvEntryMaybe<TokensByRow>,
      ];
      authorize(rightsOf(maker.value), "tokens.use", null);
      const made = by.value?.tokens ?? [];
      // A bot exists as long as it has a token, so nobody has more bots than tokens.
      if (made.length >= TOKENS_PER_USER_COUNT) {
        throw new AppError("not_allowed", `At most ${TOKENS_PER_USER_COUNT} tokens, revoke one first`);
      }
      const bot = token.botName === null ? null : await this.#botOf(madeBy, token.botName);
      const secret = newSecret();
      const row: TokenRow = {
        id: newId<TokenId>(),
        userId: bot?.row.id ?? madeBy,
        madeBy,
        tokenHash: hashSecret(secret),
        label: token.label,
        createdAt: new Date(this.#now()).toISOString(),
        lastUsedAt: null,
      };
      const pointer: TokenPointer = { userId: row.userId, tokenId: row.id };
      const versionstamp = await this.#db.commit({
        // Also checks the maker's row: a token must not survive a deactivation at the same moment.
        checks: [maker, by, ...(bot?.commit.checks ?? [])],
        sets: [
          ...(bot?.commit.sets ?? []),
          [keys.tokenOf(row.userId, row.id), row],
          [keys.token(row.tokenHash), pointer],
          [keys.tokensBy(madeBy), { tokens: [...made, pointer] }],
        ],
      });
      return versionstamp === null ? null : { id: row.id, token: secret };
    }, signal);
  }

  /** Returns the owner of a token; `AccountStore` decides whether it is still valid. */
  async findByToken(token: string): Promise<TokenPointer | null> {
    return (await this.#db.get<TokenPointer>(keys.token(hashSecret(token)))).value;
  }

  /** Returns the tokens that a person made, oldest first. */
  async list(madeBy: UserId): Promise<TokenRow[]> {
    const pointers = await this.#pointers(madeBy);
    const rowKeys = pointers.map(({ userId, tokenId }) => keys.tokenOf(userId, tokenId));
    const entries = await this.#db.getMany<TokenRow>(rowKeys);
    return entries.flatMap((entry) => entry.value === null ? [] : [entry.value]);
  }

  /** Records a use, at most once every few minutes. */
  async touch(entry: Deno.KvEntry<TokenRow>): Promise<void> {
    const { lastUsedAt } = entry.value;
    const now = this.#now();
    if (lastUsedAt !== null && Math.abs(now - Date.parse(lastUsedAt)) < SESSION_TOUCH_MS) return;
    const next = { ...entry.value, lastUsedAt: new Date(now).toISOString() };
    // The check fails if the token has just been revoked.
    await this.#db.commit({ checks: [entry], sets: [[entry.key, next]] });
  }

  /** Revokes a token that this person made, or throws `not_found`. Does nothing if `signal` is already aborted. */
  async revoke(madeBy: UserId, tokenId: TokenId, signal?: AbortSignal): Promise<void> {
    const isRevoked = await this.#tryRevoke(madeBy, tokenId, signal);
    if (!isRevoked) throw new AppError("not_found", "This token does not exist");
  }

  /** Revokes every token that a person made, including their bots' tokens, or only those that act as `userId`. */
  async revokeAll(madeBy: UserId, userId: UserId | null = null): Promise<void> {
    for (const pointer of await this.#pointers(madeBy)) {
      if (userId === null || pointer.userId === userId) await this.#tryRevoke(madeBy, pointer.tokenId);
    }
  }

  async #pointers(madeBy: UserId): Promise<readonly TokenPointer[]> {
    return (await this.#db.get<TokensByRow>(keys.tokensBy(madeBy))).value?.tokens ?? [];
  }

  /** Revokes a token and, if it was the last one, its bot; false if there is none. */
  #tryRevoke(madeBy: UserId, tokenId: TokenId, signal?: AbortSignal): Promise<boolean> {
    return this.#updates.run(keys.user(madeBy), async () => {
      const pointer = (await this.#pointers(madeBy)).find((token) => token.tokenId === tokenId);
      if (pointer === undefined) return false;
      const revoke = () => this.#revoke(madeBy, pointer);
      // A bot must not be able to block this by changing its own row again and again.
      return pointer.userId === madeBy
        ? await revoke()
        : await this.#updates.run(keys.user(pointer.userId), revoke, signal);
    }, signal);
  }

  async #revoke(madeBy: UserId, { userId, tokenId }: TokenPointer): Promise<boolean | null> {
    const [by, token, user] = await this.#db.getMany<unknown>([
      keys.tokensBy(madeBy),
      keys.tokenOf(userId, tokenId),
      keys.user(userId),
    ]) as [
      Deno.KvEntryMaybe<TokensByRow>,
      Deno.KvEntryMaybe<TokenRow>,
      Deno.KvEntryMaybe<UserRow>,
    ];
    const tokens = by.value?.tokens ?? [];
    const rest = tokens.filter((other) => other.tokenId !== tokenId);
    if (rest.length === tokens.length) return false;
    const isLast = userId !== madeBy && !rest.some((other) => other.userId === userId);
    const ended = isLast && user.value !== null && user.value.deactivatedAt === null
      ? await deactivation(this.#db, user.value, this.#now())
      : null;
    const commit = {
      checks: [by, token, ...(ended === null ? [] : [user, ...ended.checks ?? []])],
      sets: [
        [by.key, { tokens: rest }],
        ...(ended === null ? [] : [[user.key, ended.row] as const, [keys.rightsChanged(), true] as const]),
      ],
      deletes: [
        token.key,
        ...(token.value === null ? [] : [keys.token(token.value.tokenHash)]),
        ...(ended?.deletes ?? []),
      ],
    } satisfies Commit;
    const notices: Change[] = ended === null
      ? [{ type: "session_ended", userId, sessionId: null, tokenId, reason: "ended" }]
      : [{ type: "user_changed", userId }, ...ended.notices ?? []];
    return await this.#feed.commit(this.#db, commit, notices) === null ? null : true;
  }

  /** Another token for the same bot lets its maker replace tokens without losing the account. */
  async #botOf(madeBy: UserId, name: string): Promise<PreparedUser> {
    const known = await this.#users.findByName(name);
    if (known === null || known.ownerId !== madeBy) {
      return await this.#users.prepare({ name, role: "member", ownerId: madeBy });
    }
    const bot = await this.#db.get<UserRow>(keys.user(known.id));
    if (bot.value === null || bot.value.deactivatedAt !== null) {
      return await this.#users.prepare({ name, role: "member", ownerId: madeBy });
    }
    return { row: bot.value, commit: { checks: [bot], sets: [] } };
  }
}
