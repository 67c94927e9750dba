import * as v from "valibot";
import {
  ANNOUNCEMENT_LEVELS,
  COMPONENT_STATES,
  IMPACTS,
  INCIDENT_STATES,
  MAINTENANCE_STATES,
  MEASURED_STATES,
} from "../../../shared/status/states.ts";
import type { ComponentDefinition } from "../components.ts";
import type { ComponentSettings } from "../component_store.ts";
import { publicMarkdown } from "../PublicMarkdown.tsx";
import type { StatusBoard } from "../status_board.ts";

const time = v.pipe(v.string(), v.check((text) => !Number.isNaN(Date.parse(text))));
const nullableTime = v.nullable(time);
const component = v.object({
  id: v.string(),
  name: v.string(),
  description: v.nullable(v.string()),
  group: v.nullable(v.string()),
  position: v.number(),
  measuredAt: nullableTime,
  days: v.array(v.object({
    day: v.string(),
    times: v.record(v.picklist(COMPONENT_STATES), v.number()),
  })),
});
// Markup is made again: what a file says is never shown as it is.
const withHtml = <Item extends { readonly text: string }>(item: Item) => ({
  ...item,
  html: publicMarkdown(item.text),
});
const measuredState = v.picklist(MEASURED_STATES);
const changes = v.array(v.object({ id: v.string(), from: measuredState, to: measuredState }));

function item<const States extends readonly string[]>(states: States) {
  const state = v.picklist(states);
  const update = v.object({
    id: v.string(),
    state,
    text: v.string(),
    at: time,
    editedAt: nullableTime,
    changes,
  });
  return {
    id: v.string(),
    title: v.string(),
    state,
    createdAt: time,
    updatedAt: time,
    resolvedAt: nullableTime,
    updates: v.array(v.pipe(update, v.transform(withHtml))),
  };
}

const incident = v.object({
  ...item(INCIDENT_STATES),
  impact: v.picklist(IMPACTS),
  components: v.array(v.object({ id: v.string(), status: measuredState })),
  startedAt: time,
  monitoringAt: nullableTime,
});
const maintenance = v.object({
  ...item(MAINTENANCE_STATES),
  components: v.array(v.string()),
  startsAt: time,
  endsAt: time,
});
const announcement = v.pipe(
  v.object({
    id: v.string(),
    text: v.string(),
    level: v.picklist(ANNOUNCEMENT_LEVELS),
    at: time,
    expiresAt: nullableTime,
    retractedAt: nullableTime,
  }),
  v.transform(withHtml),
);
const lastKnownSchema = v.object({
  name: v.string(),
  components: v.array(component),
  incidents: v.array(incident),
  maintenances: v.array(maintenance),
  announcements: v.array(announcement),
});

/** All that visitors could know at one moment, for a start without storage. Nothing in it is a secret. */
export type LastKnown = v.InferOutput<typeof lastKnownSchema>;

/** Takes down what a board shows, and nothing else: web servers serve the folder in which this is kept. */
export function lastKnownText(board: StatusBoard): string {
  return JSON.stringify({
    name: board.name,
    components: board.components().map(({ id, name, description, group, position, measuredAt }) => {
      return { id, name, description, group, position, measuredAt, days: board.days(id) };
    }),
    incidents: board.incidents(),
    maintenances: board.maintenances(),
    announcements: board.announcements(),
  });
}

/** Reads what was taken down; null for what this version does not understand. */
export function parseLastKnown(text: string): LastKnown | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const read = v.safeParse(lastKnownSchema, value);
  return read.success ? read.output : null;
}

/** Shows on a board what was known, with every component unknown: nothing of it was measured in this life. */
export function showLastKnown(
  board: StatusBoard,
  known: LastKnown,
  definitions: readonly ComponentDefinition[],
): void {
  const shown = new Map(known.components.map((one) => [one.id, one]));
  const settings = new Map<string, ComponentSettings>();
  for (const { id } of definitions) {
    const one = shown.get(id);
    if (one === undefined) {
      settings.set(id, { isHidden: true });
      continue;
    }
    const { name, description, group, position, measuredAt, days } = one;
    settings.set(id, { name, description: description ?? undefined, group: group ?? undefined, position });
    board.setDays(id, new Map(days.map(({ day, times }) => [day, times])));
    if (measuredAt !== null) {
      board.measure(id, { state: "unknown", at: Date.parse(measuredAt), isLastKnown: true });
    }
  }
  board.load({ ...known, settings });
  board.name = known.name;
}
