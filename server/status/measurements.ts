import { PROBE_VALID_MS } from "../../shared/status/probe_track.ts";
import type { ComponentState } from "../../shared/status/states.ts";

/** What all instances together measure of one component. */
export interface Measurement {
  readonly state: ComponentState;
  /** Epoch time in milliseconds. */
  readonly at: number;
  /** When it was measured last that `state` holds: a first failed probe changes nothing yet. `at` if it is missing. */
  readonly confirmedAt?: number;
  /** Whether it was measured by a process that ran before this one. */
  readonly isLastKnown?: true;
  /** What one must know to read it. */
  readonly note?: string;
}

/** What was measured last of each component, in memory. */
export class Measurements {
  readonly #last = new Map<string, Measurement>();

  /** Takes over what is measured. */
  set(id: string, measurement: Measurement): void {
    this.#last.set(id, measurement);
  }

  /** What was measured last, however old it is. */
  get(id: string): Measurement | undefined {
    return this.#last.get(id);
  }

  /** The state that is measured of a component; what is too old says nothing. */
  stateAt(id: string, now: number): ComponentState {
    const measured = this.#last.get(id);
    return measured !== undefined && isFresh(measured, now) ? measured.state : "unknown";
  }

  /** Since when, in epoch ms, everything known of some components was checked; null before this process did. */
  checkedAt(ids: readonly string[], now: number): number | null {
    const own = ids.flatMap((id) => this.#last.get(id) ?? []).filter(({ isLastKnown }) => !isLastKnown);
    if (own.length === 0) return null;
    const known = own.filter((one) => one.state !== "unknown" && isFresh(one, now));
    // What is unknown is called so; where everything is, it counts that somebody looked.
    return known.length === 0
      ? Math.max(...own.map(({ at }) => at))
      : Math.min(...known.map(({ at, confirmedAt = at }) => confirmedAt));
  }

  /** When an earlier process measured last, in epoch ms, if nothing was measured since; null otherwise. */
  get lastKnownAt(): number | null {
    const all = [...this.#last.values()];
    if (all.length === 0 || !all.every(({ isLastKnown }) => isLastKnown)) return null;
    return Math.max(...all.map(({ at }) => at));
  }
}

function isFresh({ at }: Measurement, now: number): boolean {
  return Math.abs(now - at) <= PROBE_VALID_MS;
}
