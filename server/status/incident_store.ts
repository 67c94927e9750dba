import { newId } from "../../shared/ids.ts";
import type { StatusId, UserId } from "../../shared/ids.ts";
import { canStep, isOpenIncident } from "../../shared/status/states.ts";
import type { IncidentState } from "../../shared/status/states.ts";
import type { AffectedComponent } from "../../shared/status/status.ts";
import { judge } from "../auth/account_change_store.ts";
import { auditEntry } from "../auth/audit_store.ts";
import { notFound } from "../auth/authorize.ts";
import { keys } from "../kv/keys.ts";
import { RowUpdates } from "../kv/row_updates.ts";
import { changesOf, merged, operational } from "./affected_components.ts";
import { beginTelling } from "./rooms/status_room_store.ts";
import { toIncident } from "./status_rows.ts";
import type { DeletedRow, IncidentRow, UpdateRow } from "./status_rows.ts";
import type { Stored } from "./status_reader_store.ts";
import {
  addText,
  appendChange,
  appendNew,
  checkComponents,
  correctText,
  newTarget,
  takeOpenSlot,
  wrongState,
} from "./status_change_store.ts";
import type { StatusStoreOptions, StatusWrite } from "./status_change_store.ts";
import { createIncident } from "./new_incident_store.ts";
import type { NewIncident } from "./new_incident_store.ts";
import { publishedTexts } from "./public_text_store.ts";
import { isDeleted } from "./status_stream.ts";

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
  async open(written: NewIncident, by: UserId): Promise<StatusId> {
    const { log, db, now } = this.#options;
    const input = await publishedTexts(db, written);
    const id: StatusId = newId();
    const create = (at: string) => createIncident(this.#options, { id, input, at, by });
    if (input.isDraft !== true) {
      await appendNew(log, "incident", ({ at }) => create(at));
      return id;
    }
    return await this.#updates.run(keys.statusOpens("incident"), async () => {
      const { checks, sets } = await create(new Date(now()).toISOString());
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
    const { text } = await publishedTexts(this.#options.db, { text: input.text });
    const updateId: StatusId = newId();
    await this.#change(id, by, async ({ row, updates }, at) => {
      if (row.isDraft) throw wrongState("Publish the incident first");
      if (!canStep(row.state, state)) {
        throw wrongState(`An incident that is ${row.state} cannot become ${state}`);
      }
      const wanted = state === "resolved" ? operational(row.components) : input.components ?? [];
      checkComponents(wanted.map((one) => one.id), this.#options);
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
  async editUpdate(id: StatusId, updateId: StatusId, written: string, by: UserId): Promise<void> {
    const { text } = await publishedTexts(this.#options.db, { text: written });
    await this.#change(id, by, ({ row, updates }, at) => {
      const next = correctText(row, updates, { updateId, text, at });
      return {
        change: { type: "incident", incident: toIncident(next.row, next.updates) },
        sets: [[keys.statusItem("incident", id), next.row], next.set],
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
}

/** What was over ended its messages in the room. Its last text may not have been told yet, and none is told twice. */
function goOnTelling({ id, roomId, updateCount }: IncidentRow, publicAt: string) {
  return beginTelling({ kind: "incident", id, roomId, publicAt, toldCount: updateCount - 1 });
}
