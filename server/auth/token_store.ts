import { AppError } from "../../shared/errors.ts";
import { newId, newSecret } from "../../shared/ids.ts";
import type { TokenId, UserId } from "../../shared/ids.ts";
import { SESSION_TOUCH_MS, TOKENS_PER_USER_COUNT } from "../../shared/limits.ts";
import type { Commit, Database } from "../kv/database.ts";
import { keys } from "../kv/keys.ts";
import type { RowUpdates } from "../kv/row_updates.ts";
import type { ChangeNotice, Feed } from "../streams/feed.ts";
import { deactivation, rightsOf } from "./account_change_store.ts";
import { authorize } from "./authorize.ts";
import { hashSecret } from "./secrets.ts";
import type { UserDraft, UserRow, UserStore } from "./user_store.ts";

/** A bearer token as stored; the token itself is nowhere. */
export interface TokenRow {
  readonly id: TokenId;
  /** As whom the program acts: its maker, or a bot. */
  readonly userId: UserId;
  readonly madeBy: UserId;
  readonly tokenHash: string;
  readonly label: string;
  readonly createdAt: string;
  readonly lastUsedAt: string | null;
}

/** What a bearer token leads to. */
export interface TokenPointer {
  readonly userId: UserId;
  readonly tokenId: TokenId;
}

/** Every token that a person made. */
interface TokensByRow {
  readonly tokens: readonly TokenPointer[];
}

/** A token that is to be made. */
export interface NewToken {
  readonly label: string;
  /** Name of the bot that the program shall be; null to act as oneself. */
  readonly botName: string | null;
}

/** What the store works with. */
export interface TokenStoreOptions {
  readonly db: Database;
  readonly feed: Feed;
  readonly updates: RowUpdates;
  readonly users: UserStore;
  /** Epoch time in milliseconds. */
  readonly now: () => number;
}

/** Bearer tokens of programs: 256 bits, stored as hashes, valid until revoked. */
export class TokenStore {
  readonly #db: Database;
  readonly #feed: Feed;
  readonly #updates: RowUpdates;
  readonly #users: UserStore;
  readonly #now: () => number;

  /** Works on `db` and tells `feed` of tokens that end. */
  constructor(options: TokenStoreOptions) {
    this.#db = options.db;
    this.#feed = options.feed;
    this.#updates = options.updates;
    this.#users = options.users;
    this.#now = options.now;
  }

  /** Makes a token, and a bot account when it names one that its maker does not have yet. */
  create(madeBy: UserId, token: NewToken, signal?: AbortSignal): Promise<{ id: TokenId; token: string }> {
    return this.#updates.run(keys.user(madeBy), async () => {
      const [maker, by] = await this.#db.getMany<unknown>([keys.user(madeBy), keys.tokensBy(madeBy)]) as [
        Deno.KvEntryMaybe<UserRow>,
        Deno.KvEntryMaybe<TokensByRow>,
      ];
      authorize(rightsOf(maker.value), "tokens.use", null);
      const made = by.value?.tokens ?? [];
      // Each bot lives by a token: so nobody has more bots than tokens.
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
        // The maker's row, too: a token must not outlive a deactivation that happens right now.
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

  /** Says whose token this is; whether it still holds is for `AccountStore` to say. */
  async findByToken(token: string): Promise<TokenPointer | null> {
    return (await this.#db.get<TokenPointer>(keys.token(hashSecret(token)))).value;
  }

  /** Gives the tokens that a person made, oldest first. */
  async list(madeBy: UserId): Promise<TokenRow[]> {
    const pointers = await this.#pointers(madeBy);
    const rowKeys = pointers.map(({ userId, tokenId }) => keys.tokenOf(userId, tokenId));
    const entries = await this.#db.getMany<TokenRow>(rowKeys);
    return entries.flatMap((entry) => entry.value === null ? [] : [entry.value]);
  }

  /** Notes a use, at most once in a while. */
  async touch(entry: Deno.KvEntry<TokenRow>): Promise<void> {
    const { lastUsedAt } = entry.value;
    const now = this.#now();
    if (lastUsedAt !== null && Math.abs(now - Date.parse(lastUsedAt)) < SESSION_TOUCH_MS) return;
    const next = { ...entry.value, lastUsedAt: new Date(now).toISOString() };
    // The check keeps a token that is revoked right now from coming back.
    await this.#db.commit({ checks: [entry], sets: [[entry.key, next]] });
  }

  /** Ends a token that this person made, or throws `not_found`; not begun once `signal` has aborted. */
  async revoke(madeBy: UserId, tokenId: TokenId, signal?: AbortSignal): Promise<void> {
    const isRevoked = await this.#tryRevoke(madeBy, tokenId, signal);
    if (!isRevoked) throw new AppError("not_found", "There is no such token");
  }

  /** Ends every token that a person made, its bots' included, or only those that act as `userId`. */
  async revokeAll(madeBy: UserId, userId: UserId | null = null): Promise<void> {
    for (const pointer of await this.#pointers(madeBy)) {
      if (userId === null || pointer.userId === userId) await this.#tryRevoke(madeBy, pointer.tokenId);
    }
  }

  async #pointers(madeBy: UserId): Promise<readonly TokenPointer[]> {
    return (await this.#db.get<TokensByRow>(keys.tokensBy(madeBy))).value?.tokens ?? [];
  }

  /** Ends a token and, with its last one, its bot; false when there is none. */
  #tryRevoke(madeBy: UserId, tokenId: TokenId, signal?: AbortSignal): Promise<boolean> {
    return this.#updates.run(keys.user(madeBy), async () => {
      const pointer = (await this.#pointers(madeBy)).find((token) => token.tokenId === tokenId);
      if (pointer === undefined) return false;
      const revoke = () => this.#revoke(madeBy, pointer);
      // A bot that goes on changing its own row must not keep its token by that.
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
    const notices: ChangeNotice[] = ended === null
      ? [{ type: "session_ended", userId, sessionId: null, tokenId, reason: "ended" }]
      : [{ type: "user_changed", userId }, ...ended.notices ?? []];
    return await this.#feed.commit(this.#db, commit, notices) === null ? null : true;
  }

  /** A further token for the same bot lets its maker change tokens without losing the account. */
  async #botOf(madeBy: UserId, name: string): Promise<UserDraft> {
    const known = await this.#users.findByName(name);
    if (known === null || known.ownerId !== madeBy) {
      return await this.#users.draft({ name, role: "member", ownerId: madeBy });
    }
    const bot = await this.#db.get<UserRow>(keys.user(known.id));
    if (bot.value === null || bot.value.deactivatedAt !== null) {
      return await this.#users.draft({ name, role: "member", ownerId: madeBy });
    }
    return { row: bot.value, commit: { checks: [bot], sets: [] } };
  }
}
