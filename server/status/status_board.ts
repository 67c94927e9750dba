import { componentState, pageState } from "../../shared/status/roll_up.ts";
import { newestFirst } from "../../shared/status/newest_first.ts";
import { sentenceOf, verdictOf } from "../../shared/status/sentence.ts";
import { isOpenIncident, isOpenMaintenance } from "../../shared/status/states.ts";
import type { ComponentState } from "../../shared/status/states.ts";
import type {
  Announcement,
  Status,
  StatusChange,
  StatusComponent,
  StatusIncident,
  StatusMaintenance,
  StatusMetrics,
} from "../../shared/status/status.ts";
import { EN } from "../../shared/status/words_en.ts";
import { lastDays, UPTIME_DAYS_COUNT, uptimePercent } from "../../shared/status/uptime.ts";
import type { DayTimes } from "../../shared/status/uptime.ts";
import type { ComponentSettings } from "./component_store.ts";
import { MESSAGES } from "./components.ts";
import type { ComponentDefinition } from "./components.ts";
import { FreshValue } from "./fresh_value.ts";
import { StatusFigures } from "./status_figures.ts";
import { Measurements } from "./measurements.ts";
import type { Measurement } from "./measurements.ts";
import { isDeleted } from "./status_stream.ts";

/** Incidents and maintenances that stay in memory when they are over, for the page and its feeds. */
export const RECENT_COUNT = 50;

/** Everything that is read when the server starts. */
export interface StoredStatus {
  readonly incidents: readonly StatusIncident[];
  readonly maintenances: readonly StatusMaintenance[];
  readonly announcements: readonly Announcement[];
  readonly settings: ReadonlyMap<string, ComponentSettings>;
}

export interface StatusBoardOptions {
  readonly definitions: readonly ComponentDefinition[];
  /** Epoch time in milliseconds. */
  readonly now: () => number;
}

/**
 * The whole public status in memory. Everything that visitors get is made from it, so it outlives storage. Stored
 * events change it on every instance alike.
 */
export class StatusBoard {
  readonly #options: StatusBoardOptions;
  readonly #incidents = new Map<string, StatusIncident>();
  readonly #maintenances = new Map<string, StatusMaintenance>();
  readonly #announcements = new Map<string, Announcement>();
  readonly #measurements = new Measurements();
  readonly #days = new Map<string, ReadonlyMap<string, DayTimes>>();
  readonly #changedAt = new Map<string, string>();
  readonly #startedAt: string;
  /** All that takes time to make of the current status. */
  readonly #standing: FreshValue<Omit<Status, "page" | "metrics">>;
  readonly figures = new StatusFigures();
  #settings: ReadonlyMap<string, ComponentSettings> = new Map();
  /** The workspace's name. */
  name = "Parley";

  constructor(options: StatusBoardOptions) {
    this.#options = options;
    this.#startedAt = new Date(options.now()).toISOString();
    this.#standing = new FreshValue(() => this.#makeStanding(), options.now);
  }

