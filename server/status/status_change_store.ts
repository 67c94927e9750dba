import { AppError } from "../../shared/errors.ts";
import type { UserId } from "../../shared/ids.ts";
import {
  PUBLIC_OPEN_MAX_COUNT,
  PUBLIC_TEXTS_MAX_BYTES,
  UPDATES_PER_INCIDENT_COUNT,
} from "../../shared/limits.ts";
import type { StatusChange } from "../../shared/status/status.ts";
import type { Database } from "../kv/database.ts";
import { invalidInput } from "../rpc/input_schemas.ts";
import type { Slot } from "../streams/event_log.ts";
import type { StatusRoomStore } from "./rooms/status_room_store.ts";
import type { StatusReaderStore } from "./status_reader_store.ts";
import type { ItemKind } from "./status_rows.ts";
import { PUBLIC_STREAM } from "./status_stream.ts";
import type { StatusLog } from "./status_stream.ts";

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
  /** Makes of a text what strangers may read. */
  readonly toPublicText: (text: string) => string;
}

/** Stands for the server itself, which publishes what it measures. */
export const SERVER = "" as UserId;

/** Refuses a step that the present state does not allow. */
export function wrongState(message: string): AppError {
  return new AppError("wrong_state", message);
}

/** Refuses when as much is open as the page can show. */
export function checkOpenCount(count: number): void {
  if (count < PUBLIC_OPEN_MAX_COUNT) return;
  throw new AppError("too_large", `At most ${PUBLIC_OPEN_MAX_COUNT} can be open at the same time`);
}

/** Takes out of a text what strangers may not read; refuses one that is nothing else. */
export function cleanText(
  text: string,
  { toPublicText }: Pick<StatusStoreOptions, "toPublicText">,
  path = "text",
): string {
  const cleaned = toPublicText(text);
  if (cleaned === "") throw invalidInput(path, "Must say something besides names and links to rooms");
  return cleaned;
}

/** Refuses a further text where readers would get too much with each event; gives the new size of all texts. */
export function addText(before: { updateCount: number; textBytes: number }, text: string): number {
  if (before.updateCount >= UPDATES_PER_INCIDENT_COUNT) throw tooManyTexts();
  return replaceText(before, "", text);
}

/** What an incident or a maintenance begins with, besides its subject: its first text. */
export function newStory(text: string, at: string) {
  const textBytes = addText({ updateCount: 0, textBytes: 0 }, text);
  return { createdAt: at, updatedAt: at, resolvedAt: null, updateCount: 1, textBytes };
}

/** Gives the size of all texts after one was replaced; refuses what is too much for one event. */
export function replaceText({ textBytes }: { textBytes: number }, before: string, after: string): number {
  const next = textBytes - sizeOf(before) + sizeOf(after);
  if (next > PUBLIC_TEXTS_MAX_BYTES) throw tooManyTexts();
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
  await appendChange(log, `new ${kind}`, build);
}

/** Appends a change of one item, in the same commit as its rows; `build` reads what it checks. */
export async function appendChange(
  log: StatusLog,
  id: string,
  build: (slot: Slot) => Promise<StatusWrite>,
): Promise<void> {
  await log.append(PUBLIC_STREAM, {
    by: SERVER,
    targets: [id],
    build: async (slot) => {
      const { change, ...rows } = await build(slot);
      return { body: change, ...rows };
    },
  });
}
