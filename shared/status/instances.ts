import { compareStates, worstOf } from "./states.ts";
import type { ComponentState } from "./states.ts";

/** Merges what several instances measure: an outage that not all of them see is partial. */
export function mergeInstances(states: readonly ComponentState[]): ComponentState {
  const worst = worstOf(states);
  if (worst === null) return "unknown";
  const isEverywhere = states.every((state) => state === worst);
  return !isEverywhere && compareStates(worst, "partial_outage") > 0 ? "partial_outage" : worst;
}
