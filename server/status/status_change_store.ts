import { AppError } from "../../shared/errors.ts";
import type { StatusId, UserId } from "../../shared/ids.ts";
import {
  ENDING_UPDATES_COUNT,
  PUBLIC_ENDING_TEXTS_MAX_BYTES,
  PUBLIC_OPEN_MAX_COUNT,
  PUBLIC_TEXTS_MAX_BYTES,
  UPDATES_PER_INCIDENT_COUNT,
} from "../../shared/limits.ts";
import type { StatusChange } from "../../shared/status/status.ts";
import { DAY_MS, UPTIME_DAYS_COUNT } from "../../shared/status/uptime.ts";
import type { Database } from "../kv/database.ts";
import { notFound } from "../auth/authorize.ts";
import { keys } from "../kv/keys.ts";
import { invalidInput } from "../rpc/input_schemas.ts";
import type { Slot } from "../streams/event_log.ts";
import type { StatusRoomStore } from "./rooms/status_room_store.ts";
import type { StatusReaderStore } from "./status_reader_store.ts";
import type { IncidentRow, ItemKind, MaintenanceRow, UpdateRow } from "./status_rows.ts";
import { PUBLIC_STREAM } from "./status_stream.ts";
import type { StatusLog } from "./status_stream.ts";

/** As far back as the days of the page go. */
const START_MAX_AGE_DAYS = UPTIME_DAYS_COUNT;

/** What the stores of the status page work with. */
export interface StatusStoreOptions {
  readonly db: Database;
  readonly log: StatusLog;
  readonly reader: StatusReaderStore;
  readonly rooms: StatusRoomStore;
  /** Epoch time in milliseconds. */
  readonly now: () => number;
  /** Whether there is such a component. */
  readonly isComponent: (id: string) => boolean;
}

/** Stands for the server itself, which publishes what it measures. */
export const SERVER = "" as UserId;

/** Refuses a step that the present state does not allow. */
export function wrongState(message: string): AppError {
  return new AppError("wrong_state", message);
}

/** What a commit that opens one more has to check and to write. */
export interface OpenSlot {
  readonly check: Deno.AtomicCheck;
  readonly set: readonly [key: Deno.KvKey, value: StatusId];
}

/** Refuses when as much is open as the page can show, drafts too; of several at once, only one commit passes. */
export async function takeOpenSlot(db: Database, kind: ItemKind, id: StatusId): Promise<OpenSlot> {
  // Before the list: whatever opens after this read makes the commit fail.
  const check = await db.get<StatusId>(keys.statusOpened(kind));
  const open = await db.list(keys.statusOpens(kind), { limit: PUBLIC_OPEN_MAX_COUNT });
  if (open.length < PUBLIC_OPEN_MAX_COUNT) return { check, set: [check.key, id] };
  throw new AppError("too_large", `At most ${PUBLIC_OPEN_MAX_COUNT} can be open at the same time`);
}

/** Refuses what is no component. */
export function checkComponents(
  ids: readonly string[],
  { isComponent }: Pick<StatusStoreOptions, "isComponent">,
): void {
  for (const id of ids) {
    if (!isComponent(id)) throw invalidInput("components", `Must be components, not "${id}"`);
  }
}

/**
 * Refuses a further text where readers would get too much with each event; gives the new size of all texts. Room is
 * kept for those that must always be possible, with `isReserved`: what is full ends like everything else.
 */
export function addText(
  { updateCount, textBytes }: { updateCount: number; textBytes: number },
  text: string,
  { isReserved = false } = {},
): number {
  const [moreCount, moreBytes] = isReserved ? [ENDING_UPDATES_COUNT, PUBLIC_ENDING_TEXTS_MAX_BYTES] : [0, 0];
  const next = textBytes + sizeOf(text);
  if (updateCount >= UPDATES_PER_INCIDENT_COUNT + moreCount) throw tooManyTexts();
  if (next > PUBLIC_TEXTS_MAX_BYTES + moreBytes) throw tooManyTexts();
  return next;
}

/** Refuses a start so long ago that the history would lead through empty months to it. */
export function checkStart(path: string, start: string, at: string): void {
  if (Date.parse(start) >= Date.parse(at) - START_MAX_AGE_DAYS * DAY_MS) return;
  throw invalidInput(path, `Must be at most ${START_MAX_AGE_DAYS} days ago`);
}

/** What an incident or a maintenance begins with, besides its subject: its first text. */
export function newItem(text: string, at: string) {
  const textBytes = addText({ updateCount: 0, textBytes: 0 }, text);
  return { createdAt: at, updatedAt: at, resolvedAt: null, updateCount: 1, textBytes };
}

/** What a corrected text changes. */
export interface Correction<Row, State extends string> {
  readonly row: Row;
  readonly updates: UpdateRow<State>[];
  readonly set: readonly [key: Deno.KvKey, value: UpdateRow<State>];
}

/** Corrects one of `updates`, so that readers see that it was edited. */
export function correctText<Row extends IncidentRow | MaintenanceRow, State extends string>(
  row: Row,
  updates: readonly UpdateRow<State>[],
  { updateId, text, at }: { readonly updateId: StatusId; readonly text: string; readonly at: string },
): Correction<Row, State> {
  const index = updates.findIndex((one) => one.id === updateId);
  const before = updates[index];
  if (before === undefined) throw notFound();
  const update = { ...before, text, editedAt: at };
  return {
    row: { ...row, updatedAt: at, textBytes: replaceText(row, before.text, text) },
    updates: updates.with(index, update),
    set: [keys.statusUpdate(row.id, index + 1), update],
  };
}

/** Gives the size of all texts after one was replaced; refuses what is too much for one event, and more of it. */
function replaceText({ textBytes }: { textBytes: number }, before: string, after: string): number {
  const next = textBytes - sizeOf(before) + sizeOf(after);
  // What ended it may have taken the room that is kept for that, and can still be corrected.
  if (next > Math.max(PUBLIC_TEXTS_MAX_BYTES, textBytes)) throw tooManyTexts();
  return next;
}

function tooManyTexts(): AppError {
  return new AppError("too_large", "There are too many updates: open another one");
}

function sizeOf(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** What one change writes. */
export interface StatusWrite {
  readonly change: StatusChange;
  readonly checks: readonly Deno.AtomicCheck[];
  readonly sets: readonly (readonly [key: Deno.KvKey, value: unknown])[];
  readonly deletes?: readonly Deno.KvKey[];
}

/** Appends what opens something new: one commit each, so that each one counts those before it. */
export async function appendNew(
  log: StatusLog,
  kind: ItemKind,
  build: (slot: Slot) => Promise<StatusWrite>,
): Promise<void> {
  await appendChange(log, [newTarget(kind)], build);
}

/** What all appends that open one more have in common. */
export function newTarget(kind: ItemKind): string {
  return `new ${kind}`;
}

/** Appends a change in the same commit as its rows; `build` reads what it checks. No two with a target share a commit. */
export async function appendChange(
  log: StatusLog,
  targets: readonly string[],
  build: (slot: Slot) => Promise<StatusWrite>,
): Promise<void> {
  await log.append(PUBLIC_STREAM, {
    by: SERVER,
    targets,
    build: async (slot) => {
      const { change, ...rows } = await build(slot);
      return { body: change, ...rows };
    },
  });
}
