import type { Database } from "../kv/database.ts";
import { keys } from "../kv/keys.ts";
import type { DeliverySlot } from "./delivery_times.ts";

/** Owns how long messages took in the last 24 hours, as one instance measured it. */
export class DeliveryStore {
  readonly #db: Database;
  readonly #name: string;

  /** Works on `db`; `name` is the same after a restart. */
  constructor(db: Database, name: string) {
    this.#db = db;
    this.#name = name;
  }

  /** Reads what was written before a restart. */
  async read(): Promise<readonly DeliverySlot[]> {
    return (await this.#db.get<readonly DeliverySlot[]>(keys.statusDelivery(this.#name))).value ?? [];
  }

  /** Replaces what was written before. */
  async write(slots: readonly DeliverySlot[]): Promise<void> {
    await this.#db.commit({ sets: [[keys.statusDelivery(this.#name), slots]] });
  }
}
