import type { ComponentState } from "./states.ts";

/** What consumers of Statuspage JSON read first. */
export type Indicator = "none" | "minor" | "major" | "critical" | "maintenance";

const INDICATORS: Readonly<Record<ComponentState, Indicator>> = {
  operational: "none",
  under_maintenance: "maintenance",
  // The format knows no unknown; it must not look green.
  unknown: "minor",
  degraded_performance: "minor",
  partial_outage: "major",
  major_outage: "critical",
};

/** Consumers classify by these words, so they are fixed. */
const DESCRIPTIONS: Readonly<Record<ComponentState, string>> = {
  operational: "All Systems Operational",
  under_maintenance: "Service Under Maintenance",
  unknown: "Minor Service Outage",
  degraded_performance: "Partially Degraded Service",
  partial_outage: "Partial System Outage",
  major_outage: "Major Service Outage",
};

/** Gives the indicator and the fixed phrase for the page's state. */
export function indicatorOf(state: ComponentState): { indicator: Indicator; description: string } {
  return { indicator: INDICATORS[state], description: DESCRIPTIONS[state] };
}
