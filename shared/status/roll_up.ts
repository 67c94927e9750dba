import { isOpenIncident, worstOf } from "./states.ts";
import type { ComponentState } from "./states.ts";
import type { StatusIncident, StatusMaintenance } from "./status.ts";

/** The part of an incident that decides states. */
export type RatedIncident = Pick<StatusIncident, "state" | "components">;
/** The part of a maintenance that decides states. */
export type RatedMaintenance = Pick<StatusMaintenance, "state" | "components" | "startsAt" | "endsAt">;

/** What is known besides probes. */
export interface Circumstances {
  readonly incidents: readonly RatedIncident[];
  readonly maintenances: readonly RatedMaintenance[];
  /** Epoch time in milliseconds. */
  readonly now: number;
}

/** Whether a maintenance runs now; one that overruns its planned end excuses nothing any more. */
export function isRunning({ state, startsAt, endsAt }: RatedMaintenance, now: number): boolean {
  if (now >= Date.parse(endsAt)) return false;
  if (state === "scheduled") return now >= Date.parse(startsAt);
  return state === "in_progress" || state === "verifying";
}

/** State of a component: the worst of its probe and of open incidents. Maintenance replaces the probe only. */
export function componentState(
  id: string,
  probe: ComponentState,
  { incidents, maintenances, now }: Circumstances,
): ComponentState {
  const isMaintained = maintenances.some((one) => one.components.includes(id) && isRunning(one, now));
  const states: ComponentState[] = [isMaintained ? "under_maintenance" : probe];
  for (const incident of incidents.filter(isOpenIncident)) {
    for (const affected of incident.components) if (affected.id === id) states.push(affected.status);
  }
  return worstOf(states) ?? "unknown";
}

/** State of a group: nothing in it masks anything else. */
export function groupState(states: Iterable<ComponentState>): ComponentState {
  return worstOf(states) ?? "unknown";
}

/**
 * State of the page. Beside an open incident it is at least degraded, and at least as bad as the incident says,
 * whatever the components measure: some of them may be hidden.
 */
export function pageState(
  states: Iterable<ComponentState>,
  incidents: readonly RatedIncident[],
): ComponentState {
  const all = [groupState(states)];
  for (const { components } of incidents.filter(isOpenIncident)) {
    all.push("degraded_performance", ...components.map(({ status }) => status));
  }
  return groupState(all);
}
