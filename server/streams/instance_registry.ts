import { INSTANCE_LEASE_MS, INSTANCE_RENEW_MS } from "../../shared/limits.ts";
import type { Database } from "../kv/database.ts";
import { keys } from "../kv/keys.ts";
import type { Log } from "../log.ts";

/** More instances than anybody runs on one database; a list needs a bound. */
const INSTANCES_MAX_COUNT = 500;

interface InstanceRow {
  /** When it counts as gone, in epoch ms. */
  readonly until: number;
}

/** What the registry works with. */
export interface InstanceRegistryOptions {
  readonly db: Database;
  /** Different for every process. */
  readonly instanceId: string;
  readonly log: Log;
  /** Epoch time in milliseconds. */
  readonly now: () => number;
}

/** Instances that use the database: each holds a lease of 30 s and renews it every 10 s. */
export class InstanceRegistry {
  readonly #options: InstanceRegistryOptions;
  #ids: readonly string[];
  #timer: ReturnType<typeof setInterval> | null = null;
  #run: Promise<void> = Promise.resolve();

  /** Lists only itself before `start`. */
  constructor(options: InstanceRegistryOptions) {
    this.#options = options;
    this.#ids = [options.instanceId];
  }

  /** Ids of the live instances, as of the last look. */
  get ids(): readonly string[] {
    return this.#ids;
  }

  /** True for one instance of all: that one does what has to be done once. */
  get isFirst(): boolean {
    return this.#ids[0] === this.#options.instanceId;
  }

  /** Takes a lease and lists the others, now and every 10 s. */
  async start(): Promise<void> {
    await this.#renew();
    this.#timer = setInterval(() => this.#run = this.#renew(), INSTANCE_RENEW_MS);
  }

  /** Gives the lease back. */
  async stop(): Promise<void> {
    const { db, instanceId } = this.#options;
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#run;
    // If this fails, the lease runs out.
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
