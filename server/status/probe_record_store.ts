import type { Database } from "../kv/database.ts";
import { keys } from "../kv/keys.ts";
import type { RecentDeliveries } from "./delivery_times.ts";
import type { Measurement } from "./measurements.ts";

/** More instances than ever run at the same time. */
const RECORDS_MAX_COUNT = 100;

/** What one instance measures. */
export interface ProbeRecord {
  /** Epoch time in milliseconds. */
  readonly at: number;
  readonly measurements: Readonly<Record<string, Measurement>>;
  /** Absent while no message was delivered, and in records of earlier releases. */
  readonly delivered?: RecentDeliveries;
}

/** Owns what each instance measures, for the others to merge. */
export class ProbeRecordStore {
  readonly #db: Database;
  readonly #instanceId: string;

  /** Writes the record of one instance. */
  constructor(db: Database, instanceId: string) {
    this.#db = db;
    this.#instanceId = instanceId;
  }

  /** Writes the own record. */
  async write(record: ProbeRecord): Promise<void> {
    await this.#db.commit({ sets: [[keys.statusProbe(this.#instanceId), record]] });
  }

  /** Reads the records of other instances that wrote one within `validMs`. */
  async others(now: number, validMs: number): Promise<ProbeRecord[]> {
    const rows = await this.#db.list<ProbeRecord>(keys.statusProbes(), { limit: RECORDS_MAX_COUNT });
    const others = rows.filter(({ key }) => key.at(-1) !== this.#instanceId).map(({ value }) => value);
    return others.filter(({ at }) => Math.abs(now - at) <= validMs);
  }

  /** Deletes the own record: an instance that stops measures nothing. */
  async remove(): Promise<void> {
    await this.#db.commit({ deletes: [keys.statusProbe(this.#instanceId)] });
  }
}
