import * as v from "valibot";
import { indicatorOf } from "../../../shared/status/indicator.ts";
import {
  ANNOUNCEMENT_LEVELS,
  COMPONENT_STATES,
  INCIDENT_STATES,
  MAINTENANCE_STATES,
} from "../../../shared/status/states.ts";

/** Far more than we send; others may send anything. */
const LIST_MAX_COUNT = 500;
const TEXT_MAX_CHARACTERS = 10_000;

const text = v.pipe(v.string(), v.maxLength(TEXT_MAX_CHARACTERS));
const id = v.pipe(v.string(), v.maxLength(100));
const time = v.pipe(v.string(), v.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/));
const nullableTime = v.nullable(time);
const state = v.picklist(COMPONENT_STATES);
const order = v.pipe(v.number(), v.safeInteger());

function list<Item extends v.GenericSchema>(item: Item) {
  return v.pipe(v.array(item), v.maxLength(LIST_MAX_COUNT));
}

const page = v.object({ id, name: text, url: text, time_zone: text, updated_at: time });
const status = v.object({
  indicator: v.picklist(["none", "minor", "major", "critical", "maintenance"]),
  description: text,
  x_status: state,
  x_sentence: text,
});
const component = v.object({
  id,
  name: text,
  status: state,
  x_status: state,
  showcase: v.boolean(),
  page_id: id,
  only_show_if_degraded: v.boolean(),
  created_at: time,
  updated_at: time,
  position: order,
  description: v.nullable(text),
  start_date: v.nullable(text),
  group_id: v.nullable(id),
  group: v.boolean(),
  components: v.optional(list(id)),
  x_measured_at: v.optional(nullableTime),
});
const updates = <States extends readonly string[]>(states: States) =>
  list(v.object({ ...update, status: v.picklist(states) }));
const update = {
  id,
  body: text,
  incident_id: id,
  created_at: time,
  updated_at: time,
  display_at: time,
  affected_components: v.nullable(
    list(v.object({ code: id, name: text, old_status: text, new_status: text })),
  ),
  deliver_notifications: v.boolean(),
  custom_tweet: v.null(),
  tweet_id: v.null(),
};
const item = {
  id,
  name: text,
  created_at: time,
  updated_at: time,
  shortlink: text,
  page_id: id,
  monitoring_at: nullableTime,
  resolved_at: nullableTime,
  started_at: time,
  components: list(component),
};
const incident = v.object({
  ...item,
  incident_updates: updates(INCIDENT_STATES),
  status: v.picklist(INCIDENT_STATES),
  impact: v.picklist(["none", "minor", "major", "critical"]),
});
const maintenance = v.object({
  ...item,
  incident_updates: updates(MAINTENANCE_STATES),
  status: v.picklist(MAINTENANCE_STATES),
  impact: v.literal("maintenance"),
  scheduled_for: time,
  scheduled_until: time,
});
const announcement = v.object({
  id,
  level: v.picklist(ANNOUNCEMENT_LEVELS),
  body: text,
  created_at: time,
  expires_at: nullableTime,
});

/** The answers that the whole tree can be made of. What they have besides is dropped. */
export const copiedAnswersSchema = v.object({
  summary: v.object({
    page,
    components: list(component),
    incidents: list(incident),
    scheduled_maintenances: list(maintenance),
    status,
    // Older servers have none.
    x_announcements: v.optional(list(announcement), []),
  }),
  incidents: v.object({ page, incidents: list(incident) }),
  maintenances: v.object({ page, scheduled_maintenances: list(maintenance) }),
});

/** Answers of the Statuspage format, as they were at one moment. */
export type CopiedAnswers = v.InferOutput<typeof copiedAnswersSchema>;
/** A component in these answers. */
export type CopiedComponent = v.InferOutput<typeof component>;
/** An incident in these answers. */
export type CopiedIncident = v.InferOutput<typeof incident>;
/** A maintenance in these answers. */
export type CopiedMaintenance = v.InferOutput<typeof maintenance>;

/** An announcement in these answers. */
export type CopiedAnnouncement = v.InferOutput<typeof announcement>;

/** Where each answer is found, below the origin and in a folder alike. */
export const ANSWER_PATHS: Readonly<Record<keyof CopiedAnswers, string>> = {
  summary: "api/v2/summary.json",
  incidents: "api/v2/incidents.json",
  maintenances: "api/v2/scheduled-maintenances.json",
};

/** Leaves out announcements that have ended since the answers came. */
export function withoutExpired(answers: CopiedAnswers, now: number): CopiedAnswers {
  const inForce = answers.summary.x_announcements.filter(({ expires_at: end }) =>
    end === null || Date.parse(end) > now
  );
  return { ...answers, summary: { ...answers.summary, x_announcements: inForce } };
}

/** Takes back what answers say about now; what was said and all times stay. */
export function aged({ summary, incidents, maintenances }: CopiedAnswers): CopiedAnswers {
  return {
    summary: {
      ...summary,
      components: summary.components.map(agedComponent),
      incidents: summary.incidents.map(agedItem),
      scheduled_maintenances: summary.scheduled_maintenances.map(agedItem),
      status: {
        ...indicatorOf("unknown"),
        x_status: "unknown",
        x_sentence: "The current state is unknown.",
      },
    },
    incidents: { ...incidents, incidents: incidents.incidents.map(agedItem) },
    maintenances: {
      ...maintenances,
      scheduled_maintenances: maintenances.scheduled_maintenances.map(agedItem),
    },
  };
}

function agedItem<Item extends CopiedIncident | CopiedMaintenance>(one: Item): Item {
  return { ...one, components: one.components.map(agedComponent) };
}

function agedComponent(one: CopiedComponent): CopiedComponent {
  // The format knows no unknown; it must not look green.
  return { ...one, status: "degraded_performance", x_status: "unknown" };
}
