import { newId } from "../../shared/ids.ts";
import type { RoomId, StatusId, UserId } from "../../shared/ids.ts";
import { canStep, impactOf, isOpenIncident } from "../../shared/status/states.ts";
import type { Impact, IncidentState } from "../../shared/status/states.ts";
import type { AffectedComponent } from "../../shared/status/status.ts";
import { judge } from "../auth/account_change_store.ts";
import { auditEntry } from "../auth/audit_store.ts";
import { notFound } from "../auth/authorize.ts";
import { keys } from "../kv/keys.ts";
import { RowUpdates } from "../kv/row_updates.ts";
import { invalidInput } from "../rpc/input_schemas.ts";
import { changesOf, merged, operational } from "./affected_components.ts";
import { beginTelling } from "./rooms/status_room_store.ts";
import { toIncident } from "./status_rows.ts";
import type { DeletedRow, IncidentRow, UpdateRow } from "./status_rows.ts";
import type { Stored } from "./status_reader_store.ts";
import {
  addText,
  appendChange,
  appendNew,
  checkStart,
  cleanText,
  newStory,
  newTarget,
  replaceText,
  takeOpenSlot,
  wrongState,
} from "./status_change_store.ts";
import type { StatusStoreOptions, StatusWrite } from "./status_change_store.ts";
import { isDeleted } from "./status_stream.ts";

/** A new incident. */
export interface NewIncident {
  readonly title: string;
  readonly text: string;
  readonly components: readonly AffectedComponent[];
  readonly impact?: Impact | undefined;
  readonly startedAt?: string | undefined;
  readonly isDraft?: boolean | undefined;
  /** The room that hears of it. */
  readonly roomId?: RoomId | undefined;
}

/** A further text. Components that are left out stay as they are; resolved means operational. */
export interface IncidentUpdate {
  readonly id: StatusId;
  readonly state: IncidentState;
  readonly text: string;
  readonly components?: readonly AffectedComponent[] | undefined;
}

type ChangeAction = "status.manage" | "status.deleteIncident";

interface ChangeOptions {
  readonly action?: ChangeAction;
  /** True for the step that makes a draft public. */
  readonly isPublishing?: boolean;
  /** Whether one more may be open afterwards. */
  readonly mayOpen?: boolean;
}

/** What a change writes, and what it checks besides the rights and the incident itself. */
type Change = Omit<StatusWrite, "checks"> & Partial<Pick<StatusWrite, "checks">>;

interface Read {
  readonly row: IncidentRow;
  readonly updates: UpdateRow<IncidentState>[];
  readonly checks: readonly Deno.AtomicCheck[];
}

/** Owns incidents: opens, publishes, updates, corrects and deletes them. Rights hold in the commit of each change. */
export class IncidentStore {
  readonly #options: StatusStoreOptions;
  readonly #updates = new RowUpdates();

  /** Writes through the public stream, drafts beside it. */
  constructor(options: StatusStoreOptions) {
    this.#options = options;
  }

