import type { StatusId } from "../../shared/ids.ts";
import {
  ENDING_UPDATES_COUNT,
  PUBLIC_OPEN_MAX_COUNT,
  UPDATES_PER_INCIDENT_COUNT,
} from "../../shared/limits.ts";
import type { IncidentState, MaintenanceState } from "../../shared/status/states.ts";
import type {
  Announcement,
  StatusChange,
  StatusIncident,
  StatusMaintenance,
} from "../../shared/status/status.ts";
import type { Database } from "../kv/database.ts";
import { keys } from "../kv/keys.ts";
import { toAnnouncement, toIncident, toMaintenance, toTitle } from "./status_rows.ts";
import type {
  AnnouncementRow,
  DeletedRow,
  IncidentRow,
  ItemKind,
  ItemRows,
  MaintenanceRow,
  UpdateRow,
} from "./status_rows.ts";
import { isDeleted } from "./status_stream.ts";

/** Items of each kind that a month lists. */
const TITLES_PER_MONTH_COUNT = 100;
const KINDS = ["incident", "maintenance"] as const;

/** What a list says of an incident or a maintenance. */
export interface ItemTitle {
  readonly id: string;
  readonly title: string;
  readonly startedAt: string;
}

/** A row that may have been deleted since. */
export type Stored<Row> = Deno.KvEntryMaybe<Row | DeletedRow>;

/** Reads incidents, maintenance and announcements. */
export class StatusReaderStore {
  readonly #db: Database;

  /** Works on `db`. */
  constructor(db: Database) {
    this.#db = db;
  }

  /** Reads what an event is about, as a change; null for what is not stored here. */
  async find(type: StatusChange["type"], id: string): Promise<StatusChange | null> {
    const statusId = id as StatusId;
    if (type === "incident") {
      const entry: Stored<IncidentRow> = await this.#db.get(keys.statusItem("incident", statusId));
      if (entry.value === null) return null;
      return {
        type,
        incident: isDeleted(entry.value) ? entry.value : await this.withUpdates(entry.value),
      };
    }
    if (type === "maintenance") {
      const { value } = await this.#db.get<MaintenanceRow>(keys.statusItem("maintenance", statusId));
      if (value === null) return null;
      return { type, maintenance: toMaintenance(value, await this.updates<MaintenanceState>(statusId)) };
    }
    if (type !== "announcement") return null;
    const { value } = await this.#db.get<AnnouncementRow>(keys.statusItem("announcement", statusId));
    return value === null ? null : { type, announcement: toAnnouncement(value) };
  }

  /** Reads an incident, a maintenance or an announcement without further texts; null if it is missing or deleted. */
  async row<Kind extends ItemKind>(kind: Kind, id: StatusId): Promise<ItemRows[Kind] | null> {
    const { value }: Stored<ItemRows[Kind]> = await this.#db.get(keys.statusItem(kind, id));
    return value === null || isDeleted(value) ? null : value;
  }

