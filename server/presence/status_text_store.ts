import type { UserId } from "../../shared/ids.ts";
import { effectiveText } from "../../shared/presence.ts";
import type { StatusText } from "../../shared/presence.ts";
import type { Feed } from "../changes.ts";
import type { Commit, Database } from "../kv/database.ts";
import { keys } from "../kv/keys.ts";
import { RowUpdates } from "../kv/row_updates.ts";

/** A change; omitted fields keep their value. */
export interface StatusTextChange {
  readonly text?: string;
  readonly textUntil?: string | null;
  readonly doNotDisturb?: boolean;
}

/** More people than one server can have; lists need a limit. */
const ROWS_MAX_COUNT = 100_000;

/** The default. */
export const NO_STATUS_TEXT: StatusText = { text: "", textUntil: null, doNotDisturb: false };

export interface StatusTextOptions {
  readonly db: Database;
  readonly feed: Feed;
  /** Epoch time in milliseconds. */
  readonly now: () => number;
}

/** Stores status texts and do-not-disturb. Expired texts stay stored until the next change, but are not shown. */
export class StatusTextStore {
  readonly #db: Database;
  readonly #feed: Feed;
  readonly #now: () => number;
  readonly #updates = new RowUpdates();

  constructor({ db, feed, now }: StatusTextOptions) {
    this.#db = db;
    this.#feed = feed;
    this.#now = now;
  }

  /** Reads what a person set; null if nothing. */
  async find(userId: UserId): Promise<StatusText | null> {
    return (await this.#db.get<StatusText>(keys.statusText(userId))).value;
  }

  /** Reads all texts. */
  async all(): Promise<Map<UserId, StatusText>> {
    const rows = await this.#db.list<StatusText>(keys.statusTexts(), { limit: ROWS_MAX_COUNT });
    return new Map(rows.map(({ key, value }) => [key.at(-1) as UserId, value]));
  }

  /**
   * Changes the given fields; a new text without a time is shown until it is removed. Does nothing if `signal` aborts
   * before the change starts.
   */
  async change(userId: UserId, change: StatusTextChange, signal?: AbortSignal): Promise<StatusText> {
    const key = keys.statusText(userId);
    return await this.#updates.run(key, async () => {
      const row = await this.#db.get<StatusText>(key);
      const next = applyChange(row.value ?? NO_STATUS_TEXT, change, this.#now());
      const isEmpty = next.text === "" && !next.doNotDisturb;
      const checks = [{ key, versionstamp: row.versionstamp }];
      const commit: Commit = isEmpty ? { checks, deletes: [key] } : { checks, sets: [[key, next]] };
      const changed = { type: "status_text_changed", userId, statusText: next } as const;
      return await this.#feed.commit(this.#db, commit, [changed]) === null ? null : next;
    }, signal);
  }
}

function applyChange(before: StatusText, change: StatusTextChange, nowMs: number): StatusText {
  const text = change.text ?? effectiveText(before, nowMs);
  const kept = change.text === undefined ? before.textUntil : null;
  const textUntil = change.textUntil === undefined ? kept : change.textUntil;
  return {
    text,
    textUntil: text === "" ? null : textUntil,
    doNotDisturb: change.doNotDisturb ?? before.doNotDisturb,
  };
}