  /** Opens an incident, for everybody or as a draft. */
  async open(input: NewIncident, by: UserId): Promise<StatusId> {
    const { log, db, now } = this.#options;
    const id: StatusId = newId();
    if (input.isDraft !== true) {
      await appendNew(log, "incident", ({ at }) => this.#create(id, input, at, by));
      return id;
    }
    return await this.#updates.run(keys.statusOpens("incident"), async () => {
      const { checks, sets } = await this.#create(id, input, new Date(now()).toISOString(), by);
      return await db.commit({ checks, sets }) === null ? null : id;
    });
  }

  /** Shows a draft to everybody. */
  async publish(id: StatusId, by: UserId): Promise<void> {
    await this.#change(id, by, ({ row, updates }, at) => {
      if (!row.isDraft) throw wrongState("The incident is published already");
      const next: IncidentRow = { ...row, isDraft: false, updatedAt: at };
      return {
        change: { type: "incident", incident: toIncident(next, updates) },
        sets: [
          [keys.statusItem("incident", id), next],
          [keys.statusByTime("incident", next.startedAt, id), id],
          ...beginTelling({ kind: "incident", id, roomId: row.roomId, by: row.openedBy, publicAt: at }),
        ],
      };
    }, { isPublishing: true });
  }

  /** Adds a text, and takes the incident to its state. */
  async update(input: IncidentUpdate, by: UserId): Promise<StatusId> {
    const { id, state } = input;
    const updateId: StatusId = newId();
    await this.#change(id, by, async ({ row, updates }, at) => {
      if (row.isDraft) throw wrongState("Publish the incident first");
      if (!canStep(row.state, state)) {
        throw wrongState(`An incident that is ${row.state} cannot become ${state}`);
      }
      const text = cleanText(input.text, this.#options);
      const wanted = state === "resolved" ? operational(row.components) : input.components ?? [];
      this.#checkComponents(wanted);
      const components = merged(row.components, wanted);
      const update: UpdateRow<IncidentState> = {
        id: updateId,
        state,
        text,
        at,
        editedAt: null,
        changes: changesOf(row.components, components),
      };
      const next: IncidentRow = {
        ...row,
        state,
        components,
        updatedAt: at,
        monitoringAt: state === "monitoring" ? row.monitoringAt ?? at : row.monitoringAt,
        resolvedAt: isOpenIncident({ state }) ? null : row.resolvedAt ?? at,
        textBytes: addText(row, text, { isReserved: !isOpenIncident({ state }) }),
        updateCount: row.updateCount + 1,
      };
      const open = keys.statusOpen("incident", id);
      const isReopened = !isOpenIncident(row) && isOpenIncident(next);
      const slot = isReopened ? await takeOpenSlot(this.#options.db, "incident", id) : null;
      return {
        change: { type: "incident", incident: toIncident(next, [...updates, update]) },
        checks: slot === null ? [] : [slot.check],
        sets: [
          ...(slot === null ? [] : [slot.set]),
          [keys.statusItem("incident", id), next],
          [keys.statusUpdate(id, next.updateCount), update],
          ...(isOpenIncident(next) ? [[open, id] as const] : []),
          ...(isOpenIncident(row) ? [] : goOnTelling(row, at)),
        ],
        deletes: isOpenIncident(next) ? [] : [open],
      };
    }, { mayOpen: isOpenIncident(input) });
    return updateId;
  }

  /** Corrects a text; readers see that it was edited. */
  async editUpdate(id: StatusId, updateId: StatusId, text: string, by: UserId): Promise<void> {
    await this.#change(id, by, ({ row, updates }, at) => {
      const index = updates.findIndex((one) => one.id === updateId);
      const before = updates[index];
      if (before === undefined) throw notFound();
      const cleaned = cleanText(text, this.#options);
      const update = { ...before, text: cleaned, editedAt: at };
      const textBytes = replaceText(row, before.text, cleaned);
      const next: IncidentRow = { ...row, updatedAt: at, textBytes };
      return {
        change: { type: "incident", incident: toIncident(next, updates.with(index, update)) },
        sets: [
          [keys.statusItem("incident", id), next],
          [keys.statusUpdate(id, index + 1), update],
        ],
      };
    });
  }

  /** Deletes an incident that should never have been there; only an owner may. Any manager may discard a draft. */
  async delete(id: StatusId, by: UserId): Promise<void> {
    await this.#change(id, by, ({ row }, at) => {
      const deleted: DeletedRow = { id, deletedAt: at };
      const numbers = Array.from({ length: row.updateCount }, (_, index) => index + 1);
      return {
        change: { type: "incident", incident: deleted },
        sets: [
          [keys.statusItem("incident", id), deleted],
          auditEntry({ at, by, action: "status.deleteIncident", targetId: id }),
        ],
        deletes: [
          keys.statusOpen("incident", id),
          keys.statusRoom(id),
          keys.statusByTime("incident", row.startedAt, id),
          ...numbers.map((number) => keys.statusUpdate(id, number)),
        ],
      };
    }, { action: "status.deleteIncident" });
  }

  /** Changes an incident: in the public log, or beside it while it is a draft. */
  async #change(
    id: StatusId,
    by: UserId,
    change: (read: Read, at: string) => Change | Promise<Change>,
    { action = "status.manage", isPublishing = false, mayOpen = false }: ChangeOptions = {},
  ): Promise<void> {
    const { db, log, now } = this.#options;
    const isDone = !isPublishing && await this.#updates.run(keys.statusItem("incident", id), async () => {
      // Cheaper than all that the log reads again for a public one, which never becomes a draft.
      const { value }: Stored<IncidentRow> = await db.get(keys.statusItem("incident", id));
      if (value === null || isDeleted(value) || !value.isDraft) return false;
      const read = await this.#read(id, by, action);
      if (!read.row.isDraft) return false;
      const { checks = [], sets, deletes = [] } = await change(read, new Date(now()).toISOString());
      return await db.commit({ checks: [...read.checks, ...checks], sets, deletes }) === null ? null : true;
    });
    if (isDone) return;
    await appendChange(log, [id, ...mayOpen ? [newTarget("incident")] : []], async ({ at }) => {
      const read = await this.#read(id, by, action);
      const { checks = [], ...rest } = await change(read, at);
      return { ...rest, checks: [...read.checks, ...checks] };
    });
  }

  async #read(id: StatusId, by: UserId, action: ChangeAction): Promise<Read> {
    const { db, reader } = this.#options;
    const manages = await judge(db, by, "status.manage");
    const entry: Stored<IncidentRow> = await db.get(keys.statusItem("incident", id));
    const row = entry.value === null || isDeleted(entry.value) ? null : entry.value;
    const checks = row?.isDraft === true ? [entry, ...manages] : [entry, ...await judge(db, by, action)];
    if (row === null) throw notFound();
    return { row, updates: await reader.updates<IncidentState>(id), checks };
  }

  async #create(id: StatusId, input: NewIncident, at: string, by: UserId): Promise<StatusWrite> {
    const { db, rooms } = this.#options;
    const { roomId } = input;
    const judged = [...await judge(db, by, "status.manage"), ...await rooms.judge(roomId, by)];
    const slot = await takeOpenSlot(db, "incident", id);
    this.#checkComponents(input.components);
    const startedAt = input.startedAt ?? at;
    if (startedAt > at) throw invalidInput("startedAt", "Must not be in the future");
    checkStart("startedAt", startedAt, at);
    const text = cleanText(input.text, this.#options);
    const components = merged([], input.components);
    const update: UpdateRow<IncidentState> = {
      id: newId(),
      state: "investigating",
      text,
      at,
      editedAt: null,
      changes: changesOf(operational(components), components),
    };
    const isDraft = input.isDraft === true;
    const row: IncidentRow = {
      id,
      title: cleanText(input.title, this.#options, "title"),
      state: "investigating",
      impact: input.impact ?? impactOf(components),
      components,
      isDraft,
      startedAt,
      monitoringAt: null,
      ...(roomId === undefined ? {} : { roomId, openedBy: by }),
      ...newStory(text, at),
    };
    return {
      change: { type: "incident", incident: toIncident(row, [update]) },
      checks: [slot.check, ...judged],
      sets: [
        slot.set,
        [keys.statusItem("incident", id), row],
        [keys.statusUpdate(id, 1), update],
        [keys.statusOpen("incident", id), id],
        ...(isDraft ? [] : [
          [keys.statusByTime("incident", startedAt, id), id] as const,
          ...beginTelling({ kind: "incident", id, roomId, by, publicAt: at }),
        ]),
      ],
    };
  }

  #checkComponents(components: readonly AffectedComponent[]): void {
    for (const { id } of components) {
      if (!this.#options.isComponent(id)) throw invalidInput("components", `Must be components, not "${id}"`);
    }
  }
}

/** What was over ended its messages in the room. Its last text may not have been told yet, and none is told twice. */
function goOnTelling({ id, roomId, updateCount }: IncidentRow, publicAt: string) {
  return beginTelling({ kind: "incident", id, roomId, publicAt, toldCount: updateCount - 1 });
}
