import { indicatorOf } from "../../shared/status/indicator.ts";
import { groupState } from "../../shared/status/roll_up.ts";
import { isOpenIncident } from "../../shared/status/states.ts";
import type { ComponentState } from "../../shared/status/states.ts";
import type {
  Announcement,
  Status,
  StatusComponent,
  StatusIncident,
  StatusMaintenance,
  StatusUpdate,
} from "../../shared/status/status.ts";

/** What the answers are made of. */
export interface StatuspageSource {
  readonly status: Status;
  /** The newest first, those that are over too. */
  readonly incidents: readonly StatusIncident[];
  readonly maintenances: readonly StatusMaintenance[];
  /** Origin under which the page is served. */
  readonly url: string;
  /** When the state of a component changed last. */
  readonly changedAt: (componentId: string) => string;
  /** First day on which it was measured. */
  readonly startDate: (componentId: string) => string | null;
}

const PAGE_ID = "parley-status";
const GROUP_PREFIX = "group:";
/** What the format lists of incidents and of maintenances, the newest of all. */
const LISTED_MAX_COUNT = 50;

/** Answers of the Statuspage format by their path below `/api/v2/`, each made when it is asked for. */
export const STATUSPAGE_ANSWERS: Readonly<Record<string, (source: StatuspageSource) => object>> = {
  "summary.json": (source) => ({
    page: pageOf(source),
    components: componentsOf(source),
    incidents: source.incidents.filter(isOpenIncident).map((one) => incidentOf(one, source)),
    scheduled_maintenances: source.status.maintenances.map((one) => maintenanceOf(one, source)),
    status: statusOf(source),
    x_announcements: source.status.announcements.map(announcementOf),
  }),
  "status.json": (source) => ({ page: pageOf(source), status: statusOf(source) }),
  "components.json": (source) => ({ page: pageOf(source), components: componentsOf(source) }),
  "incidents.json": (source) => incidentsWhere(source, () => true),
  "incidents/unresolved.json": (source) => incidentsWhere(source, isOpenIncident),
  "scheduled-maintenances.json": (source) => maintenancesOf(source, source.maintenances),
  "scheduled-maintenances/upcoming.json": (source) =>
    maintenancesOf(source, source.status.maintenances.filter(({ state }) => state === "scheduled")),
  "scheduled-maintenances/active.json": (source) =>
    maintenancesOf(source, source.status.maintenances.filter(({ state }) => state !== "scheduled")),
};

function incidentsWhere(source: StatuspageSource, isWanted: (incident: StatusIncident) => boolean): object {
  const incidents = source.incidents.filter(isWanted).slice(0, LISTED_MAX_COUNT).map((one) =>
    incidentOf(one, source)
  );
  return { page: pageOf(source), incidents };
}

function maintenancesOf(source: StatuspageSource, wanted: readonly StatusMaintenance[]): object {
  const found = wanted.slice(0, LISTED_MAX_COUNT).map((one) => maintenanceOf(one, source));
  return { page: pageOf(source), scheduled_maintenances: found };
}

function pageOf({ status, url }: StatuspageSource): object {
  return {
    id: PAGE_ID,
    name: status.page.name,
    url: `${url}/status`,
    time_zone: "Etc/UTC",
    updated_at: status.page.asOf,
  };
}

function statusOf({ status }: StatuspageSource): object {
  return { ...indicatorOf(status.state), x_status: status.state, x_sentence: status.sentence };
}

/** The format has none; copies of the page show them. */
function announcementOf({ id, text, level, at, expiresAt }: Announcement): object {
  return { id, level, body: text, created_at: at, expires_at: expiresAt };
}

/** Components, and before them the groups that they name. */
function componentsOf(source: StatuspageSource): object[] {
  const { components } = source.status;
  const names = [...new Set(components.flatMap(({ group }) => group ?? []))];
  const groups = names.map((name) => groupOf(name, components.filter(({ group }) => group === name), source));
  return [...groups, ...components.map((component) => componentOf(component, source))];
}

