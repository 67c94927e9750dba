import { AppError } from "../../../shared/errors.ts";
import { isRunning } from "../../../shared/status/roll_up.ts";
import { isOpenIncident } from "../../../shared/status/states.ts";
import type { ComponentState, MeasuredState } from "../../../shared/status/states.ts";
import type { Log } from "../../log.ts";
import type { StatusBoard } from "../status_board.ts";
import type { Failure } from "./draft_step.ts";
import type { DraftStore } from "./draft_store.ts";

/** What all instances together measure of one component. */
export interface Observation {
  readonly id: string;
  readonly state: ComponentState;
  /** Since when, in epoch ms. */
  readonly since: number;
}

export interface IncidentDrafterOptions {
  readonly store: DraftStore;
  readonly board: StatusBoard;
  readonly log: Log;
  /** Epoch time in milliseconds. */
  readonly now: () => number;
  /** Whether this instance does what has to be done once. */
  readonly isFirst: () => boolean;
}

/**
 * Drafts an incident for a component that fails, which a person publishes. While storage is down it remembers, so that
 * an outage of storage itself is drafted when it is over.
 */
export class IncidentDrafter {
  readonly #options: IncidentDrafterOptions;
  readonly #failures = new Map<string, Failure>();
  readonly #states = new Map<string, ComponentState>();

  constructor(options: IncidentDrafterOptions) {
    this.#options = options;
  }

  /** Takes over what is measured now. */
  observe({ id, state, since }: Observation): void {
    this.#states.set(id, state);
    const before = this.#failures.get(id) ?? null;
    if (isFailing(state)) {
      const isNew = before === null || before.until !== null;
      const from = before?.from ?? since;
      this.#failures.set(id, { state, from, until: null, count: (before?.count ?? 0) + (isNew ? 1 : 0) });
    } else if (isWorking(state) && before?.until === null) {
      this.#failures.set(id, { ...before, until: since });
    }
  }

  /** Writes what was observed; storage must answer. */
  async write(): Promise<void> {
    const { store, board, log, isFirst } = this.#options;
    const failed = new Set<string>();
    if (isFirst()) {
      const withDraft = await store.componentIds();
      for (const component of board.components()) {
        const { id } = component;
        if (!withDraft.has(id) && !this.#failures.has(id)) continue;
        try {
          const draftId = await store.update({ component, ...this.#factsOf(id) });
          if (draftId !== null) log.warn("Drafted an incident", { component: id, draft: draftId });
        } catch (error) {
          // Each other call would wait for storage too.
          if (error instanceof AppError && error.appCode === "storage_unavailable") throw error;
          log.warn("Cannot draft an incident, trying again", { component: id, reason: String(error) });
          failed.add(id);
        }
      }
    }
    // Those that are left are written by another instance, or nobody sees the component.
    for (const id of [...this.#failures.keys()]) if (!failed.has(id)) this.#written(id);
  }

  #factsOf(id: string) {
    const { board, now } = this.#options;
    const at = now();
    return {
      failure: this.#failures.get(id) ?? null,
      isWorking: isWorking(this.#states.get(id) ?? "unknown"),
      isCovered:
        board.incidents().some((one) =>
          isOpenIncident(one) && one.components.some((affected) => affected.id === id)
        ) || board.maintenances().some((one) => one.components.includes(id) && isRunning(one, at)),
      now: at,
    };
  }

  #written(id: string): void {
    const failure = this.#failures.get(id);
    if (failure === undefined) return;
    if (failure.until !== null) this.#failures.delete(id);
    else this.#failures.set(id, { ...failure, count: 0 });
  }
}

function isFailing(state: ComponentState): state is MeasuredState {
  return state === "partial_outage" || state === "major_outage";
}

function isWorking(state: ComponentState): boolean {
  return state === "operational" || state === "degraded_performance";
}
