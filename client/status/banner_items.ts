import { isolated } from "../../shared/format_characters.ts";
import { isRunning } from "../../shared/status/roll_up.ts";
import { impactOf, isTroubled, worstOf } from "../../shared/status/states.ts";
import type { AnnouncementLevel } from "../../shared/status/states.ts";
import { listOf, sentenceOf, verdictOf } from "../../shared/status/sentence.ts";
import type {
  AffectedComponent,
  Announcement,
  Status,
  StatusIncident,
  StatusMaintenance,
} from "../../shared/status/status.ts";
import { isOverrun } from "../../shared/status/tones.ts";
import { INCIDENT_WORDS } from "../../shared/status/words.ts";
import { EN } from "../../shared/status/words_en.ts";
import { describeClock } from "./local_time.ts";

/** One line of the banner. */
export interface BannerItem {
  readonly id: string;
  /** What is remembered when somebody closes it, if not its id. */
  readonly closedAs?: string;
  /** Drafts are shown to owners and admins only. */
  readonly kind: "incident" | "outage" | "draft" | "maintenance" | "announcement";
  readonly level: AnnouncementLevel;
  /** First words, in bold; empty for announcements. */
  readonly title: string;
  /** Markup of an announcement, as the server makes it; a plain sentence otherwise. */
  readonly text: string;
  /** The page with all that was said of it. */
  readonly path: string;
  readonly at: string;
  /** Ids of the components of an outage; absent for everything else. */
  readonly parts?: readonly string[];
}

const LEVEL_ORDER: Readonly<Record<AnnouncementLevel, number>> = { critical: 0, warning: 1, info: 2 };
const KIND_ORDER: Readonly<Record<BannerItem["kind"], number>> = {
  incident: 0,
  outage: 1,
  draft: 2,
  maintenance: 3,
  announcement: 4,
};
const IMPACT_LEVELS = { critical: "critical", major: "warning", minor: "warning", none: "info" } as const;

/** Planned work is shown this long before it starts, so that everybody sees it on a working day. */
const AHEAD_MS = 86_400_000;

/**
 * Returns what there is to tell, the most severe first, then incidents, then what is newest; of maintenance, what
 * starts first. `settling` are components whose state is not known yet.
 */
export function bannerItems(
  status: Status | null,
  drafts: readonly Pick<StatusIncident, "id" | "title" | "createdAt">[],
  now: number,
  settling: ReadonlySet<string> = new Set(),
): BannerItem[] {
  const items = [
    ...(status === null ? [] : incidentItems(status)),
    ...(status === null ? [] : outageItems(status, settling)),
    ...drafts.map(draftItem),
    ...(status === null ? [] : maintenanceItems(status, now)),
    ...(status?.announcements ?? []).filter((one) => !isOver(one, now)).map(announcementItem),
  ];
  return items.toSorted((a, b) =>
    LEVEL_ORDER[a.level] - LEVEL_ORDER[b.level] || KIND_ORDER[a.kind] - KIND_ORDER[b.kind] ||
    b.at.localeCompare(a.at, "en") * (a.kind === "maintenance" ? -1 : 1)
  );
}

/** Returns when an item next comes, changes or goes without an event, in epoch ms; null if none does. */
export function nextTurnOf(status: Status | null, now: number): number | null {
  if (status === null) return null;
  const turns = [
    ...status.announcements.flatMap(({ expiresAt }) => expiresAt === null ? [] : [Date.parse(expiresAt)]),
    ...status.maintenances.flatMap(({ startsAt, endsAt }) => {
      const start = Date.parse(startsAt);
      return [start - AHEAD_MS, start, Date.parse(endsAt)];
    }),
  ].filter((turn) => turn > now);
  return turns.length === 0 ? null : Math.min(...turns);
}

function isOver({ expiresAt }: Announcement, now: number): boolean {
  return expiresAt !== null && Date.parse(expiresAt) <= now;
}

