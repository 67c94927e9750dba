import { isOpenIncident, isOpenMaintenance, worstOf } from "./states.ts";
import type { AnnouncementLevel, ComponentState } from "./states.ts";
import type { StatusIncident, StatusMaintenance } from "./status.ts";

/** Announcements are shown in the colour of a state. */
export const LEVEL_TONES: Readonly<Record<AnnouncementLevel, ComponentState>> = {
  info: "under_maintenance",
  warning: "degraded_performance",
  critical: "major_outage",
};

/** The state in whose colour an incident is shown: its worst component, and never green while it is open. */
export function incidentTone(incident: Pick<StatusIncident, "state" | "components">): ComponentState {
  if (!isOpenIncident(incident)) return "unknown";
  const states: ComponentState[] = incident.components.map(({ status }) => status);
  return worstOf([...states, "degraded_performance"]) ?? "degraded_performance";
}

/** Whether a maintenance goes on after its planned end. */
export function isOverrun(maintenance: Pick<StatusMaintenance, "state" | "endsAt">, now: number): boolean {
  return isOpenMaintenance(maintenance) && now >= Date.parse(maintenance.endsAt);
}
