import { pageState } from "./roll_up.ts";
import { isOpenMaintenance } from "./states.ts";
import type { AnnouncementLevel, ComponentState } from "./states.ts";
import type { StatusIncident, StatusMaintenance } from "./status.ts";

/** Announcements are shown in the colour of a state. */
export const LEVEL_TONES: Readonly<Record<AnnouncementLevel, ComponentState>> = {
  info: "under_maintenance",
  warning: "degraded_performance",
  critical: "major_outage",
};

/** The state in whose colour an incident is shown: its worst component, never green while it is open, and then grey. */
export function incidentTone(incident: Pick<StatusIncident, "state" | "components">): ComponentState {
  return pageState([], [incident]);
}

/** Whether a maintenance goes on after its planned end. */
export function isOverrun(maintenance: Pick<StatusMaintenance, "state" | "endsAt">, now: number): boolean {
  return isOpenMaintenance(maintenance) && now >= Date.parse(maintenance.endsAt);
}
