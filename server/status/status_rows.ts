import { withoutFormatCharacters } from "../../shared/format_characters.ts";
import type { RoomId, StatusId, UserId } from "../../shared/ids.ts";
import type {
  AnnouncementLevel,
  Impact,
  IncidentState,
  MaintenanceState,
} from "../../shared/status/states.ts";
import type {
  AffectedComponent,
  Announcement,
  StateChange,
  StatusIncident,
  StatusMaintenance,
  StatusUpdate,
} from "../../shared/status/status.ts";
import { publicMarkdown } from "./PublicMarkdown.tsx";

/** What is kept of incidents, maintenance and announcements; the first two have their texts in rows of their own. */
export type ItemKind = "incident" | "maintenance" | "announcement";

/** What incidents and maintenance have in common. */
interface AnyItemRow<State extends string> {
  readonly id: StatusId;
  readonly title: string;
  readonly state: State;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly resolvedAt: string | null;
  readonly updateCount: number;
  /** Size of all its texts in UTF-8. */
  readonly textBytes: number;
}

/** An incident, published or a draft. */
export interface IncidentRow extends AnyItemRow<IncidentState> {
  readonly isDraft: boolean;
  readonly impact: Impact;
  readonly components: readonly AffectedComponent[];
  readonly startedAt: string;
  readonly monitoringAt: string | null;
  /** The room that hears of it; never public. */
  readonly roomId?: RoomId;
  /** Who chose the room; never public. Rows of earlier releases lack it, whose bot joined when they were opened. */
  readonly openedBy?: UserId;
}

/** Planned work. */
export interface MaintenanceRow extends AnyItemRow<MaintenanceState> {
  readonly components: readonly string[];
  readonly startsAt: string;
  readonly endsAt: string;
}

/** One text of an incident or a maintenance. */
export interface UpdateRow<State extends string = string> {
  readonly id: StatusId;
  readonly state: State;
  readonly text: string;
  readonly at: string;
  readonly editedAt: string | null;
  readonly changes: readonly StateChange[];
}

/** A line for everybody. */
export interface AnnouncementRow {
  readonly id: StatusId;
  readonly text: string;
  readonly level: AnnouncementLevel;
  readonly at: string;
  readonly expiresAt: string | null;
  readonly retractedAt: string | null;
}

/** The row of each kind. */
export interface ItemRows {
  readonly incident: IncidentRow;
  readonly maintenance: MaintenanceRow;
  readonly announcement: AnnouncementRow;
}

/** What stays of a deleted incident, so that readers who missed the deletion hear of it. */
export interface DeletedRow {
  readonly id: StatusId;
  readonly deletedAt: string;
}

/** Gives an incident as everybody sees it; `updates` are oldest first. */
export function toIncident(row: IncidentRow, updates: readonly UpdateRow<IncidentState>[]): StatusIncident {
  const { id, title, state, impact, components, startedAt, createdAt, updatedAt, monitoringAt, resolvedAt } =
    row;
  return {
    id,
    title: withoutFormatCharacters(title),
    state,
    impact,
    components,
    startedAt,
    createdAt,
    updatedAt,
    monitoringAt,
    resolvedAt,
    updates: updates.map(toUpdate).reverse(),
  };
}

/** Gives a maintenance as everybody sees it; `updates` are oldest first. */
export function toMaintenance(
  row: MaintenanceRow,
  updates: readonly UpdateRow<MaintenanceState>[],
): StatusMaintenance {
  const { id, title, state, components, startsAt, endsAt, createdAt, updatedAt, resolvedAt } = row;
  return {
    id,
    title: withoutFormatCharacters(title),
    state,
    components,
    startsAt,
    endsAt,
    createdAt,
    updatedAt,
    resolvedAt,
    updates: updates.map(toUpdate).reverse(),
  };
}

/** Gives what a list says of an incident or a maintenance. */
export function toTitle(row: IncidentRow | MaintenanceRow): { id: string; title: string; startedAt: string } {
  const { id, title } = row;
  const startedAt = "startsAt" in row ? row.startsAt : row.startedAt;
  return { id, title: withoutFormatCharacters(title), startedAt };
}

/** Gives an announcement as everybody sees it. */
export function toAnnouncement(row: AnnouncementRow): Announcement {
  return { ...row, ...publicText(row.text) };
}

function toUpdate<State extends string>(row: UpdateRow<State>): StatusUpdate<State> {
  return { ...row, ...publicText(row.text) };
}

/** Rows of earlier releases may have characters that are taken out before writing now. */
function publicText(stored: string): { readonly text: string; readonly html: string } {
  const text = withoutFormatCharacters(stored);
  return { text, html: publicMarkdown(text) };
}