  /** Reads all texts of an incident or a maintenance, oldest first. */
  async updates<State extends string>(id: StatusId): Promise<UpdateRow<State>[]> {
    const rows = await this.#db.list<UpdateRow<State>>(keys.statusUpdates(id), {
      limit: UPDATES_PER_INCIDENT_COUNT + ENDING_UPDATES_COUNT,
    });
    return rows.map(({ value }) => value);
  }

  /** Reads the texts of an incident and gives it as everybody sees it. */
  async withUpdates(row: IncidentRow): Promise<StatusIncident> {
    return toIncident(row, await this.updates<IncidentState>(row.id));
  }

  /** Everything that is open, upcoming or in force, without drafts. */
  async open(): Promise<
    { incidents: StatusIncident[]; maintenances: StatusMaintenance[]; announcements: Announcement[] }
  > {
    const [incidents, maintenances, announcements] = await Promise.all([
      this.#openRows<IncidentRow>("incident"),
      this.#openRows<MaintenanceRow>("maintenance"),
      this.#openRows<AnnouncementRow>("announcement"),
    ]);
    return {
      incidents: await Promise.all(
        incidents.filter(({ isDraft }) => !isDraft).map((row) => this.withUpdates(row)),
      ),
      maintenances: await Promise.all(
        maintenances.map(async (row) => toMaintenance(row, await this.updates<MaintenanceState>(row.id))),
      ),
      announcements: announcements.map(toAnnouncement),
    };
  }

  /** Incidents that nobody has published yet. */
  async drafts(): Promise<StatusIncident[]> {
    return await Promise.all((await this.draftRows()).map((row) => this.withUpdates(row)));
  }

  /** Their rows, which also hold what even readers of drafts may not see. */
  async draftRows(): Promise<IncidentRow[]> {
    return (await this.#openRows<IncidentRow>("incident")).filter(({ isDraft }) => isDraft);
  }

  /** The newest incidents, resolved ones too. */
  async newestIncidents(limit: number): Promise<StatusIncident[]> {
    const found = await this.#newest("incident", limit);
    return found.flatMap((change) =>
      change?.type === "incident" && !isDeleted(change.incident) ? [change.incident] : []
    );
  }

  /** The newest maintenances by their start, completed ones too. */
  async newestMaintenances(limit: number): Promise<StatusMaintenance[]> {
    const found = await this.#newest("maintenance", limit);
    return found.flatMap((change) => change?.type === "maintenance" ? [change.maintenance] : []);
  }

  /** Reads an incident or a maintenance that is public; null if there is none. */
  async item(id: StatusId): Promise<StatusIncident | StatusMaintenance | null> {
    const [incident, maintenance] = await Promise.all([
      this.#db.get<IncidentRow | DeletedRow>(keys.statusItem("incident", id)),
      this.#db.get<MaintenanceRow>(keys.statusItem("maintenance", id)),
    ]);
    if (maintenance.value !== null) {
      return toMaintenance(maintenance.value, await this.updates<MaintenanceState>(id));
    }
    const row = incident.value;
    return row === null || isDeleted(row) || row.isDraft ? null : await this.withUpdates(row);
  }

  /** Reads what began in a month such as `2026-11`; of more than there is room for, the newest. */
  async titles(month: string): Promise<ItemTitle[]> {
    const titles = await Promise.all(KINDS.map(async (kind) => {
      const ids = await this.#db.list<StatusId>(keys.statusTimes(kind), {
        limit: TITLES_PER_MONTH_COUNT,
        reverse: true,
        start: keys.statusMonth(kind, month),
        end: keys.statusMonthEnd(kind, month),
      });
      const rows = await this.#db.getMany<IncidentRow | MaintenanceRow | DeletedRow>(
        ids.map(({ value }) => keys.statusItem(kind, value)),
      );
      return rows.flatMap(({ value }) => value === null || isDeleted(value) ? [] : [toTitle(value)]);
    }));
    return titles.flat();
  }

  /** Reads when the first incident or maintenance began; null if there is none. */
  async oldestAt(): Promise<string | null> {
    const firsts = await Promise.all(
      KINDS.map((kind) => this.#db.list(keys.statusTimes(kind), { limit: 1 })),
    );
    return firsts.flat().map(({ key }) => String(key.at(-2))).sort()[0] ?? null;
  }

  async #newest(kind: "incident" | "maintenance", limit: number): Promise<(StatusChange | null)[]> {
    const rows = await this.#db.list<StatusId>(keys.statusTimes(kind), { limit, reverse: true });
    return await Promise.all(rows.map(({ value }) => this.find(kind, value)));
  }

  async #openRows<Row>(kind: ItemKind): Promise<Row[]> {
    const ids = await this.#db.list<StatusId>(keys.statusOpens(kind), { limit: 2 * PUBLIC_OPEN_MAX_COUNT });
    const rows = await this.#db.getMany<Row>(ids.map(({ value }) => keys.statusItem(kind, value)));
    return rows.flatMap(({ value }) => value === null ? [] : [value]);
  }
}
