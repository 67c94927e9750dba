import { newId } from "../../../shared/ids.ts";
import type { StatusId } from "../../../shared/ids.ts";
import { impactOf } from "../../../shared/status/states.ts";
import type { IncidentState } from "../../../shared/status/states.ts";
import type { Database } from "../../kv/database.ts";
import { keys } from "../../kv/keys.ts";
import { RowUpdates } from "../../kv/row_updates.ts";
import { COMPONENTS_MAX_COUNT } from "../components.ts";
import { newItem, takeOpenSlot } from "../status_change_store.ts";
import type { Stored } from "../status_reader_store.ts";
import type { IncidentRow, UpdateRow } from "../status_rows.ts";
import { isDeleted } from "../status_stream.ts";
import { draftStep } from "./draft_step.ts";
import type { DraftFacts, DraftRow } from "./draft_step.ts";
import { draftText } from "./draft_text.ts";

/** What this process knows of a component that may need a draft. */
export interface DraftSubject extends Omit<DraftFacts, "row" | "isUnpublished"> {
  readonly component: { readonly id: string; readonly name: string };
}

type IncidentUpdateRow = UpdateRow<IncidentState>;
type Sets = (readonly [key: Deno.KvKey, value: unknown])[];

/** Owns the incidents that the server drafts: at most one for each component, whatever how many instances write. */
export class DraftStore {
  readonly #db: Database;
  readonly #updates = new RowUpdates();

  /** Works on `db`. */
  constructor(db: Database) {
    this.#db = db;
  }

  /** Ids of components that have a draft, or had one that somebody has dealt with. */
  async componentIds(): Promise<Set<string>> {
    const rows = await this.#db.list<DraftRow>(keys.statusDrafts(), { limit: COMPONENTS_MAX_COUNT });
    return new Set(rows.map(({ key }) => String(key.at(-1))));
  }

  /** Brings the draft of a component up to date. Returns its id if it is new. */
  async update(subject: DraftSubject): Promise<StatusId | null> {
    const key = keys.statusDraft(subject.component.id);
    const { created } = await this.#updates.run(key, async () => {
      const pointer = await this.#db.get<DraftRow>(key);
      const item = pointer.value === null ? null : await this.#item(pointer.value.draftId);
      const draft = draftIn(item);
      const isCovered = subject.isCovered && (draft === null || !await this.#isEdited(draft));
      const isUnpublished = draft !== null;
      const step = draftStep({ ...subject, row: pointer.value, isUnpublished, isCovered });
      if (step.type === "keep") return { created: null };
      const checks = item === null ? [pointer] : [pointer, item];
      if (step.type === "forget") {
        const deletes = [key, ...(draft === null ? [] : rowsOf(draft))];
        return await this.#db.commit({ checks, deletes }) === null ? null : { created: null };
      }
      const draftId: StatusId = step.type === "create" ? newId() : step.draftId;
      const row: DraftRow = { ...step.row, draftId };
      const isNew = step.type !== "change" || draft === null;
      const slot = isNew ? await takeOpenSlot(this.#db, "incident", draftId) : null;
      const rows = isNew ? this.#created(row, subject) : await this.#changed(draft, row, subject);
      const isDone = await this.#db.commit({
        checks: [...checks, ...slot === null ? [] : [slot.check]],
        sets: [[key, row], ...slot === null ? [] : [slot.set], ...rows],
      }) !== null;
      return isDone ? { created: step.type === "create" ? draftId : null } : null;
    });
    return created;
  }

  async #item(draftId: StatusId): Promise<Stored<IncidentRow>> {
    return await this.#db.get(keys.statusItem("incident", draftId));
  }

  /** Whether a person works on a draft: it does not go while they do. */
  async #isEdited({ id }: IncidentRow): Promise<boolean> {
    const { value } = await this.#db.get<IncidentUpdateRow>(keys.statusUpdate(id, 1));
    return value !== null && value.editedAt !== null;
  }

  #created(row: DraftRow, subject: DraftSubject): Sets {
    const { incident, update } = draftRows(row, subject);
    return [
      [keys.statusItem("incident", row.draftId), incident],
      [keys.statusUpdate(row.draftId, 1), update],
      [keys.statusOpen("incident", row.draftId), row.draftId],
    ];
  }

  /** A text that somebody has edited stays. */
  async #changed(draft: IncidentRow, row: DraftRow, subject: DraftSubject): Promise<Sets> {
    const { incident, update } = draftRows(row, subject);
    const { id, createdAt } = draft;
    const updateKey = keys.statusUpdate(id, 1);
    const { value: before } = await this.#db.get<IncidentUpdateRow>(updateKey);
    if (before !== null && before.editedAt !== null) {
      const { textBytes } = draft;
      return [
        [keys.statusItem("incident", id), { ...incident, createdAt, textBytes }],
        [updateKey, { ...before, changes: update.changes }],
      ];
    }
    return [
      [keys.statusItem("incident", id), { ...incident, createdAt }],
      [updateKey, { ...update, id: before?.id ?? update.id }],
    ];
  }
}

/** What is still a draft; null for what somebody has published or deleted. */
function draftIn(item: Stored<IncidentRow> | null): IncidentRow | null {
  const row = item?.value ?? null;
  return row === null || isDeleted(row) || !row.isDraft ? null : row;
}

function draftRows(
  row: DraftRow,
  { component: { id, name }, now }: DraftSubject,
): { incident: IncidentRow; update: IncidentUpdateRow } {
  const { draftId, state, worst, from, until } = row;
  const { title, text } = draftText({ id, name }, row);
  const at = new Date(now).toISOString();
  return {
    incident: {
      id: draftId,
      title,
      state: "investigating",
      impact: impactOf([{ status: worst }]),
      components: [{ id, status: until === null ? state : "operational" }],
      isDraft: true,
      startedAt: new Date(from).toISOString(),
      monitoringAt: null,
      ...newItem(text, at),
    },
    update: {
      id: newId(),
      state: "investigating",
      text,
      at,
      editedAt: null,
      changes: [{ id, from: "operational", to: worst }],
    },
  };
}

function rowsOf({ id, updateCount }: IncidentRow): Deno.KvKey[] {
  const numbers = Array.from({ length: updateCount }, (_, index) => index + 1);
  return [
    keys.statusItem("incident", id),
    keys.statusOpen("incident", id),
    ...numbers.map((number) => keys.statusUpdate(id, number)),
  ];
}
