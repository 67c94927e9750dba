import { isolated } from "../../../shared/format_characters.ts";
import type { StatusIncident, StatusMaintenance, StatusUpdate } from "../../../shared/status/status.ts";
import { INCIDENT_WORDS, MAINTENANCE_WORDS } from "../../../shared/status/words.ts";

/** Updates in a feed; more than are written between two looks of any reader. */
const ENTRIES_MAX_COUNT = 100;

/** What feeds are made of. */
export interface FeedSource {
  readonly incidents: readonly StatusIncident[];
  readonly maintenances: readonly StatusMaintenance[];
}

/** One update of an incident or a maintenance. */
export interface FeedEntry {
  /** Stays the same when the text is corrected, as `incident/<id>/<n>`. */
  readonly id: string;
  /** Where the page shows it, below the origin. */
  readonly path: string;
  readonly title: string;
  /** Has the text. */
  readonly update: StatusUpdate<string>;
  readonly at: string;
  readonly updatedAt: string;
  /** Ids of the components that it is about. */
  readonly components: readonly string[];
  /** Times of a maintenance. */
  readonly planned: Pick<StatusMaintenance, "startsAt" | "endsAt"> | null;
}

/** One entry for each update, the newest first; those of one component only if it is given. */
export function feedEntries(
  { incidents, maintenances }: FeedSource,
  componentId: string | null,
): FeedEntry[] {
  const all = [
    ...incidents.flatMap((incident) =>
      entriesOf(incident, INCIDENT_WORDS, {
        components: incident.components.map(({ id }) => id),
        planned: null,
      })
    ),
    ...maintenances.flatMap((maintenance) =>
      entriesOf(maintenance, MAINTENANCE_WORDS, { components: maintenance.components, planned: maintenance })
    ),
  ];
  return all.filter(({ components }) => componentId === null || components.includes(componentId))
    .sort((a, b) => compare(b.updatedAt, a.updatedAt) || compare(b.at, a.at))
    .slice(0, ENTRIES_MAX_COUNT);
}

function entriesOf<State extends string>(
  { id, title, updates }: {
    readonly id: string;
    readonly title: string;
    readonly updates: readonly StatusUpdate<State>[];
  },
  words: Readonly<Record<State, string>>,
  about: Pick<FeedEntry, "components" | "planned">,
): FeedEntry[] {
  return updates.map((update, index) => ({
    id: `incident/${id}/${updates.length - index}`,
    path: `/status/incidents/${id}#${update.id}`,
    title: `${words[update.state]}: ${isolated(title)}`,
    update,
    at: update.at,
    updatedAt: update.editedAt ?? update.at,
    ...about,
  }));
}

/** ISO times in the order of time. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
