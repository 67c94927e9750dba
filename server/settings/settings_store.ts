import { AppError } from "../../shared/errors.ts";
import type { UserId } from "../../shared/ids.ts";
import { DEFAULT_SETTINGS } from "../../shared/notify/notification_settings.ts";
import type { PersonSettings } from "../../shared/notify/notification_settings.ts";
import type { UserRow } from "../auth/user_store.ts";
import type { Feed } from "../changes.ts";
import type { Database } from "../kv/database.ts";
import { keys } from "../kv/keys.ts";
import { ReadCache } from "../kv/read_cache.ts";
import type { CacheStats } from "../kv/read_cache.ts";
import { RowUpdates } from "../kv/row_updates.ts";

/** Maximum number of people whose settings are cached. */
const CACHE_MAX_COUNT = 20_000;

export interface SettingsOptions {
  readonly db: Database;
  readonly feed: Feed;
}

/** A change; omitted fields keep their value. */
export type SettingsChange = { readonly [Name in keyof PersonSettings]?: PersonSettings[Name] | undefined };

/** Settings of people. Only what they changed is stored, so a new default applies to everyone else. */
export class SettingsStore {
  readonly #db: Database;
  readonly #feed: Feed;
  readonly #updates = new RowUpdates();
  readonly #settings = new ReadCache<UserId, PersonSettings>({ maxCount: CACHE_MAX_COUNT });
  readonly #unsubscribe: () => void;

  /** Subscribes to the feed. */
  constructor({ db, feed }: SettingsOptions) {
    this.#db = db;
    this.#feed = feed;
    this.#unsubscribe = feed.subscribe("cache", (notice) => {
      if (notice.type !== "changed") return;
      const { change } = notice;
      const isGone = change.type === "session_ended" && change.reason === "deactivated";
      if (isGone || change.type === "settings_changed") this.#settings.drop(change.userId);
    });
  }

  /** Returns all settings of a person. */
  async get(userId: UserId): Promise<PersonSettings> {
    const settings = await this.#settings.get(userId, async () => {
      const row = await this.#db.get<SettingsChange>(keys.settings(userId));
      return withChange(DEFAULT_SETTINGS, row.value ?? {});
    });
    return settings ?? DEFAULT_SETTINGS;
  }

  /** Returns the settings if they are cached, and so current. */
  peek(userId: UserId): PersonSettings | undefined {
    return this.#settings.peek(userId);
  }

  /** Changes settings and returns all. Does nothing if `signal` aborts before the change starts. */
  async change(userId: UserId, change: SettingsChange, signal?: AbortSignal): Promise<PersonSettings> {
    const key = keys.settings(userId);
    return await this.#updates.run(key, async () => {
      const [row, user] = await this.#db.getMany<unknown>([key, keys.user(userId)]) as [
        Deno.KvEntryMaybe<SettingsChange>,
        Deno.KvEntryMaybe<UserRow>,
      ];
      // Deactivation deletes the row, which must not come back.
      if (user.value === null || user.value.deactivatedAt !== null) {
        throw new AppError("unauthenticated", "The account no longer exists");
      }
      const next = withChange(row.value ?? {}, change);
      const settings = withChange(DEFAULT_SETTINGS, next);
      const commit = { checks: [row, user], sets: [[key, next] as const] };
      const changed = { type: "settings_changed", userId, level: settings.level } as const;
      return await this.#feed.commit(this.#db, commit, [changed]) === null ? null : settings;
    }, signal);
  }

  /** Statistics of the cached settings. */
  get cache(): CacheStats {
    return this.#settings;
  }

  /** Unsubscribes from the feed. */
  close(): void {
    this.#unsubscribe();
  }
}

function withChange<T extends SettingsChange>(before: T, change: SettingsChange): T {
  const given = Object.entries(change).filter(([, value]) => value !== undefined);
  return { ...before, ...Object.fromEntries(given) };
}
