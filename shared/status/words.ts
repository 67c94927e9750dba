import type { ComponentState, IncidentState, MaintenanceState } from "./states.ts";

/** Steps of an incident as people read them. */
export const INCIDENT_WORDS: Readonly<Record<IncidentState, string>> = {
  investigating: "Investigating",
  identified: "Identified",
  monitoring: "Monitoring",
  resolved: "Resolved",
  postmortem: "Post-mortem",
};

/** Steps of a maintenance as people read them. */
export const MAINTENANCE_WORDS: Readonly<Record<MaintenanceState, string>> = {
  scheduled: "Scheduled",
  in_progress: "In progress",
  verifying: "Verifying",
  completed: "Completed",
  cancelled: "Cancelled",
};

/** States of components as people read them. */
export const STATE_WORDS: Readonly<Record<ComponentState, string>> = {
  operational: "Operational",
  under_maintenance: "Under maintenance",
  unknown: "Unknown",
  degraded_performance: "Degraded",
  partial_outage: "Partial outage",
  major_outage: "Major outage",
};
