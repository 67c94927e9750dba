import { CHORES_INTERVAL_MS } from "../shared/limits.ts";
import type { Services } from "./services.ts";

export interface ChoresOptions {
  readonly services: Services;
  /** Prints a line for the operator. */
  readonly announce: (line: string) => void;
}

/** Runs at startup and every hour: creates a setup link while there is no owner, and deletes expired rows. */
export class Chores {
  readonly #options: ChoresOptions;
  #timer: ReturnType<typeof setInterval> | null = null;
  #running: Promise<void> = Promise.resolve();

  constructor(options: ChoresOptions) {
    this.#options = options;
  }

  /** Resolves when the setup link was printed; the rest continues in the background. */
  async start(): Promise<void> {
    await this.#guarded(() => this.#announceSetup());
    this.#running = this.#guarded(() => this.#collect());
    this.#timer = setInterval(() => {
      this.#running = this.#guarded(async () => {
        await this.#announceSetup();
        await this.#collect();
      });
    }, CHORES_INTERVAL_MS);
  }

  /** Stops the timer and waits for running tasks. */
  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#running;
  }

  async #announceSetup(): Promise<void> {
    const { services, announce } = this.#options;
    const token = await services.setups.issue();
    if (token !== null) announce(`Set up Parley within an hour: ${services.links.setup(token)}`);
  }

  async #collect(): Promise<void> {
    const { services } = this.#options;
    if (!services.instances.isFirst()) return;
    await services.pendingRooms.joinAll();
    const count = await services.expiry.collect();
    if (count > 0) services.log.debug("Old rows removed", { count });
  }

  async #guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#options.services.log.warn("A cleanup task failed, next try in an hour", {
        reason: String(error),
      });
    }
  }
}
