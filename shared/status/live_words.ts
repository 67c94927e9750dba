import type { Language } from "./language.ts";
import type { AnnouncementLevel, ComponentState, IncidentState, MaintenanceState } from "./states.ts";

/** Names of components that no owner has renamed. */
export type KnownName =
  | "Messages"
  | "Live connection"
  | "Status feed"
  | "Storage"
  | "Calls"
  | "Other servers";

/** Words of the status page in one language that change while it is open, so a script needs them too. */
export interface LiveWords {
  readonly language: Language;
  /** Decides how numbers, times and dates are written. */
  readonly locale: string;
  /** Null where they are as they come. */
  readonly names: Readonly<Record<KnownName, string>> | null;
  readonly states: Readonly<Record<ComponentState, string>>;
  readonly incidentStates: Readonly<Record<IncidentState, string>>;
  readonly maintenanceStates: Readonly<Record<MaintenanceState, string>>;
  readonly levels: Readonly<Record<AnnouncementLevel, string>>;
  /** Says of some components that they are in a state. */
  readonly clauses: Readonly<Record<ComponentState, (names: string, isPlural: boolean) => string>>;
  readonly others: (count: number) => string;
  readonly nothingMeasured: string;
  readonly allOperational: string;
  readonly allUnknown: string;
  readonly restWorks: string;
  readonly namedAndRestWork: (name: string) => string;
  /** `ago` is such as "4 seconds ago". */
  readonly checked: (ago: string) => string;
  readonly pageName: (workspace: string) => string;
  /** Before a time. */
  readonly edited: string;
  readonly overruns: string;
  readonly timesIn: (zone: string) => string;
  readonly showTimesIn: (zone: string) => string;
}

/** A component's name in the reader's language; what owners wrote stays as it is. */
export function shownName(name: string, { names }: Pick<LiveWords, "names">): string {
  return names !== null && Object.hasOwn(names, name) ? names[name as KnownName] : name;
}
