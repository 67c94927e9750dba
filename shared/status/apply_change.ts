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
  if (change.type === "snapshot") return withVerdict(change.status, words);
  return status && withVerdict(changed(status, change), words);
}

function changed(status: Status, change: Exclude<StatusEvent, { readonly type: "snapshot" }>): Status {
  switch (change.type) {
    case "metrics":
      return { ...status, metrics: change.metrics };
    case "component": {
      const components = replaced(status.components, change.component, change.component);
      return { ...status, components: components.sort((a, b) => a.position - b.position) };
    }
    case "incident": {
      const { incident } = change;
      const isOpen = !("deletedAt" in incident) && isOpenIncident(incident);
      const incidents = replaced(status.incidents, incident, isOpen ? incident : null);
      return { ...status, incidents: newestFirst(incidents, ({ startedAt }) => startedAt) };
    }
    case "maintenance": {
      const { maintenance } = change;
      const isOpen = isOpenMaintenance(maintenance);
      const maintenances = replaced(status.maintenances, maintenance, isOpen ? maintenance : null);
      return { ...status, maintenances: newestFirst(maintenances, ({ startsAt }) => startsAt).reverse() };
    }
    case "announcement": {
      const { announcement } = change;
      const isShown = announcement.retractedAt === null;
      const announcements = replaced(status.announcements, announcement, isShown ? announcement : null);
      return { ...status, announcements: newestFirst(announcements, ({ at }) => at) };
    }
  }
}

/** Says anew how things stand, after a change of what that follows from. */
export function withVerdict(status: Status, words: LiveWords): Status {
  const { components, incidents } = status;
  return {
    ...status,
    state: pageState(components.map(({ state }) => state), incidents),
    sentence: sentenceOf(verdictOf(components, incidents, words)),
  };
}

/** Leaves out what is not shown any more. */
function replaced<T extends { readonly id: string }>(
  items: readonly T[],
  { id }: { readonly id: string },
  shown: T | null,
): T[] {
  const others = items.filter((item) => item.id !== id);
  return shown === null ? others : [...others, shown];
}
