import { compareStates, isOpenIncident } from "./states.ts";
import type { ComponentState } from "./states.ts";
import type { StatusComponent, StatusIncident } from "./status.ts";
import { INCIDENT_WORDS } from "./words.ts";

/** Names in one clause; the rest is counted. */
const NAMES_MAX_COUNT = 3;

/** The verdict: its first clause is the page's heading. */
export interface Verdict {
  readonly headline: string;
  /** Empty when the headline says everything. */
  readonly rest: string;
}

type Named = Pick<StatusComponent, "id" | "name" | "state">;

/** Says in words how things stand; never that all is well beside an open incident or an unknown component. */
export function verdictOf(
  components: readonly Named[],
  incidents: readonly Pick<StatusIncident, "state" | "title">[],
): Verdict {
  const [incident] = incidents.filter(isOpenIncident);
  const troubled = components.filter(({ state }) => state !== "operational");
  const isMeasuredBad = troubled.some(({ state }) => compareStates(state, "unknown") > 0);
  if (incident !== undefined && !isMeasuredBad) {
    const headline = `${INCIDENT_WORDS[incident.state]}: ${incident.title}`;
    return { headline, rest: clausesOf(troubled).map(endOf).join(" ") };
  }
  if (components.length === 0) return { headline: "Nothing is measured yet", rest: "" };
  if (troubled.length === 0) return { headline: "All systems operational", rest: "" };
  if (components.every(({ state }) => state === "unknown")) {
    return { headline: "The current state is unknown", rest: "" };
  }
  const [headline = "", ...others] = clausesOf(troubled);
  const works = workingClause(components.filter(({ state }) => state === "operational"));
  return { headline, rest: [...others, ...works].map(endOf).join(" ") };
}

/** The verdict as one text. */
export function sentenceOf({ headline, rest }: Verdict): string {
  return rest === "" ? endOf(headline) : `${endOf(headline)} ${rest}`;
}

/** Says how long ago the last probe was. */
export function checkedText(ageMs: number): string {
  const seconds = Math.max(0, Math.round(ageMs / 1_000));
  if (seconds < 60) return `Checked ${counted(seconds, "second")} ago.`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `Checked ${counted(minutes, "minute")} ago.`;
  return `Checked ${counted(Math.floor(minutes / 60), "hour")} ago.`;
}

/** A title may bring its own full stop. */
function endOf(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** One clause for each state, the worst first. */
function clausesOf(troubled: readonly Named[]): string[] {
  const states = [...new Set(troubled.map(({ state }) => state))].sort((a, b) => compareStates(b, a));
  return states.map((state) => clauseOf(state, troubled.filter((one) => one.state === state)));
}

/** Says of some components that they are in a state, without a full stop. */
export function clauseOf(state: ComponentState, components: readonly Named[]): string {
  const names = listOf(components.map(({ name }) => name));
  const isPlural = components.length > 1 || looksPlural(components[0]?.name ?? "");
  const verb = isPlural ? "are" : "is";
  switch (state) {
    case "major_outage":
      return `${names} ${verb} down`;
    case "partial_outage":
      return `${names} ${isPlural ? "fail" : "fails"} for some people`;
    case "degraded_performance":
      return `${names} ${verb} degraded`;
    case "under_maintenance":
      return `${names} ${verb} under maintenance`;
    case "unknown":
      return `The state of ${names} is unknown`;
    case "operational":
      return `${names} ${isPlural ? "work" : "works"} normally`;
  }
}

/** Messages come first: that is what people want to know. */
function workingClause(working: readonly Named[]): string[] {
  if (working.length === 0) return [];
  if (working.length === 1) return [clauseOf("operational", working)];
  const messages = working.find(({ id }) => id === "messages");
  return [
    messages === undefined
      ? "Everything else works normally"
      : `${messages.name} and everything else work normally`,
  ];
}

function listOf(names: readonly string[]): string {
  const shown = names.length > NAMES_MAX_COUNT ? names.slice(0, NAMES_MAX_COUNT - 1) : names;
  const parts = names.length > shown.length
    ? [...shown, `${names.length - shown.length} others`]
    : [...shown];
  const last = parts.pop() ?? "";
  return parts.length === 0 ? last : `${parts.join(", ")} and ${last}`;
}

/** Owners name components, so only the look of a name tells the form of the verb. */
function looksPlural(name: string): boolean {
  return /[^aisu'’]s$/i.test(name);
}
