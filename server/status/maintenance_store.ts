import { newId } from "../../shared/ids.ts";
import type { RoomId, StatusId, UserId } from "../../shared/ids.ts";
import { canStepMaintenance, isOpenMaintenance } from "../../shared/status/states.ts";
import type { MaintenanceState } from "../../shared/status/states.ts";
import { judge } from "../auth/account_change_store.ts";
import { notFound } from "../auth/authorize.ts";
import { keys } from "../kv/keys.ts";
import { invalidInput } from "../rpc/input_schemas.ts";
import { publishedTexts } from "./public_text_store.ts";
import { beginTelling } from "./rooms/status_room_store.ts";
import { toMaintenance } from "./status_rows.ts";
import type { MaintenanceRow, UpdateRow } from "./status_rows.ts";
import {
  addText,
  appendChange,
  appendNew,
  checkComponents,
  checkStart,
  correctText,
  newItem,
  takeOpenSlot,
  wrongState,
} from "./status_change_store.ts";
import type { StatusStoreOptions, StatusWrite } from "./status_change_store.ts";

/** Work that is planned. */
export interface NewMaintenance {
  readonly title: string;
  readonly text: string;
  readonly components: readonly string[];
  readonly startsAt: string;
  readonly endsAt: string;
  /** The room that hears of it. */
  readonly roomId?: RoomId | undefined;
}

/** A further text of a maintenance. */
export interface MaintenanceUpdate {
  readonly id: StatusId;
  readonly state: MaintenanceState;
  readonly text: string;
  /** A new planned end; absent if it stays. */
  readonly endsAt?: string | undefined;
}

/** What the server writes when the planned times come. */
/** What the server says of a maintenance that begins by itself. */
export const STARTED_TEXT = "The maintenance has started.";
const COMPLETED_TEXT = "The maintenance is completed.";

/** Owns planned maintenance, which starts and ends by itself. */
export class MaintenanceStore {
  readonly #options: StatusStoreOptions;

  /** Writes through the public stream. */
  constructor(options: StatusStoreOptions) {
    this.#options = options;
  }

  /** Plans a maintenance, which everybody sees ahead. */
  async plan(written: NewMaintenance, by: UserId): Promise<StatusId> {
    const { db, log, rooms } = this.#options;
    const input = await publishedTexts(db, written);
    const { roomId } = input;
    const id: StatusId = newId();
    if (input.endsAt <= input.startsAt) throw invalidInput("endsAt", "Must be later than startsAt");
    checkComponents(input.components, this.#options);
    await appendNew(log, "maintenance", async ({ at }): Promise<StatusWrite> => {
      const judged = [...await judge(db, by, "status.manage"), ...await rooms.judge(roomId, by)];
      const slot = await takeOpenSlot(db, "maintenance", id);
      checkStart("startsAt", input.startsAt, at);
      if (input.endsAt <= at) throw invalidInput("endsAt", "Must be in the future");
      const update = updateOf("scheduled", input.text, at);
      const row: MaintenanceRow = {
        id,
        title: input.title,
        state: "scheduled",
        components: [...new Set(input.components)],
        startsAt: input.startsAt,
        endsAt: input.endsAt,
        ...newItem(input.text, at),
      };
      return {
        change: { type: "maintenance", maintenance: toMaintenance(row, [update]) },
        checks: [slot.check, ...judged],
        sets: [
          slot.set,
          [keys.statusItem("maintenance", id), row],
          [keys.statusUpdate(id, 1), update],
          [keys.statusOpen("maintenance", id), id],
          [keys.statusByTime("maintenance", row.startsAt, id), id],
          ...beginTelling({ kind: "maintenance", id, roomId, by, publicAt: at }),
        ],
      };
    });
    return id;
  }

  /** Adds a text, and takes the maintenance to its state. */
  async update(input: MaintenanceUpdate, by: UserId): Promise<StatusId> {
    const { db } = this.#options;
    const update = { ...await publishedTexts(db, input), id: newId<StatusId>() };
    await this.#step(update, input.id, () => judge(db, by, "status.manage"));
    return update.id;
  }

  /** Corrects a text; readers see that it was edited. */
  async editUpdate(id: StatusId, updateId: StatusId, written: string, by: UserId): Promise<void> {
    const { db, log, reader } = this.#options;
    const { text } = await publishedTexts(db, { text: written });
    await appendChange(log, [id], async ({ at }): Promise<StatusWrite> => {
      const judged = await judge(db, by, "status.manage");
      const entry = await db.get<MaintenanceRow>(keys.statusItem("maintenance", id));
      if (entry.value === null) throw notFound();
      const updates = await reader.updates<MaintenanceState>(id);
      const next = correctText(entry.value, updates, { updateId, text, at });
      return {
        change: { type: "maintenance", maintenance: toMaintenance(next.row, next.updates) },
        checks: [entry, ...judged],
        sets: [[entry.key, next.row], next.set],
      };
    });
  }

  /** Starts a maintenance whose time has come; throws `wrong_state` if somebody was faster. */
  start(id: StatusId): Promise<void> {
    return this.#stepAlone(id, "scheduled", "in_progress", STARTED_TEXT);
  }

  /** Ends a maintenance at its planned end; throws `wrong_state` if it is not `from` any more. */
  complete(id: StatusId, from: "scheduled" | "in_progress" | "verifying"): Promise<void> {
    return this.#stepAlone(id, from, "completed", COMPLETED_TEXT);
  }

  async #stepAlone(
    id: StatusId,
    from: MaintenanceState,
    state: MaintenanceState,
    text: string,
  ): Promise<void> {
    // Several instances try at the same time: all but one find it done.
    const update = { id: newId<StatusId>(), state, text };
    await this.#step(update, id, () => Promise.resolve([]), from);
  }

