import { DAY_MS } from "../../shared/status/uptime.ts";
import type { Database } from "../kv/database.ts";
import { keys } from "../kv/keys.ts";
import type { DeliverySlot } from "./delivery_times.ts";

/** More instances than ever run within a day. */
const INSTANCES_MAX_COUNT = 100;

/** How long messages took in the last 24 hours. */
export interface StoredDeliveries {
  readonly own: readonly DeliverySlot[];
  /** One list for each other instance. */
  readonly others: readonly (readonly DeliverySlot[])[];
}

/** Owns how long messages took in the last 24 hours, as each instance measured it. */
export class DeliveryStore {
  readonly #db: Database;
  readonly #name: string;

  /** Works on `db`; `name` is the same after a restart. */
  constructor(db: Database, name: string) {
    this.#db = db;
    this.#name = name;
  }

  /** Reads what all instances wrote. */
  async read(): Promise<StoredDeliveries> {
    const rows = await this.#rows();
    const isOwn = ({ key }: { readonly key: Deno.KvKey }) => key.at(-1) === this.#name;
    return {
      own: rows.find(isOwn)?.value ?? [],
      others: rows.filter((row) => !isOwn(row)).map(({ value }) => value),
    };
  }

  /** Replaces what was written before; what instances that are gone for a day wrote goes. Returns that of the others. */
  async write(slots: readonly DeliverySlot[], now: number): Promise<StoredDeliveries["others"]> {
    const others = (await this.#rows()).filter(({ key }) => key.at(-1) !== this.#name);
    const isOld = ({ value }: Deno.KvEntry<readonly DeliverySlot[]>) =>
      (value.at(-1)?.at ?? 0) < now - 2 * DAY_MS;
    await this.#db.commit({
      sets: [[keys.statusDelivery(this.#name), slots]],
      deletes: others.filter(isOld).map(({ key }) => key),
    });
    return others.map(({ value }) => value);
  }

  async #rows(): Promise<Deno.KvEntry<readonly DeliverySlot[]>[]> {
    return await this.#db.list(keys.statusDeliveries(), { limit: INSTANCES_MAX_COUNT });
  }
}
