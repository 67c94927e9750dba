import type { ComponentState } from "../../../shared/status/states.ts";

const COLOURS: Readonly<Record<ComponentState, string>> = {
  operational: "#157a4c",
  under_maintenance: "#2f4fa8",
  unknown: "#8a857b",
  degraded_performance: "#b07f2a",
  partial_outage: "#b07f2a",
  major_outage: "#b3261e",
};

/** The page's icon in a state, as an address. */
export function faviconOf(state: ComponentState): string {
  const colour = encodeURIComponent(COLOURS[state]);
  return `data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 8'%3E%3Ccircle cx='4' cy='4' r='4' fill='${colour}'/%3E%3C/svg%3E`;
}
