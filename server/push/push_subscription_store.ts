import { AppError } from "../../shared/errors.ts";
import type { SessionId, UserId } from "../../shared/ids.ts";
import { SESSION_ABSOLUTE_MS } from "../../shared/limits.ts";
import { hashSecret } from "../auth/secrets.ts";
import type { SessionRow } from "../auth/session_store.ts";
import type { UserRow } from "../auth/user_store.ts";
import type { Feed, Notice } from "../changes.ts";
import type { Database } from "../kv/database.ts";
import { keys } from "../kv/keys.ts";
import { RowUpdates } from "../kv/row_updates.ts";
import { DEVICES_PER_PERSON_COUNT } from "./push_limits.ts";

/** Rows that a start reads at once. */
const BATCH_COUNT = 500;

/** Where a browser receives pushes, and the keys to encrypt them, as base64url. */
export interface PushTarget {
  readonly endpoint: string;
  readonly keys: { readonly p256dh: string; readonly auth: string };
}

/** The subscription of a session, as stored. */
export interface PushSubscriptionRow extends PushTarget {
  readonly createdAt: string;
}

/** Whose an endpoint is, as stored; wrong if that session has another endpoint by now, or none. */
interface EndpointRow {
  readonly userId: UserId;
  readonly sessionId: SessionId;
  /** The session cannot last longer. */
  readonly until: string;
}

/** A subscription that may be sent to. */
export interface PushDevice extends PushTarget {
  readonly userId: UserId;
  readonly sessionId: SessionId;
  /** Of the row. */
  readonly versionstamp: string;
}

export interface PushSubscriptionOptions {
  readonly db: Database;
  readonly feed: Feed;
  /** Epoch time in milliseconds. */
  readonly now: () => number;
}

/** Push subscriptions: at most one a session, deleted in the commit that ends the session. */
export class PushSubscriptionStore {
  readonly #options: PushSubscriptionOptions;
  readonly #updates = new RowUpdates();
  /** Everyone with a subscription, and maybe some whose last one has ended. */
  readonly #people = new Set<UserId>();
  readonly #handlers = new Set<(userId: UserId) => void>();
  readonly #unsubscribe: () => void;
  #addedCount = 0;

  /** Subscribes to the feed. */
  constructor(options: PushSubscriptionOptions) {
    this.#options = options;
    this.#unsubscribe = options.feed.subscribe("cache", (notice) => this.#hear(notice));
  }