  async #step(
    { id: updateId, state, text, endsAt }: MaintenanceUpdate,
    id: StatusId,
    judged: () => Promise<readonly Deno.AtomicCheck[]>,
    onlyFrom?: MaintenanceState,
  ): Promise<void> {
    const { db, log, reader } = this.#options;
    await appendChange(log, [id], async ({ at }): Promise<StatusWrite> => {
      const checks = await judged();
      const entry = await db.get<MaintenanceRow>(keys.statusItem("maintenance", id));
      const row = entry.value;
      if (row === null) throw notFound();
      const mayStep = onlyFrom === undefined ? canStepMaintenance(row.state, state) : row.state === onlyFrom;
      if (!mayStep) {
        throw wrongState(`A maintenance that is ${row.state} cannot become ${state}`);
      }
      if (endsAt !== undefined) checkEnd(endsAt, { row, state, at });
      const update: UpdateRow<MaintenanceState> = { ...updateOf(state, text, at), id: updateId };
      const next: MaintenanceRow = {
        ...row,
        state,
        endsAt: endsAt ?? row.endsAt,
        updatedAt: at,
        resolvedAt: isOpenMaintenance({ state }) ? null : at,
        updateCount: row.updateCount + 1,
        textBytes: addText(row, text, {
          isReserved: onlyFrom !== undefined || !isOpenMaintenance({ state }),
        }),
      };
      const updates = await reader.updates<MaintenanceState>(id);
      return {
        change: { type: "maintenance", maintenance: toMaintenance(next, [...updates, update]) },
        checks: [entry, ...checks],
        sets: [
          [entry.key, next],
          [keys.statusUpdate(id, next.updateCount), update],
        ],
        deletes: isOpenMaintenance(next) ? [] : [keys.statusOpen("maintenance", id)],
      };
    });
  }
}

/** Refuses an end that is over, or that nobody waits for any more. */
function checkEnd(
  endsAt: string,
  { row, state, at }: { readonly row: MaintenanceRow; readonly state: MaintenanceState; readonly at: string },
): void {
  if (!isOpenMaintenance({ state })) throw invalidInput("endsAt", "Must be absent when it is over");
  if (endsAt <= at) throw invalidInput("endsAt", "Must be in the future");
  if (endsAt <= row.startsAt) throw invalidInput("endsAt", "Must be later than startsAt");
}

function updateOf(state: MaintenanceState, text: string, at: string): UpdateRow<MaintenanceState> {
  return { id: newId(), state, text, at, editedAt: null, changes: [] };
}
