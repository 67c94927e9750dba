import type { Services } from "./services.ts";
import { SETUP_LINK_MS } from "../shared/limits.ts";

/** What accounts need now and then, beside what people ask for. */
export class AccountUpkeep {
  readonly #services: Services;
  readonly #showSetupLink: (url: string) => void;
  readonly #timer: ReturnType<typeof setInterval>;
  #running: Promise<void>;

  /** Starts at once and goes on every hour; `showSetupLink` gets a fresh link while there is no owner. */
  constructor(services: Services, showSetupLink: (url: string) => void) {
    this.#services = services;
    this.#showSetupLink = showSetupLink;
    this.#running = this.#run();
    // A link lives for an hour, so there is always one that holds.
    this.#timer = setInterval(() => {
      this.#running = this.#running.then(() => this.#run());
    }, SETUP_LINK_MS);
  }

  /** Resolves when the run in progress has ended; the first one shows the first setup link. */
  get settled(): Promise<void> {
    return this.#running;
  }

  /** Ends it, after the run in progress. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
  }

  async #run(): Promise<void> {
    const { expiry, links, log, pendingRooms, setups } = this.#services;
    try {
      const token = await setups.issue();
      if (token !== null) this.#showSetupLink(links.setup(token));
      await pendingRooms.joinAll();
      await expiry.collect();
    } catch (error) {
      log.error("Cannot look after accounts, trying again in an hour", error);
    }
  }
}
