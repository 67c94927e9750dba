import { AppError } from "../../../shared/errors.ts";
import type { AppErrorCode } from "../../../shared/errors.ts";
import type { RoomId, StatusId } from "../../../shared/ids.ts";
import { isOpenIncident, isOpenMaintenance } from "../../../shared/status/states.ts";
import type { IncidentState, MaintenanceState } from "../../../shared/status/states.ts";
import type { Log } from "../../log.ts";
import type { StatusReaderStore } from "../status_reader_store.ts";
import { incidentReminders, maintenanceReminders } from "./reminder_times.ts";
import {
  announcementText,
  incidentReminder,
  incidentTexts,
  maintenanceReminder,
  maintenanceTexts,
} from "./room_texts.ts";
import type { StatusRoomRow, StatusRoomStore } from "./status_room_store.ts";

/** A message that the bot sends; the same id sends it once. */
export interface RoomMessage {
  readonly roomId: RoomId;
  readonly clientMessageId: string;
  readonly text: string;
}

export interface RoomTellerOptions {
  readonly store: StatusRoomStore;
  readonly reader: StatusReaderStore;
  readonly send: (message: RoomMessage) => Promise<unknown>;
  readonly publicUrl: () => string;
  readonly log: Log;
  /** Epoch time in milliseconds. */
  readonly now: () => number;
  /** Whether this instance does what has to be done once. */
  readonly isFirst: () => boolean;
}

/** What there is to tell of one thing. */
interface Telling {
  /** Messages about its texts, oldest first; null for what need not be told late. */
  readonly texts: readonly (string | null)[];
  /** How many reminders are due since the last text. */
  readonly reminderCount: number;
  readonly reminder: (number: number) => string;
  readonly isOver: boolean;
}

type Entry = Deno.KvEntry<StatusRoomRow>;

/** The room is archived, the bot was removed from it, or whoever had it join may no longer send there. */
const ENDINGS: ReadonlySet<AppErrorCode> = new Set([
  "room_archived",
  "not_found",
  "not_allowed",
  "unauthenticated",
]);

/**
 * Tells rooms what happens to incidents, maintenance and announcements that were opened there, and reminds them. What
 * was told is stored, and ids of messages are made of what they tell, so each is sent once: after a crash, and however
 * many instances try.
 */
export class RoomTeller {
  readonly #options: RoomTellerOptions;
  #running: Promise<void> = Promise.resolve();
  #isWaiting = false;

  constructor(options: RoomTellerOptions) {
    this.#options = options;
  }

  /** Tells what is new, in the background; what fails is tried again by `remind`. */
  wake(): void {
    if (this.#isWaiting || !this.#options.isFirst()) return;
    this.#isWaiting = true;
    this.#running = this.#running.then(async () => {
      this.#isWaiting = false;
      try {
        await this.#tellAll(false);
      } catch (error) {
        this.#options.log.warn("Cannot tell rooms of the public status, trying again", {
          reason: String(error),
        });
      }
    });
  }

  /** Tells what is new and sends the reminders that are due. */
  async remind(): Promise<void> {
    if (!this.#options.isFirst()) return;
    const reminding = this.#running.then(() => this.#tellAll(true));
    this.#running = reminding.catch(() => {});
    await reminding;
  }

  /** Resolves when nothing is being told. */
  async close(): Promise<void> {
    await this.#running;
  }

  async #tellAll(isReminding: boolean): Promise<void> {
    const { store, log } = this.#options;
    for (const entry of await store.list()) {
      try {
        await this.#tell(entry, isReminding);
      } catch (error) {
        // Each other call would wait for storage too.
        if (error instanceof AppError && error.appCode === "storage_unavailable") throw error;
        const id = idOf(entry);
        if (error instanceof AppError && ENDINGS.has(error.appCode)) {
          const { roomId } = entry.value;
          log.info("A room hears no more of the public status", { id, roomId, reason: error.appCode });
          await store.end(entry);
        } else {
          log.warn("Cannot tell a room of the public status, trying again", { id, reason: String(error) });
        }
      }
    }
  }

  async #tell(entry: Entry, isReminding: boolean): Promise<void> {
    const { store, send } = this.#options;
    const { invitedBy, ...row } = entry.value;
    const telling = await this.#tellingOf(entry);
    if (telling === null) return await store.end(entry);
    const { texts, isOver } = telling;
    const { roomId } = row;
    if (invitedBy !== undefined) await store.enter(roomId, invitedBy);
    for (const [index, text] of texts.entries()) {
      if (index < row.toldCount || text === null) continue;
      await send({ roomId, clientMessageId: `status.${idOf(entry)}.${index + 1}`, text });
    }
    if (isOver) return await store.end(entry);
    let remindedCount = texts.length > row.toldCount ? 0 : row.remindedCount;
    if (isReminding && telling.reminderCount > remindedCount) {
      // Of those that were missed while the server was down, the last one says it all.
      remindedCount = telling.reminderCount;
      const clientMessageId = `status.${idOf(entry)}.${texts.length}.${remindedCount}`;
      await send({ roomId, clientMessageId, text: telling.reminder(remindedCount) });
    }
    if (texts.length === row.toldCount && remindedCount === row.remindedCount) return;
    await store.note(entry, { ...row, toldCount: texts.length, remindedCount });
  }

  /** What there is to tell; null for what is gone. */
  async #tellingOf(entry: Entry): Promise<Telling | null> {
    const { kind, publicAt } = entry.value;
    switch (kind) {
      case "incident":
        return await this.#incident(idOf(entry), publicAt);
      case "maintenance":
        return await this.#maintenance(idOf(entry));
      case "announcement":
        return await this.#announcement(idOf(entry));
    }
  }

  async #incident(id: StatusId, publicAt: string): Promise<Telling | null> {
    const { reader, publicUrl, now } = this.#options;
    const url = publicUrl();
    const row = await reader.row("incident", id);
    if (row === null) return null;
    // Read after the row, so that what is over has its last text.
    const updates = await reader.updates<IncidentState>(id);
    const textAt = updates.at(-1)?.at ?? publicAt;
    return {
      texts: incidentTexts(row, updates, url),
      // A draft may be older than its publication.
      reminderCount: incidentReminders(textAt > publicAt ? textAt : publicAt, now()),
      reminder: (number) => incidentReminder(row, number, url),
      isOver: !isOpenIncident(row),
    };
  }

  async #maintenance(id: StatusId): Promise<Telling | null> {
    const { reader, publicUrl, now } = this.#options;
    const url = publicUrl();
    const row = await reader.row("maintenance", id);
    if (row === null) return null;
    const updates = await reader.updates<MaintenanceState>(id);
    return {
      texts: maintenanceTexts(row, updates, url),
      // One that is over before it could begin is settled as soon as its components are measured.
      reminderCount: row.state === "scheduled"
        ? 0
        : maintenanceReminders(updates.at(-1)?.at ?? row.createdAt, row.endsAt, now()),
      reminder: (number) => maintenanceReminder(row, number, url),
      isOver: !isOpenMaintenance(row),
    };
  }

  async #announcement(id: StatusId): Promise<Telling | null> {
    const { reader, publicUrl } = this.#options;
    const row = await reader.row("announcement", id);
    if (row === null) return null;
    const text = announcementText(row, publicUrl());
    return { texts: [text], reminderCount: 0, reminder: () => text, isOver: true };
  }
}

function idOf({ key }: Entry): StatusId {
  return key[1] as StatusId;
}
