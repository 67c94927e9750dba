import type { LiveWords } from "./live_words.ts";
import { newestFirst } from "./newest_first.ts";
import { pageState } from "./roll_up.ts";
import { sentenceOf, verdictOf } from "./sentence.ts";
import { isOpenIncident, isOpenMaintenance } from "./states.ts";
import type { Status, StatusChange, StatusMetrics } from "./status.ts";

/** What readers of the public stream hear: changes, and figures that are not stored. */
export type StatusEvent = StatusChange | { readonly type: "metrics"; readonly metrics: StatusMetrics };

/** Returns the status after an event, its sentence in some language; only a snapshot can be the first. */
export function applyChange(
  status: Status | null,
  change: StatusEvent,
  words: LiveWords,
): Status | null {
  if (change.type === "snapshot") return change.status;
  return status === null ? null : withVerdict(changed(status, change), words);
}

function changed(status: Status, change: Exclude<StatusEvent, { readonly type: "snapshot" }>): Status {
  switch (change.type) {
    case "metrics":
      return { ...status, metrics: change.metrics };
    case "component": {
      const { component } = change;
      const components = [...without(status.components, component.id), component];
      return { ...status, components: components.toSorted((a, b) => a.position - b.position) };
    }
    case "incident": {
      const { incident } = change;
      const incidents = without(status.incidents, incident.id);
      if (!("deletedAt" in incident) && isOpenIncident(incident)) incidents.push(incident);
      return { ...status, incidents: newestFirst(incidents, ({ startedAt }) => startedAt) };
    }
    case "maintenance": {
      const { maintenance } = change;
      const maintenances = without(status.maintenances, maintenance.id);
      if (isOpenMaintenance(maintenance)) maintenances.push(maintenance);
      return { ...status, maintenances: newestFirst(maintenances, ({ startsAt }) => startsAt) };
    }
    case "announcement": {
      const { announcement } = change;
      const announcements = without(status.announcements, announcement.id);
      if (announcement.retractedAt === null) announcements.push(announcement);
      return { ...status, announcements: newestFirst(announcements, ({ at }) => at) };
    }
  }
}

function withVerdict(status: Status, words: LiveWords): Status {
  const { components, incidents } = status;
  return {
    ...status,
    state: pageState(components.map(({ state }) => state), incidents),
    sentence: sentenceOf(verdictOf(components, incidents, words)),
  };
}

function without<T extends { readonly id: string }>(items: readonly T[], id: string): T[] {
  return items.filter((item) => item.id !== id);
}
