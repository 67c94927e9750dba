import type { LiveWords } from "../../../shared/status/live_words.ts";
import type { Announcement, StatusIncident, StatusMaintenance } from "../../../shared/status/status.ts";
import { incidentTone, isOverrun } from "../../../shared/status/tones.ts";
import { element, publicNodes, stateIcon } from "./element.ts";
import type { Zone } from "./zone.ts";

/** How announcements, incidents and maintenances are written. */
export interface EntryStyle {
  readonly words: LiveWords;
  readonly zone: Zone;
  /** The server's time in epoch ms. */
  readonly now: number;
}

/** Draws an announcement as the server does. */
export function drawNotice(
  { id, level, html, at, expiresAt }: Announcement,
  { words, zone }: EntryStyle,
): HTMLElement {
  const end = expiresAt === null ? [] : [" – ", zone.time(expiresAt)];
  return element(
    "div",
    { class: `notice ${level}`, role: "note", "data-item": id },
    element(
      "p",
      { class: "label" },
      stateIcon(level),
      element("strong", {}, words.levels[level]),
      element("span", {}, zone.time(at), ...end),
    ),
    ...publicNodes(html),
  );
}

/** Draws an incident as the server does. */
export function drawIncident(incident: StatusIncident, style: EntryStyle): HTMLElement {
  const { id, title, updates } = incident;
  return element(
    "article",
    { class: `timeline ${incidentTone(incident)}`, "data-item": id },
    element("h3", {}, drawTitle(id, title)),
    drawUpdates(updates, style.words.incidentStates, style),
  );
}

/** Draws a maintenance as the server does. */
export function drawMaintenance(maintenance: StatusMaintenance, style: EntryStyle): HTMLElement {
  const { id, title, state, startsAt, endsAt, updates } = maintenance;
  const { words, zone, now } = style;
  const times = [`${words.maintenanceStates[state]} · `, zone.time(startsAt), " – ", zone.time(endsAt)];
  return element(
    "article",
    { class: "timeline under_maintenance", "data-item": id },
    element(
      "h3",
      {},
      drawTitle(id, title),
      element("small", {}, ...times),
      ...(isOverrun(maintenance, now) ? [element("small", { class: "overrun" }, words.overruns)] : []),
    ),
    drawUpdates(updates, words.maintenanceStates, style),
  );
}

function drawTitle(id: string, title: string): HTMLElement {
  return element("a", { href: `/status/incidents/${id}`, dir: "auto" }, title);
}

function drawUpdates<State extends string>(
  updates: readonly {
    readonly id: string;
    readonly state: State;
    readonly html: string;
    readonly at: string;
    readonly editedAt: string | null;
  }[],
  states: Readonly<Record<State, string>>,
  { words, zone }: EntryStyle,
): HTMLElement {
  const rows = updates.flatMap(({ id, state, html, at, editedAt }) => [
    element(
      "dt",
      { id },
      states[state],
      zone.time(at),
      ...(editedAt === null ? [] : [element("small", {}, `${words.edited} `, zone.time(editedAt))]),
    ),
    element("dd", {}, ...publicNodes(html)),
  ]);
  return element("dl", {}, ...rows);
}