function incidentItems({ incidents, components }: Status): BannerItem[] {
  return incidents.map((incident): BannerItem => ({
    id: incident.id,
    kind: "incident",
    level: IMPACT_LEVELS[incident.impact],
    title: `${INCIDENT_WORDS[incident.state]}: ${isolated(incident.title)}`,
    text: verdictFor(incident, components),
    path: `/status/incidents/${incident.id}`,
    at: incident.startedAt,
  }));
}

/** Lists what does not work though no open incident says so, as it is measured. */
export function untoldTrouble({ components, incidents }: Status): AffectedComponent[] {
  const told = incidents.flatMap((incident) => incident.components)
    .flatMap(({ id, status }) => status === "operational" ? [] : id);
  return components.flatMap(({ id, state }) =>
    isTroubled(state) && !told.includes(id) ? [{ id, status: state }] : []
  );
}

/** One item for all that nobody has said anything about yet; it goes when everything works. */
function outageItems(status: Status, settling: ReadonlySet<string>): BannerItem[] {
  const { components, incidents, page } = status;
  const trouble = untoldTrouble(status).filter(({ id }) => !settling.has(id));
  if (trouble.length === 0) return [];
  const parts = trouble.map(({ id }) => id);
  // Beside an incident, what works is not "everything else".
  const told = incidents.length === 0 ? components : components.filter(({ id }) => parts.includes(id));
  const { headline, rest } = verdictOf(told, [], EN);
  const level = IMPACT_LEVELS[impactOf(trouble)];
  return [{
    id: "outage",
    kind: "outage",
    level,
    title: headline,
    text: rest,
    path: "/status",
    at: page.asOf,
    parts,
  }];
}

/** How the components of an incident are, at least as bad as it claims; nothing if they are well. */
function verdictFor(incident: StatusIncident, components: Status["components"]): string {
  const claims = new Map(incident.components.map(({ id, status }) => [id, status]));
  const troubled = components.flatMap((component) => {
    const claim = claims.get(component.id);
    // The component's own event may come after that of the incident.
    const state = claim === undefined ? null : worstOf([component.state, claim]);
    return state === null || state === "operational" ? [] : [{ ...component, state }];
  });
  return troubled.length === 0 ? "" : sentenceOf(verdictOf(troubled, [], EN));
}

/** Work that goes on or starts soon; what lasts longer than planned is a warning. */
function maintenanceItems({ maintenances, components }: Status, now: number): BannerItem[] {
  return maintenances.flatMap((maintenance): BannerItem[] => {
    const { id, title, state, startsAt } = maintenance;
    const when = whenOf(maintenance, now);
    if (when === null) return [];
    const names = components.filter((one) => maintenance.components.includes(one.id)).map(({ name }) => name);
    return [{
      id,
      // Whoever closes it ahead is told once more when it begins.
      closedAs: state === "scheduled" && Date.parse(startsAt) > now ? `${id}.ahead` : id,
      kind: "maintenance",
      level: isOverrun(maintenance, now) ? "warning" : "info",
      title: `Maintenance ${when}: ${isolated(title)}`,
      text: names.length === 0 ? "" : `Affects ${listOf(names.map(isolated), EN)}.`,
      path: `/status/incidents/${id}`,
      at: startsAt,
    }];
  });
}

function whenOf(maintenance: StatusMaintenance, now: number): string | null {
  const { startsAt, endsAt } = maintenance;
  const start = Date.parse(startsAt);
  if (isRunning(maintenance, now)) return `until ${describeClock(endsAt, now)}`;
  if (isOverrun(maintenance, now)) return "takes longer than planned";
  if (start <= now || start - now > AHEAD_MS) return null;
  return `from ${describeClock(startsAt, now)} to ${describeClock(endsAt, start)}`;
}

function draftItem({ id, title, createdAt }: Pick<StatusIncident, "id" | "title" | "createdAt">): BannerItem {
  return {
    id,
    kind: "draft",
    level: "warning",
    title: `Draft: ${isolated(title)}`,
    text: "Only owners and admins see this. Publish it, or discard it.",
    path: "",
    at: createdAt,
  };
}

function announcementItem({ id, level, html, at }: Announcement): BannerItem {
  return { id, kind: "announcement", level, title: "", text: html, path: "/status", at };
}
