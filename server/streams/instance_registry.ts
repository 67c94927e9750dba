import { INSTANCE_LEASE_MS, INSTANCE_RENEW_MS } from "../../shared/limits.ts";
import type { Database } from "../kv/database.ts";
import { keys } from "../kv/keys.ts";
import type { Log } from "../log.ts";

/** More instances than anyone runs on one database; lists need a limit. */
const INSTANCES_MAX_COUNT = 500;

interface InstanceRow {
  /** When the lease expires, in epoch ms. */
  readonly until: number;
}

export interface InstanceRegistryOptions {
  readonly db: Database;
  /** Unique per process. */
  readonly instanceId: string;
  readonly log: Log;
  /** Epoch time in milliseconds. */
  readonly now: () => number;
}

/** The instances on the database: each has a lease of 30 s and renews it every 10 s. */
export class InstanceRegistry {
  readonly #options: InstanceRegistryOptions;
  #ids: readonly string[];
  #timer: ReturnType<typeof setInterval> | null = null;
  #run: Promise<void> = Promise.resolve();

  constructor(options: InstanceRegistryOptions) {
    this.#options = options;
    this.#ids = [options.instanceId];
  }

  /** Ids of the live instances, as of the last read. */
  get ids(): readonly string[] {
    return this.#ids;
  }

  /** True on exactly one instance, which does tasks that must be done once. */
  get isFirst(): boolean {
    return this.#ids[0] === this.#options.instanceId;
  }

  /** Renews the lease and lists the instances, now and every 10 s. */
  async start(): Promise<void> {
    await this.#renew();
    this.#timer = setInterval(() => this.#run = this.#renew(), INSTANCE_RENEW_MS);
  }

  /** Releases the lease. */
  async stop(): Promise<void> {
    const { db, instanceId } = this.#options;
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#run;
    // If this fails, the lease expires.
    await db.commit({ deletes: [keys.instance(instanceId)] }).catch(() => {});
  }

  async #renew(): Promise<void> {
    const { db, instanceId, log, now } = this.#options;
    try {
      const row: InstanceRow = { until: now() + INSTANCE_LEASE_MS };
      await db.commit({ sets: [[keys.instance(instanceId), row]] });
      const rows = await db.list<InstanceRow>(keys.instances(), { limit: INSTANCES_MAX_COUNT });
      const dead = rows.filter(({ value }) => value.until <= now()).map(({ key }) => key);
      this.#ids = rows.filter(({ value }) => value.until > now()).map(({ key }) => String(key.at(-1)));
      if (dead.length > 0) await db.commit({ deletes: dead });
    } catch (error) {
      log.warn("Cannot renew the lease of this instance, trying again", { reason: String(error) });
    }
  }
}