function groupOf(name: string, members: readonly StatusComponent[], source: StatuspageSource): object {
  const [first] = members;
  return {
    ...plainComponent(`${GROUP_PREFIX}${name}`, name, groupState(members.map(({ state }) => state))),
    created_at: createdAt(first?.id ?? "", source),
    updated_at: members.map(({ id }) => source.changedAt(id)).sort().at(-1) ?? source.status.page.asOf,
    position: Math.min(...members.map(({ position }) => position)),
    description: null,
    start_date: null,
    group_id: null,
    group: true,
    components: members.map(({ id }) => id),
  };
}

function componentOf(component: StatusComponent, source: StatuspageSource): object {
  const { id, name, state, position, description, group, measuredAt } = component;
  return {
    ...plainComponent(id, name, state),
    created_at: createdAt(id, source),
    updated_at: source.changedAt(id),
    position,
    description,
    start_date: source.startDate(id),
    group_id: group === null ? null : `${GROUP_PREFIX}${group}`,
    group: false,
    x_measured_at: measuredAt,
  };
}

function plainComponent(id: string, name: string, state: ComponentState): object {
  return {
    id,
    name,
    // The format knows no unknown; it must not look green.
    status: state === "unknown" ? "degraded_performance" : state,
    x_status: state,
    showcase: true,
    page_id: PAGE_ID,
    only_show_if_degraded: false,
  };
}

function createdAt(id: string, { startDate, changedAt }: StatuspageSource): string {
  const day = startDate(id);
  return day === null ? changedAt(id) : `${day}T00:00:00.000Z`;
}

function incidentOf(incident: StatusIncident, source: StatuspageSource): object {
  const { id, title, state, impact, startedAt, monitoringAt, resolvedAt, components } = incident;
  return {
    ...itemOf({ ...incident, title }, source, incident.updates.map((one) => updateOf(one, id, source))),
    status: state,
    monitoring_at: monitoringAt,
    resolved_at: resolvedAt,
    impact,
    started_at: startedAt,
    components: affectedBy(components.map((one) => one.id), source),
  };
}

function maintenanceOf(maintenance: StatusMaintenance, source: StatuspageSource): object {
  const { id, state, startsAt, endsAt, resolvedAt, components, updates } = maintenance;
  return {
    ...itemOf(maintenance, source, updates.map((one) => updateOf(toKnownStep(one), id, source))),
    status: state === "cancelled" ? "completed" : state,
    monitoring_at: null,
    resolved_at: resolvedAt,
    impact: "maintenance",
    started_at: startsAt,
    scheduled_for: startsAt,
    scheduled_until: endsAt,
    components: affectedBy(components, source),
  };
}

/** The format knows no cancelled; the word stands in the text. */
function toKnownStep(update: StatusUpdate<StatusMaintenance["state"]>): StatusUpdate<string> {
  if (update.state !== "cancelled") return update;
  return { ...update, state: "completed", text: `Cancelled: ${update.text}` };
}

function itemOf(
  { id, title, createdAt, updatedAt }: Pick<StatusIncident, "id" | "title" | "createdAt" | "updatedAt">,
  { url }: StatuspageSource,
  updates: object[],
): object {
  return {
    id,
    name: title,
    created_at: createdAt,
    updated_at: updatedAt,
    shortlink: `${url}/status/incidents/${id}`,
    page_id: PAGE_ID,
    incident_updates: updates,
  };
}

function updateOf(
  { id, state, text, at, editedAt, changes }: StatusUpdate<string>,
  incidentId: string,
  { status }: StatuspageSource,
): object {
  const names = new Map(status.components.map((component) => [component.id, component.name]));
  const affected = changes.map((change) => ({
    code: change.id,
    name: names.get(change.id) ?? change.id,
    old_status: change.from,
    new_status: change.to,
  }));
  return {
    id,
    status: state,
    body: text,
    incident_id: incidentId,
    created_at: at,
    updated_at: editedAt ?? at,
    display_at: at,
    affected_components: affected.length === 0 ? null : affected,
    deliver_notifications: false,
    custom_tweet: null,
    tweet_id: null,
  };
}

function affectedBy(ids: readonly string[], source: StatuspageSource): object[] {
  return source.status.components.filter(({ id }) => ids.includes(id))
    .map((component) => componentOf(component, source));
}
