/** State of one component, from the best to the worst. What is not measured is `unknown`, never shown as green. */
export const COMPONENT_STATES = [
  "operational",
  "under_maintenance",
  "unknown",
  "degraded_performance",
  "partial_outage",
  "major_outage",
] as const;

/** State of a component, a group or the whole page. */
export type ComponentState = typeof COMPONENT_STATES[number];

/** States that a probe can measure and an incident can claim. */
export const MEASURED_STATES = [
  "operational",
  "degraded_performance",
  "partial_outage",
  "major_outage",
] as const;

/** A measured state, or one that an incident claims. */
export type MeasuredState = typeof MEASURED_STATES[number];

/** Steps of an incident, in their usual order. */
export const INCIDENT_STATES = [
  "investigating",
  "identified",
  "monitoring",
  "resolved",
  "postmortem",
] as const;

/** Step of an incident. */
export type IncidentState = typeof INCIDENT_STATES[number];

/** Steps of a maintenance, in their usual order. */
export const MAINTENANCE_STATES = [
  "scheduled",
  "in_progress",
  "verifying",
  "completed",
  "cancelled",
] as const;

/** Step of a maintenance. */
export type MaintenanceState = typeof MAINTENANCE_STATES[number];

/** Levels of announcements; screen readers interrupt for `critical` only. */
export const ANNOUNCEMENT_LEVELS = ["info", "warning", "critical"] as const;

/** Level of an announcement. */
export type AnnouncementLevel = typeof ANNOUNCEMENT_LEVELS[number];

/** How bad incidents can be. */
export const IMPACTS = ["none", "minor", "major", "critical"] as const;

/** How bad an incident is for people. */
export type Impact = typeof IMPACTS[number];

/** Whether something was measured, or is claimed, not to work as it should. */
export function isTroubled(state: ComponentState): state is MeasuredState {
  return state === "degraded_performance" || state === "partial_outage" || state === "major_outage";
}

/** Compares two states: positive when the first is worse. */
export function compareStates(a: ComponentState, b: ComponentState): number {
  return COMPONENT_STATES.indexOf(a) - COMPONENT_STATES.indexOf(b);
}

/** The worst of some states; null when there is none. */
export function worstOf<State extends ComponentState>(states: Iterable<State>): State | null {
  let worst: State | null = null;
  for (const state of states) if (worst === null || compareStates(state, worst) > 0) worst = state;
  return worst;
}

const STEPS: Readonly<Record<IncidentState, readonly IncidentState[]>> = {
  investigating: ["investigating", "identified", "monitoring", "resolved"],
  identified: ["investigating", "identified", "monitoring", "resolved"],
  monitoring: ["investigating", "identified", "monitoring", "resolved"],
  // What was resolved too early goes on as the same incident.
  resolved: ["investigating", "identified", "monitoring", "postmortem"],
  postmortem: ["postmortem"],
};

/** Whether an incident may take a step; a repeated one is a further update. */
export function canStep(from: IncidentState, to: IncidentState): boolean {
  return STEPS[from].includes(to);
}

/** Whether an incident still goes on. */
export function isOpenIncident({ state }: { readonly state: IncidentState }): boolean {
  return state !== "resolved" && state !== "postmortem";
}

const MAINTENANCE_STEPS: Readonly<Record<MaintenanceState, readonly MaintenanceState[]>> = {
  scheduled: ["scheduled", "in_progress", "cancelled"],
  in_progress: ["in_progress", "verifying", "completed", "cancelled"],
  verifying: ["in_progress", "verifying", "completed"],
  completed: [],
  cancelled: [],
};

/** Whether a maintenance may take a step; a repeated one is a further update. */
export function canStepMaintenance(from: MaintenanceState, to: MaintenanceState): boolean {
  return MAINTENANCE_STEPS[from].includes(to);
}

/** Whether a maintenance is still ahead or under way. */
export function isOpenMaintenance({ state }: { readonly state: MaintenanceState }): boolean {
  return state !== "completed" && state !== "cancelled";
}

/** The impact that follows from the worst component of an incident. */
export function impactOf(components: readonly { readonly status: MeasuredState }[]): Impact {
  const impacts = { operational: "none", degraded_performance: "minor", partial_outage: "major" } as const;
  const worst = worstOf(components.map(({ status }) => status)) ?? "operational";
  return worst === "major_outage" ? "critical" : impacts[worst];
}
