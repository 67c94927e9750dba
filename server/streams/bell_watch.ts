import { keys } from "../kv/keys.ts";
import type { Log } from "../log.ts";

const REOPEN_MS = 500;

export interface BellWatchOptions {
  /** Opens a handle of its own. */
  readonly open: () => Promise<Deno.Kv>;
  readonly shards: readonly string[];
  readonly onRing: (shard: string) => void;
  readonly log: Log;
}

/** Watches the bells of all shards on its own handle, and opens a new handle if the old one fails. */
export class BellWatch {
  readonly #options: BellWatchOptions;
  #kv: Deno.Kv | null = null;
  #generation = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #isStopped = false;

  constructor(options: BellWatchOptions) {
    this.#options = options;
  }

  /** Starts the watch, until `stop`. */
  start(): void {
    this.#watch(++this.#generation);
  }

  /** Abandons the current handle, which may hang, and opens a new one. */
  renew(): void {
    this.#drop();
    if (!this.#isStopped) this.start();
  }

  /** Ends the watch. */
  stop(): void {
    this.#isStopped = true;
    this.#generation++;
    this.#drop();
  }

  async #watch(generation: number): Promise<void> {
    const { open, shards, onRing, log } = this.#options;
    const isMine = () => generation === this.#generation && !this.#isStopped;
    try {
      const kv = await open();
      if (!isMine()) return kv.close();
      this.#kv = kv;
      const heard: (string | null)[] = [];
      for await (const entries of kv.watch<unknown[]>(shards.map((shard) => keys.bell(shard)))) {
        if (!isMine()) return;
        for (const [index, shard] of shards.entries()) {
          const stamp = entries[index]?.versionstamp ?? null;
          if (stamp !== heard[index]) onRing(shard);
          heard[index] = stamp;
        }
      }
    } catch (error) {
      // Closing the handle also ends the loop with an error; it is then no longer current.
      if (isMine()) {
        log.warn("Lost the connection that watches other instances, opening it again", {
          reason: error instanceof Error ? error.message : String(error),
        });
      }
    }
    if (isMine()) this.#timer = setTimeout(() => this.renew(), REOPEN_MS);
  }

  #drop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#kv?.close();
    this.#kv = null;
  }
}
