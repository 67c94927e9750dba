import type { IncidentState, MaintenanceState } from "../../../shared/status/states.ts";
import { INCIDENT_WORDS } from "../../../shared/status/words.ts";
import { STARTED_TEXT } from "../maintenance_store.ts";
import type { AnnouncementRow, IncidentRow, MaintenanceRow, UpdateRow } from "../status_rows.ts";
import { timeText } from "../status_text.ts";
import { REMINDER_INTERVAL_MS, REMINDERS_MAX_COUNT } from "./reminder_times.ts";

const MINUTE_MS = 60_000;

/** How a message about a maintenance begins. */
const MAINTENANCE_HEADS: Readonly<Record<MaintenanceState, string>> = {
  scheduled: "Maintenance planned",
  in_progress: "Maintenance in progress",
  verifying: "Maintenance being verified",
  completed: "Maintenance completed",
  cancelled: "Maintenance cancelled",
};

/** One message for each text of an incident, oldest first. `url` is the origin of the server. */
export function incidentTexts(
  incident: IncidentRow,
  updates: readonly UpdateRow<IncidentState>[],
  url: string,
): string[] {
  return updates.map(({ state, text }, index) => {
    const head = index === 0 ? "Incident opened" : INCIDENT_WORDS[state];
    return lines(`${head}: ${incident.title}`, text, incidentUrl(incident, url));
  });
}

/** One message for each text of a maintenance, oldest first; null for what a later one says better. */
export function maintenanceTexts(
  { title, startsAt, endsAt }: MaintenanceRow,
  updates: readonly UpdateRow<MaintenanceState>[],
  url: string,
): (string | null)[] {
  return updates.map(({ state, text }, index) => {
    // It is not news that it began by itself once more has happened.
    if (text === STARTED_TEXT && index < updates.length - 1) return null;
    const times = state === "scheduled" ? `${timeText(startsAt)} to ${timeText(endsAt)}` : "";
    return lines(`${MAINTENANCE_HEADS[state]}: ${title}`, times, text, pageUrl(url));
  });
}

/** The message about an announcement. */
export function announcementText({ text, level, expiresAt }: AnnouncementRow, url: string): string {
  const details = [
    ...(level === "info" ? [] : [level]),
    ...(expiresAt === null ? [] : [`until ${timeText(expiresAt)}`]),
  ];
  const head = details.length === 0 ? "Announced" : `Announced (${details.join(", ")})`;
  return lines(`${head}:`, text, pageUrl(url));
}

/** The reminder that an incident got no update; `number` counts from 1. */
export function incidentReminder(incident: IncidentRow, number: number, url: string): string {
  const minutes = number * REMINDER_INTERVAL_MS / MINUTE_MS;
  return lines(
    `No update for ${minutes} minutes: ${incident.title}`,
    `Say how it stands, in Settings → Status or with /incident update. ${ending(number)}`,
    incidentUrl(incident, url),
  );
}

/** The reminder that a maintenance is past its end. */
export function maintenanceReminder({ title, endsAt }: MaintenanceRow, number: number, url: string): string {
  return lines(
    `Past its planned end (${timeText(endsAt)}): ${title}`,
    `Finish it or give it a later end, in Settings → Status. ${ending(number)}`,
    pageUrl(url),
  );
}

function ending(number: number): string {
  return number === REMINDERS_MAX_COUNT ? "This is the last reminder." : "";
}

function incidentUrl({ id }: IncidentRow, url: string): string {
  return `${pageUrl(url)}/incidents/${id}`;
}

function pageUrl(url: string): string {
  return `${url}/status`;
}

function lines(...texts: readonly string[]): string {
  return texts.map((text) => text.trim()).filter((text) => text !== "").join("\n");
}