  /** Learns who has a subscription; call it once the feed is listened to. */
  async load(): Promise<void> {
    let start: Deno.KvKey | undefined;
    for (;;) {
      const batch = await this.#options.db.list<PushSubscriptionRow>(keys.pushesAll(), {
        limit: BATCH_COUNT,
        ...(start === undefined ? {} : { start }),
      });
      for (const { key } of batch) this.#people.add(key[1] as UserId);
      const last = batch.at(-1);
      // The next batch starts with the last row of this one.
      if (last === undefined || batch.length < BATCH_COUNT) return;
      start = last.key;
    }
  }

  /** Everyone who may have a subscription. */
  get people(): ReadonlySet<UserId> {
    return this.#people;
  }

  /** Calls `handler` when somebody may have their first subscription, until the returned function is called. */
  onPerson(handler: (userId: UserId) => void): () => void {
    this.#handlers.add(handler);
    return () => this.#handlers.delete(handler);
  }

  /**
   * Stores the subscription of a session, in place of an earlier one, and of whoever used the browser before; the
   * oldest of too many are deleted.
   */
  async subscribe(
    userId: UserId,
    sessionId: SessionId,
    target: PushTarget,
    signal?: AbortSignal,
  ): Promise<void> {
    const { db, feed, now } = this.#options;
    await this.#updates.run(keys.pushesOf(userId), async () => {
      const [session, rows, holder] = await Promise.all([
        db.get<SessionRow>(keys.sessionOf(userId, sessionId)),
        this.#rows(userId),
        this.#holderOf(target.endpoint),
      ]);
      if (session.value === null) {
        throw new AppError("unauthenticated", "The session has ended, sign in again");
      }
      const others = rows.filter((row) => row.key[2] !== sessionId);
      // A browser has one endpoint, also when its earlier session has not ended.
      const kept = others.filter(({ value }) => value.endpoint !== target.endpoint)
        .toSorted((a, b) => b.value.createdAt.localeCompare(a.value.createdAt))
        .slice(0, DEVICES_PER_PERSON_COUNT - 1);
      const row: PushSubscriptionRow = { ...target, createdAt: new Date(now()).toISOString() };
      const until = new Date(now() + SESSION_ABSOLUTE_MS).toISOString();
      const endpointRow: EndpointRow = { userId, sessionId, until };
      const commit = {
        checks: [session, ...holder.checks],
        sets: [
          [keys.pushOf(userId, sessionId), row] as const,
          [endpointKey(target.endpoint), endpointRow] as const,
        ],
        deletes: [
          ...others.filter((other) => !kept.includes(other)).map(({ key }) => key),
          ...rows.filter((each) => !kept.includes(each) && each.value.endpoint !== target.endpoint)
            .map(({ value }) => endpointKey(value.endpoint)),
          ...holder.keys.filter((key) => key[1] !== userId),
        ],
      };
      return await feed.commit(db, commit, [{ type: "push_subscribed", userId }]);
    }, signal);
  }

  /** Deletes the subscription with this endpoint; without one, does nothing. */
  async unsubscribe(userId: UserId, endpoint: string): Promise<void> {
    const found = (await this.#rows(userId)).filter(({ value }) => value.endpoint === endpoint);
    if (found.length === 0) return;
    await this.#options.db.commit({ deletes: [...found.map(({ key }) => key), endpointKey(endpoint)] });
  }

  /** Deletes a subscription that its push service no longer knows, unless it was renewed. */
  async remove({ userId, sessionId, endpoint, versionstamp }: PushDevice): Promise<void> {
    const key = keys.pushOf(userId, sessionId);
    await this.#options.db.commit({
      checks: [{ key, versionstamp }],
      deletes: [key, endpointKey(endpoint)],
    });
  }

  /** Returns the devices of a person whose sessions are valid, newest first. */
  async devicesOf(userId: UserId): Promise<PushDevice[]> {
    const addedCount = this.#addedCount;
    const rows = await this.#rows(userId);
    if (rows.length === 0) {
      // Unless one was added during the read.
      if (addedCount === this.#addedCount) this.#people.delete(userId);
      return [];
    }
    const { db, now } = this.#options;
    const [user, ...sessions] = await db.getMany<unknown>([
      keys.user(userId),
      ...rows.map(({ key }) => keys.sessionOf(userId, key[2] as SessionId)),
    ]) as [Deno.KvEntryMaybe<UserRow>, ...Deno.KvEntryMaybe<SessionRow>[]];
    // The sessions of an account end after it.
    if (user.value === null || user.value.deactivatedAt !== null) return [];
    return rows.flatMap(({ value, versionstamp }, index): PushDevice[] => {
      const session = sessions[index]?.value ?? null;
      if (session === null || now() >= Date.parse(session.until)) return [];
      const { endpoint, keys: secrets } = value;
      return [{ userId, sessionId: session.id, endpoint, keys: secrets, versionstamp }];
    });
  }

  /** Whether a device still has its subscription, and its session is valid. */
  async isValid({ userId, sessionId, endpoint }: PushDevice): Promise<boolean> {
    const devices = await this.devicesOf(userId);
    return devices.some((device) => device.sessionId === sessionId && device.endpoint === endpoint);
  }

  /** Unsubscribes from the feed. */
  close(): void {
    this.#unsubscribe();
  }

  async #rows(userId: UserId): Promise<Deno.KvEntry<PushSubscriptionRow>[]> {
    // Two instances can both add the last one that fits.
    const limit = 2 * DEVICES_PER_PERSON_COUNT;
    return await this.#options.db.list<PushSubscriptionRow>(keys.pushesOf(userId), { limit });
  }

  /** Finds the row of the session that has an endpoint, and what must not change until it is deleted. */
  async #holderOf(endpoint: string): Promise<{ checks: Deno.AtomicCheck[]; keys: Deno.KvKey[] }> {
    const { db } = this.#options;
    const pointer = await db.get<EndpointRow>(endpointKey(endpoint));
    if (pointer.value === null) return { checks: [pointer], keys: [] };
    const { userId, sessionId } = pointer.value;
    const row = await db.get<PushSubscriptionRow>(keys.pushOf(userId, sessionId));
    return { checks: [pointer, row], keys: row.value?.endpoint === endpoint ? [row.key] : [] };
  }

  #hear(notice: Notice): void {
    if (notice.type !== "changed" || notice.change.type !== "push_subscribed") return;
    const { userId } = notice.change;
    this.#addedCount++;
    if (this.#people.has(userId)) return;
    this.#people.add(userId);
    for (const handler of this.#handlers) handler(userId);
  }
}

/** An endpoint can be longer than a key. */
function endpointKey(endpoint: string): Deno.KvKey {
  return keys.pushEndpoint(hashSecret(endpoint));
}
