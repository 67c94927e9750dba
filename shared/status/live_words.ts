import type { Language } from "./language.ts";
import type { ComponentState, IncidentState, MaintenanceState } from "./states.ts";

/** Texts of our own that reach visitors as data: names and descriptions of components, and notes of probes. */
export type KnownText =
  | "Messages"
  | "Sending and receiving messages in rooms"
  | "Live connection"
  | "Connections of apps by the public address"
  | "Status feed"
  | "Live events of this page"
  | "Storage"
  | "Reading and writing what is kept"
  | "Calls"
  | "Relays that carry calls through firewalls"
  | "Other servers"
  | "The servers that share the work"
  | "Measured at the server itself: its public address cannot be reached from there.";

/** Words of the status page in one language that change while it is open, so a script needs them too. */
export interface LiveWords {
  readonly language: Language;
  /** Decides how numbers, times and dates are written. */
  readonly locale: string;
  /** Null where they are as they come. */
  readonly texts: Readonly<Record<KnownText, string>> | null;
  readonly states: Readonly<Record<ComponentState, string>>;
  readonly incidentStates: Readonly<Record<IncidentState, string>>;
  readonly maintenanceStates: Readonly<Record<MaintenanceState, string>>;
  /** Says of some components that they are in a state. */
  readonly clauses: Readonly<Record<ComponentState, (names: string, isPlural: boolean) => string>>;
  readonly and: string;
  readonly others: (count: number) => string;
  readonly nothingMeasured: string;
  readonly allOperational: string;
  readonly allUnknown: string;
  readonly restWorks: string;
  readonly namedAndRestWork: (name: string) => string;
  /** `ago` is such as "4 seconds ago". */
  readonly checked: (ago: string) => string;
  readonly notChecked: string;
  readonly pageName: (workspace: string) => string;
  /** Before a time. */
  readonly edited: string;
  readonly overruns: string;
  readonly updated: string;
  readonly timesIn: (zone: string) => string;
  readonly showTimesIn: (zone: string) => string;
}

/** A text of our own in the reader's language; what owners wrote stays as it is. */
export function translated(text: string, { texts }: Pick<LiveWords, "texts">): string {
  return texts !== null && Object.hasOwn(texts, text) ? texts[text as KnownText] : text;
}
