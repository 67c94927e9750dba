import { AppError } from "../../shared/errors.ts";
import type { StatusId } from "../../shared/ids.ts";
import type { Log } from "../log.ts";
import type { AnnouncementStore } from "./announcement_store.ts";
import type { MaintenanceStore } from "./maintenance_store.ts";
import type { StatusBoard } from "./status_board.ts";

/** Time in which the instance that does it for all makes room where announcements have expired. */
const LEFT_TO_FIRST_MS = 600_000;

export interface StatusScheduleOptions {
  readonly board: StatusBoard;
  readonly maintenances: MaintenanceStore;
  readonly announcements: AnnouncementStore;
  readonly log: Log;
  /** Epoch time in milliseconds. */
  readonly now: () => number;
  /** Whether this instance does what has to be done once. */
  readonly isFirst: () => boolean;
}

/** What happens to maintenance and announcements by time alone. */
export class StatusSchedule {
  readonly #options: StatusScheduleOptions;
  /** Maintenances whose step failed, which was logged. */
  readonly #stuck = new Set<StatusId>();

  constructor(options: StatusScheduleOptions) {
    this.#options = options;
  }

  /** Starts and ends maintenance by its planned times, and makes room where announcements have expired. */
  async advance(): Promise<void> {
    const { board, maintenances, announcements, isFirst } = this.#options;
    const now = this.#options.now();
    if (!isFirst()) {
      // Should it become the first one now, what that one has left is still known.
      return board.forget(board.expired(now - LEFT_TO_FIRST_MS));
    }
    const stateOf = new Map(board.components().map(({ id, state }) => [id, state]));
    for (const one of board.maintenances()) {
      const id = one.id as StatusId;
      const { state, startsAt, endsAt } = one;
      const states = one.components.flatMap((component) => stateOf.get(component) ?? []);
      // Something that does not work yet keeps it open, so that everybody sees that it overruns.
      const isDone = now >= Date.parse(endsAt) && states.every((component) => component === "operational");
      // All of it was while nothing could be written: soon it is known whether it is over.
      const isUnclear = now >= Date.parse(endsAt) && states.includes("unknown");
      if (isDone && state !== "completed" && state !== "cancelled") {
        await this.#step(id, () => maintenances.complete(id, state));
      } else if (state === "scheduled" && now >= Date.parse(startsAt) && !isUnclear) {
        await this.#step(id, () => maintenances.start(id));
      }
    }
    const expired = board.expired(now);
    await announcements.expire(expired.map(({ id }) => id));
    board.forget(expired);
  }

  /** Takes a maintenance a step further; one that fails is tried again in each round, and holds up no other. */
  async #step(id: StatusId, step: () => Promise<void>): Promise<void> {
    try {
      await step();
    } catch (error) {
      // Another instance was faster.
      const isDone = error instanceof AppError && error.appCode === "wrong_state";
      if (!isDone) return this.#logStuck(id, error);
    }
    this.#stuck.delete(id);
  }

  #logStuck(id: StatusId, error: unknown): void {
    if (this.#stuck.has(id)) return;
    this.#stuck.add(id);
    this.#options.log.warn("Cannot start or end a maintenance, trying again", { id, reason: String(error) });
  }
}
