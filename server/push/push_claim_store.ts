import { newSecret } from "../../shared/ids.ts";
import type { RoomId } from "../../shared/ids.ts";
import type { Database } from "../kv/database.ts";
import { keys } from "../kv/keys.ts";

/** After this time another instance takes over, unless the claim is renewed. */
export const CLAIM_MS = 30_000;
const RENEW_MS = CLAIM_MS / 3;

/** What one of several instances does. */
export interface PushClaimRow {
  readonly by: string;
  /** Epoch milliseconds. */
  readonly until: number;
  readonly isDone: boolean;
}

/** A piece of work: the pushes of a message, at once or later. */
export interface PushTask {
  readonly roomId: RoomId;
  readonly offset: number;
  readonly phase: "now" | "later";
}

/** Decides which of several instances sends a push. */
export class PushClaimStore {
  readonly #db: Database;
  readonly #now: () => number;
  readonly #by = newSecret();

  constructor(db: Database, now: () => number) {
    this.#db = db;
    this.#now = now;
  }

  /** Does the work, unless another instance does; then returns when to ask again, or null if it has been done. */
  async perform(task: PushTask, work: () => Promise<void>): Promise<number | null> {
    const key = keys.pushClaim(task.roomId, task.offset, task.phase);
    const entry = await this.#db.get<PushClaimRow>(key);
    if (entry.value?.isDone) return null;
    if (entry.value !== null && entry.value.until > this.#now()) return entry.value.until;
    const row = (isDone: boolean): PushClaimRow => ({ by: this.#by, until: this.#now() + CLAIM_MS, isDone });
    if (await this.#db.commit({ checks: [entry], sets: [[key, row(false)]] }) === null) {
      return this.#now() + CLAIM_MS;
    }
    const renew = () => void this.#db.commit({ sets: [[key, row(false)]] }).catch(() => {});
    const timer = setInterval(renew, RENEW_MS);
    try {
      await work();
    } finally {
      clearInterval(timer);
    }
    await this.#db.commit({ sets: [[key, row(true)]] });
    return null;
  }
}
