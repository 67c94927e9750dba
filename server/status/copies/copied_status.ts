import { withoutFormatCharacters } from "../../../shared/format_characters.ts";
import type { Impact, MeasuredState } from "../../../shared/status/states.ts";
import type {
  Announcement,
  Status,
  StatusComponent,
  StatusIncident,
  StatusMaintenance,
  StatusUpdate,
} from "../../../shared/status/status.ts";
import type {
  CopiedAnnouncement,
  CopiedAnswers,
  CopiedComponent,
  CopiedIncident,
  CopiedMaintenance,
} from "./copied_answers.ts";

/** What the page of a copy shows. */
export type CopiedStatus = Pick<
  Status,
  "page" | "state" | "components" | "incidents" | "maintenances" | "announcements"
>;

/** The format does not say what an incident claims, but how bad it is. */
const CLAIMS: Readonly<Record<Impact, MeasuredState>> = {
  none: "operational",
  minor: "degraded_performance",
  major: "partial_outage",
  critical: "major_outage",
};

/** Reads a copied summary back into what the page is drawn from. Whoever wrote it may write anything. */
export function copiedStatus({ summary }: CopiedAnswers): CopiedStatus {
  const { page, status, components, incidents, scheduled_maintenances, x_announcements } = summary;
  return {
    page: { name: withoutFormatCharacters(page.name), asOf: page.updated_at },
    state: status.x_status,
    components: components.filter(({ group }) => !group).map(toComponent),
    incidents: incidents.map(toIncident),
    maintenances: scheduled_maintenances.map(toMaintenance),
    announcements: x_announcements.map(toAnnouncement),
  };
}

function toComponent(
  { id, name, description, position, x_status: state, x_measured_at: measuredAt }: CopiedComponent,
): StatusComponent {
  return {
    id,
    name: withoutFormatCharacters(name),
    description: description === null ? null : withoutFormatCharacters(description),
    note: null,
    group: null,
    position,
    state,
    measuredAt: measuredAt ?? null,
    uptime90: null,
  };
}

function toIncident(incident: CopiedIncident): StatusIncident {
  const { status: state, impact, components, started_at: startedAt, monitoring_at: monitoringAt } = incident;
  const claims = components.map(({ id }) => ({ id, status: CLAIMS[impact] }));
  return {
    ...itemOf(incident),
    state,
    impact,
    components: claims,
    startedAt,
    monitoringAt,
    updates: incident.incident_updates.map(toUpdate),
  };
}

function toMaintenance(maintenance: CopiedMaintenance): StatusMaintenance {
  const { status: state, components, scheduled_for: startsAt, scheduled_until: endsAt } = maintenance;
  return {
    ...itemOf(maintenance),
    state,
    components: components.map(({ id }) => id),
    startsAt,
    endsAt,
    updates: maintenance.incident_updates.map(toUpdate),
  };
}

function itemOf(item: CopiedIncident | CopiedMaintenance) {
  const { id, name, created_at: createdAt, updated_at: updatedAt, resolved_at: resolvedAt } = item;
  return { id, title: withoutFormatCharacters(name), createdAt, updatedAt, resolvedAt };
}

function toUpdate<State extends string>(
  { id, status: state, body, display_at: at, created_at, updated_at }: {
    readonly id: string;
    readonly status: State;
    readonly body: string;
    readonly display_at: string;
    readonly created_at: string;
    readonly updated_at: string;
  },
): StatusUpdate<State> {
  const editedAt = updated_at === created_at ? null : updated_at;
  return { id, state, text: withoutFormatCharacters(body), html: "", at, editedAt, changes: [] };
}

function toAnnouncement(
  { id, level, body, created_at: at, expires_at: expiresAt }: CopiedAnnouncement,
): Announcement {
  return { id, level, text: withoutFormatCharacters(body), html: "", at, expiresAt, retractedAt: null };
}
