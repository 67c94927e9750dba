import type {
  AnnouncementLevel,
  ComponentState,
  Impact,
  IncidentState,
  MaintenanceState,
  MeasuredState,
} from "./states.ts";

/** A part of the product that is measured, as visitors see it. */
export interface StatusComponent {
  /** A word, such as `messages`. */
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  /** What one must know to read the state. */
  readonly note: string | null;
  readonly group: string | null;
  readonly position: number;
  readonly state: ComponentState;
  /** Time of the last probe. */
  readonly measuredAt: string | null;
  /** Percent of the measured time of the last 90 days, rounded down; null when nothing was measured. */
  readonly uptime90: number | null;
}

/** State that an incident claims for a component. */
export interface AffectedComponent {
  readonly id: string;
  readonly status: MeasuredState;
}

/** One text of an incident or a maintenance. */
export interface StatusUpdate<State extends string> {
  readonly id: string;
  readonly state: State;
  readonly text: string;
  /** `text` as markup, rendered by the server. */
  readonly html: string;
  readonly at: string;
  readonly editedAt: string | null;
  /** Components whose state this update changed. */
  readonly changes: readonly StateChange[];
}

/** How an update changed the state that an incident claims for a component. */
export interface StateChange {
  readonly id: string;
  readonly from: MeasuredState;
  readonly to: MeasuredState;
}

/** An incident with all that was said about it. */
export interface StatusIncident {
  readonly id: string;
  readonly title: string;
  readonly state: IncidentState;
  readonly impact: Impact;
  readonly components: readonly AffectedComponent[];
  readonly startedAt: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly monitoringAt: string | null;
  readonly resolvedAt: string | null;
  /** Newest first. */
  readonly updates: readonly StatusUpdate<IncidentState>[];
}

/** Planned work. */
export interface StatusMaintenance {
  readonly id: string;
  readonly title: string;
  readonly state: MaintenanceState;
  readonly components: readonly string[];
  readonly startsAt: string;
  readonly endsAt: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  /** When it was completed or cancelled. */
  readonly resolvedAt: string | null;
  /** Newest first. */
  readonly updates: readonly StatusUpdate<MaintenanceState>[];
}

/** A line for everybody, in every client and on the page. */
export interface Announcement {
  readonly id: string;
  readonly text: string;
  /** `text` as markup, rendered by the server. */
  readonly html: string;
  readonly level: AnnouncementLevel;
  readonly at: string;
  readonly expiresAt: string | null;
  readonly retractedAt: string | null;
}

/** Figures beside the states. */
export interface StatusMetrics {
  /** From sending a message to its arrival, measured with synthetic messages; null when there was none lately. */
  readonly deliveredMs: { readonly p50: number; readonly p95: number } | null;
  /** Since when everything known was checked; null before the first check. */
  readonly measuredAt: string | null;
  /** Only where an owner shows it. */
  readonly activity?: StatusActivity;
}

/** A count that tells nothing of single people. */
export type RoughCount = number | "fewer than 5";

/** How much the team uses its chat. */
export interface StatusActivity {
  readonly online: RoughCount;
  /** Of this day in UTC. */
  readonly messagesToday: RoughCount;
}

/** Everything that a visitor sees: what is open and upcoming, and how things stand. */
export interface Status {
  readonly page: { readonly name: string; readonly asOf: string };
  readonly state: ComponentState;
  readonly sentence: string;
  readonly components: readonly StatusComponent[];
  readonly incidents: readonly StatusIncident[];
  /** The next one first. */
  readonly maintenances: readonly StatusMaintenance[];
  readonly announcements: readonly Announcement[];
  readonly metrics: StatusMetrics;
}

/** Stands for what was deleted. */
export interface Deleted {
  readonly id: string;
  readonly deletedAt: string;
}

/** What happens on the public stream; each event holds the whole of what changed. */
export type StatusChange =
  | { readonly type: "snapshot"; readonly status: Status }
  | { readonly type: "component"; readonly component: StatusComponent }
  | { readonly type: "incident"; readonly incident: StatusIncident | Deleted }
  | { readonly type: "maintenance"; readonly maintenance: StatusMaintenance }
  | { readonly type: "announcement"; readonly announcement: Announcement };
