import { newId } from "../../shared/ids.ts";
import type { RoomId, StatusId, UserId } from "../../shared/ids.ts";
import type { AnnouncementLevel } from "../../shared/status/states.ts";
import { judge } from "../auth/account_change_store.ts";
import { notFound } from "../auth/authorize.ts";
import { keys } from "../kv/keys.ts";
import { invalidInput } from "../rpc/input_schemas.ts";
import { publishedTexts } from "./public_text_store.ts";
import { beginTelling } from "./rooms/status_room_store.ts";
import { toAnnouncement } from "./status_rows.ts";
import type { AnnouncementRow } from "./status_rows.ts";
import { appendChange, appendNew, takeOpenSlot, wrongState } from "./status_change_store.ts";
import type { StatusStoreOptions } from "./status_change_store.ts";

/** A line for everybody. */
export interface NewAnnouncement {
  readonly text: string;
  readonly level: AnnouncementLevel;
  readonly expiresAt?: string | undefined;
  /** The room that hears of it too. */
  readonly roomId?: RoomId | undefined;
}

/** Owns announcements. */
export class AnnouncementStore {
  readonly #options: StatusStoreOptions;

  /** Writes through the public stream. */
  constructor(options: StatusStoreOptions) {
    this.#options = options;
  }

  /** Shows a line in every client and on the page. */
  async announce(input: NewAnnouncement, by: UserId): Promise<StatusId> {
    const { db, log, rooms } = this.#options;
    const id: StatusId = newId();
    const { text, level, expiresAt, roomId } = await publishedTexts(db, input);
    await appendNew(log, "announcement", async ({ at }) => {
      const judged = [...await judge(db, by, "status.manage"), ...await rooms.judge(roomId, by)];
      const slot = await takeOpenSlot(db, "announcement", id);
      if (expiresAt !== undefined && expiresAt <= at) {
        throw invalidInput("expiresAt", "Must be in the future");
      }
      const row: AnnouncementRow = {
        id,
        text,
        level,
        at,
        expiresAt: expiresAt ?? null,
        retractedAt: null,
      };
      return {
        change: { type: "announcement", announcement: toAnnouncement(row) },
        checks: [slot.check, ...judged],
        sets: [
          slot.set,
          [keys.statusItem("announcement", id), row],
          [keys.statusOpen("announcement", id), id],
          [keys.statusByTime("announcement", at, id), id],
          ...beginTelling({ kind: "announcement", id, roomId, by, publicAt: at }),
        ],
      };
    });
    return id;
  }

  /** Takes an announcement back; readers hear of it once more. */
  async retract(id: StatusId, by: UserId): Promise<void> {
    const { db, log } = this.#options;
    await appendChange(log, [id], async ({ at }) => {
      const judged = await judge(db, by, "status.manage");
      const entry = await db.get<AnnouncementRow>(keys.statusItem("announcement", id));
      const row = entry.value;
      if (row === null) throw notFound();
      if (row.retractedAt !== null) throw wrongState("The announcement is retracted already");
      const next: AnnouncementRow = { ...row, retractedAt: at };
      return {
        change: { type: "announcement", announcement: toAnnouncement(next) },
        checks: [entry, ...judged],
        sets: [[entry.key, next]],
        deletes: [keys.statusOpen("announcement", id)],
      };
    });
  }

  /** Makes room for new ones: what has expired is no longer in force. Readers see that by its time. */
  async expire(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    await this.#options.db.commit({
      deletes: ids.map((id) => keys.statusOpen("announcement", id as StatusId)),
    });
  }
}