  /** Replaces what is stored with what was read. */
  load({ incidents, maintenances, announcements, settings }: StoredStatus): void {
    for (const map of [this.#incidents, this.#maintenances, this.#announcements]) map.clear();
    for (const incident of incidents) this.#incidents.set(incident.id, incident);
    for (const maintenance of maintenances) this.#maintenances.set(maintenance.id, maintenance);
    for (const announcement of announcements) this.#announcements.set(announcement.id, announcement);
    this.#settings = settings;
    this.#standing.drop();
  }

  /** Takes over a stored event. Those of components say what another instance measured, which is known already. */
  apply(change: StatusChange): void {
    this.#standing.drop();
    switch (change.type) {
      case "incident":
        if (isDeleted(change.incident)) this.#incidents.delete(change.incident.id);
        else this.#incidents.set(change.incident.id, change.incident);
        return keepNewest(this.#incidents, isOpenIncident, ({ startedAt }) => startedAt);
      case "maintenance":
        this.#maintenances.set(change.maintenance.id, change.maintenance);
        return keepNewest(this.#maintenances, isOpenMaintenance, ({ startsAt }) => startsAt);
      case "announcement":
        this.#announcements.set(change.announcement.id, change.announcement);
        return keepNewest(this.#announcements, (one) => this.#isInForce(one), ({ at }) => at);
      case "component":
      case "snapshot":
    }
  }

  /** Takes over names, groups and order of components. */
  setSettings(settings: ReadonlyMap<string, ComponentSettings>): void {
    this.#settings = settings;
    this.#standing.drop();
  }

  /** Takes over what all instances together measure. */
  measure(id: string, measurement: Measurement): void {
    this.#measurements.set(id, measurement);
    this.#standing.drop();
  }

  /** Takes over the times of a component, by day. */
  setDays(id: string, days: ReadonlyMap<string, DayTimes>): void {
    this.#days.set(id, days);
    this.#standing.drop();
  }

  /** The figures beside the states. */
  get metrics(): StatusMetrics {
    const now = this.#options.now();
    const messages = this.#measurements.stateAt(MESSAGES.id, now);
    return this.figures.metrics({ messages, measuredAt: this.checkedAt, now });
  }

  /** How things stand now, or stood less than a second ago; its parts are shared. */
  current(): Status {
    const page = { name: this.name, asOf: new Date(this.#options.now()).toISOString() };
    return { page, ...this.#standing.get(), metrics: this.metrics };
  }

  /** Components that are shown, in the order of the page. */
  components(): readonly StatusComponent[] {
    return this.#standing.get().components;
  }

  /** Incidents that are open or not long over, the newest first. */
  incidents(): StatusIncident[] {
    return newestFirst([...this.#incidents.values()], ({ startedAt }) => startedAt);
  }

  /** Maintenances that are ahead, under way or not long over, the newest first. */
  maintenances(): StatusMaintenance[] {
    return newestFirst([...this.#maintenances.values()], ({ startsAt }) => startsAt);
  }

  /** Announcements in force, the newest first. */
  announcements(): Announcement[] {
    const inForce = [...this.#announcements.values()].filter((one) => this.#isInForce(one));
    return newestFirst(inForce, ({ at }) => at);
  }

  /** Announcements that nobody took back, but whose time was over at a moment in epoch ms. */
  expired(at: number): Announcement[] {
    return [...this.#announcements.values()].filter(({ retractedAt, expiresAt }) =>
      retractedAt === null && expiresAt !== null && Date.parse(expiresAt) <= at
    );
  }

  /** Forgets announcements that are over. */
  forget(announcements: readonly Announcement[]): void {
    if (announcements.length === 0) return;
    for (const { id } of announcements) this.#announcements.delete(id);
    this.#standing.drop();
  }

  /** What an event is about in its current state; null for what is no longer in memory. */
  find(type: StatusChange["type"], id: string): StatusChange | null {
    switch (type) {
      case "incident": {
        const incident = this.#incidents.get(id);
        return incident === undefined ? null : { type, incident };
      }
      case "maintenance": {
        const maintenance = this.#maintenances.get(id);
        return maintenance === undefined ? null : { type, maintenance };
      }
      case "announcement": {
        const announcement = this.#announcements.get(id);
        return announcement === undefined ? null : { type, announcement };
      }
      case "component": {
        const definition = this.#shown().find((one) => one.id === id);
        return definition === undefined ? null : { type, component: this.#component(definition) };
      }
      case "snapshot":
        return null;
    }
  }

  /** The last days of a component, oldest first; days without a record are empty. */
  days(id: string): { readonly day: string; readonly times: DayTimes }[] {
    const known = this.#days.get(id);
    return lastDays(this.#options.now(), UPTIME_DAYS_COUNT).map((day) => ({
      day,
      times: known?.get(day) ?? {},
    }));
  }

  /** The state of a component when its probes show `probe`. */
  stateOf(id: string, probe: ComponentState, now: number): ComponentState {
    return componentState(id, probe, {
      incidents: [...this.#incidents.values()],
      maintenances: [...this.#maintenances.values()],
      now,
    });
  }

  /** When the state of a component changed last, as far as this instance knows. */
  changedAt(id: string): string {
    return this.#changedAt.get(id) ?? this.#startedAt;
  }

  /** Notes that readers see another state from now on. */
  noteChange(id: string): void {
    this.#changedAt.set(id, new Date(this.#options.now()).toISOString());
  }

  /** Since when, in epoch ms, everything known was checked; null before the first check of this process. */
  get checkedAt(): number | null {
    return this.#measurements.checkedAt(this.#shown().map(({ id }) => id), this.#options.now());
  }

  /** When an earlier process measured what is shown, in epoch ms; null where this one did. */
  get lastKnownAt(): number | null {
    return this.#measurements.lastKnownAt;
  }

  #makeStanding(): Omit<Status, "page" | "metrics"> {
    const components = this.#shown()
      .map((definition) => this.#component(definition))
      .sort((a, b) => a.position - b.position);
    const incidents = this.incidents().filter(isOpenIncident);
    return {
      state: pageState(components.map(({ state }) => state), incidents),
      sentence: sentenceOf(verdictOf(components, incidents, EN)),
      components,
      incidents,
      // The next one first: that is what people want to know.
      maintenances: this.maintenances().filter(isOpenMaintenance).reverse(),
      announcements: this.announcements(),
    };
  }

  #shown(): ComponentDefinition[] {
    return this.#options.definitions.filter(({ id }) => this.#settings.get(id)?.isHidden !== true);
  }

  #component(definition: ComponentDefinition): StatusComponent {
    const { id, name, description } = definition;
    const settings = this.#settings.get(id);
    const measured = this.#measurements.get(id);
    const state = this.#stateNow(id, this.#options.now());
    return {
      id,
      name: settings?.name ?? name,
      description: settings?.description ?? description,
      group: settings?.group ?? null,
      // Hidden ones keep their places, so that the others do not move.
      position: settings?.position ?? this.#options.definitions.indexOf(definition) + 1,
      note: measured?.note ?? null,
      state,
      measuredAt: measured === undefined ? null : new Date(measured.at).toISOString(),
      uptime90: uptimePercent(this.days(id).map(({ times }) => times), state),
    };
  }

  #stateNow(id: string, now: number): ComponentState {
    return this.stateOf(id, this.#measurements.stateAt(id, now), now);
  }

  #isInForce({ expiresAt, retractedAt }: Announcement): boolean {
    const isOver = expiresAt !== null && Date.parse(expiresAt) <= this.#options.now();
    return retractedAt === null && !isOver;
  }
}

/** Forgets the oldest of what is over. */
function keepNewest<T extends { readonly id: string }>(
  items: Map<string, T>,
  isOpen: (item: T) => boolean,
  timeOf: (item: T) => string,
): void {
  const over = newestFirst([...items.values()].filter((item) => !isOpen(item)), timeOf);
  for (const { id } of over.slice(RECENT_COUNT)) items.delete(id);
}
