import { openRemoteDatabase } from "../../server/kv/open_remote_database.ts";
import { Log } from "../../server/log.ts";
import { startDenokv } from "../support/denokv.ts";
import type { Denokv } from "../support/denokv.ts";
import { seedDatabase } from "../support/seed.ts";
import type { Seeded, SeedPlan } from "../support/seed.ts";
import type { InstanceName } from "./history.ts";
import { Instance } from "./instance.ts";
import type { Door } from "./roaming_device.ts";

/** A KV Connect server and two instances on it, as separate processes. */
export class Cluster implements AsyncDisposable {
  readonly kv: Denokv;
  readonly instances: Readonly<Record<InstanceName, Instance>>;
  readonly seeded: Seeded;
  readonly #folder: string;

  private constructor(
    kv: Denokv,
    options: { instances: Record<InstanceName, Instance>; seeded: Seeded; folder: string },
  ) {
    this.kv = kv;
    this.instances = options.instances;
    this.seeded = options.seeded;
    this.#folder = options.folder;
  }

  /** Puts people and rooms into a fresh database and starts everything. */
  static async start(plan: SeedPlan, faketime: string | null): Promise<Cluster> {
    const kv = await startDenokv();
    const folder = await Deno.makeTempDir({ prefix: "parley-chaos-" });
    const started: Instance[] = [];
    try {
      const log = new Log({ level: "error", format: "text" });
      const seeded = await seedDatabase(await openRemoteDatabase({ url: kv.url, log }), plan);
      const env = { KV_URL: kv.url, DENO_KV_ACCESS_TOKEN: kv.token };
      for (const name of ["a", "b"] as const) {
        started.push(await Instance.start({ name, folder, env, faketime }));
      }
      const [a, b] = started as [Instance, Instance];
      return new Cluster(kv, { instances: { a, b }, seeded, folder });
    } catch (error) {
      for (const instance of started) await instance.close();
      await kv[Symbol.asyncDispose]();
      await Deno.remove(folder, { recursive: true });
      throw error;
    }
  }

  /** Where clients dial. */
  get doors(): Door[] {
    const { a, b } = this.instances;
    return [a, b].map(({ name, proxy }) => ({ instance: name, port: proxy.port }));
  }

  get all(): readonly Instance[] {
    return [this.instances.a, this.instances.b];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const instance of this.all) await instance.close();
    await this.kv[Symbol.asyncDispose]();
    await Deno.remove(this.#folder, { recursive: true });
  }
}
