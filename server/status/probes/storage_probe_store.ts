import { newSecret } from "../../../shared/ids.ts";
import type { Database } from "../../kv/database.ts";
import { keys } from "../../kv/keys.ts";
import type { Probe, ProbeFinding } from "./probe.ts";

/** Writes a row and reads it back. */
export class StorageProbeStore implements Probe {
  readonly id = "storage";
  readonly #db: Database;
  readonly #instanceId: string;

  /** Each instance has a row of its own. */
  constructor(db: Database, instanceId: string) {
    this.#db = db;
    this.#instanceId = instanceId;
  }

  /** Throws when what was written is not what is read. */
  async run(): Promise<ProbeFinding> {
    const written = newSecret();
    const key = keys.storageProbe(this.#instanceId);
    await this.#db.commit({ sets: [[key, written]] });
    const { value } = await this.#db.get<string>(key);
    if (value !== written) throw new Error("Storage gives something else than was written");
    return {};
  }
}
