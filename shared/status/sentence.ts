import { isolated } from "../format_characters.ts";
import { shownName } from "./live_words.ts";
import type { LiveWords } from "./live_words.ts";
import { compareStates, worstOf } from "./states.ts";
import type { ComponentState } from "./states.ts";
import type { StatusComponent, StatusIncident } from "./status.ts";
import { incidentTone } from "./tones.ts";

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
  incidents: readonly Pick<StatusIncident, "state" | "title" | "components">[],
  words: LiveWords,
): Verdict {
  const troubled = components.filter(({ state }) => state !== "operational");
  const worst = worstOf(["unknown", ...troubled.map(({ state }) => state)]) ?? "unknown";
  // What is open is worse than what is shown where nothing shows it yet, or where its components are hidden.
  const incident = incidents.find((one) => compareStates(incidentTone(one), worst) > 0);
  if (incident !== undefined) {
    const headline = `${words.incidentStates[incident.state]}: ${isolated(incident.title)}`;
    return { headline, rest: clausesOf(troubled, words).map(endOf).join(" ") };
  }
  const simple = components.length === 0
    ? words.nothingMeasured
    : troubled.length === 0
    ? words.allOperational
    : components.every(({ state }) => state === "unknown")
    ? words.allUnknown
    : null;
  if (simple !== null) return { headline: simple, rest: "" };
  const [headline = "", ...others] = clausesOf(troubled, words);
  const works = workingClause(components.filter(({ state }) => state === "operational"), words);
  return { headline, rest: [...others, ...works].map(endOf).join(" ") };
}

/** The verdict as one text. */
export function sentenceOf({ headline, rest }: Verdict): string {
  return rest === "" ? endOf(headline) : `${endOf(headline)} ${rest}`;
}

/** Says how long ago the last probe was. */
export function checkedText(ageMs: number, { checked, locale }: LiveWords): string {
  const seconds = Math.max(0, Math.round(ageMs / 1_000));
  const [count, unit]: [number, Intl.RelativeTimeFormatUnit] = seconds < 60
    ? [seconds, "second"]
    : seconds < 3_600
    ? [seconds / 60, "minute"]
    : [seconds / 3_600, "hour"];
  return checked(new Intl.RelativeTimeFormat(locale).format(-Math.floor(count), unit));
}

/** A title may bring its own full stop. */
function endOf(text: string): string {
  return /[.!?…]\u2069?$/.test(text) ? text : `${text}.`;
}

/** One clause for each state, the worst first. */
function clausesOf(troubled: readonly Named[], words: LiveWords): string[] {
  const states = [...new Set(troubled.map(({ state }) => state))].sort((a, b) => compareStates(b, a));
  return states.map((state) => clauseOf(state, troubled.filter((one) => one.state === state), words));
}

/** Says of some components that they are in a state, without a full stop. */
export function clauseOf(state: ComponentState, components: readonly Named[], words: LiveWords): string {
  const names = components.map(({ name }) => shownName(name, words));
  const isPlural = components.length > 1 || looksPlural(names[0] ?? "");
  return words.clauses[state](listOf(names.map(isolated), words), isPlural);
}

/** Messages come first: that is what people want to know. */
function workingClause(working: readonly Named[], words: LiveWords): string[] {
  if (working.length === 0) return [];
  if (working.length === 1) return [clauseOf("operational", working, words)];
  const messages = working.find(({ id }) => id === "messages");
  return [
    messages === undefined
      ? words.restWorks
      : words.namedAndRestWork(isolated(shownName(messages.name, words))),
  ];
}

/** Lists names as in a sentence; many are counted. */
export function listOf(names: readonly string[], { locale, others }: LiveWords): string {
  const parts = names.slice(0, NAMES_MAX_COUNT);
  if (names.length > NAMES_MAX_COUNT) parts[NAMES_MAX_COUNT - 1] = others(names.length - NAMES_MAX_COUNT + 1);
  return new Intl.ListFormat(locale).format(parts);
}

/** Owners name components, so only the look of a name tells the form of the verb. */
function looksPlural(name: string): boolean {
  return /[^aisu'’]s$/i.test(name);
}
