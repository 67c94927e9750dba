import type { RoomId, UserId } from "../../shared/ids.ts";
import { GUEST_SESSION_IDLE_MS, SESSION_IDLE_MS } from "../../shared/limits.ts";
import type { RoomSummary } from "../../shared/room.ts";
import type { Me, User } from "../../shared/user.ts";
import type { Outputs } from "../net/trpc.ts";

/** Rooms whose last page is stored. */
export const OFFLINE_ROOMS_MAX_COUNT = 20;
/** JSON size of the messages of one room; older ones are left out. */
export const OFFLINE_PAGE_MAX_BYTES = 200 * 1024;
/** Rooms in the stored list. */
export const OFFLINE_LISTED_MAX_COUNT = 200;
/** People whose names are stored. */
export const OFFLINE_USERS_MAX_COUNT = 1_000;

/** The last messages of a room, as `messages.list` returns them. */
export type LastPage = Outputs["messages"]["list"];

/** Everything but messages. */
export interface WorkspaceRow {
  readonly key: "workspace";
  readonly me: Me;
  readonly rooms: readonly RoomSummary[];
  /** People who are named in the stored rooms. */
  readonly users: readonly User[];
  /** When the connection was last open, epoch milliseconds. */
  readonly at: number;
}

/** One room. */
export interface RoomRow {
  readonly key: RoomId;
  readonly page: LastPage;
  /** When the room was last opened on this device, epoch milliseconds; 0 if it never was. */
  readonly openedAt: number;
}

/** One row of the store. */
export type OfflineRow = WorkspaceRow | RoomRow;

/** All that is stored. */
export interface OfflineCopy {
  readonly workspace: WorkspaceRow;
  readonly rooms: readonly RoomRow[];
}

/** Sorts stored rows; null if it is not stored whose they are. */
export function copyOf(rows: readonly OfflineRow[]): OfflineCopy | null {
  const workspace = rows.find((row) => "me" in row);
  const rooms = rows.filter((row) => "page" in row);
  return workspace === undefined ? null : { workspace, rooms };
}

/** Whether the session must have ended since, so that nothing may be shown. */
export function isExpired({ me, at }: Pick<WorkspaceRow, "me" | "at">, now: number): boolean {
  return now - at > (me.role === "guest" ? GUEST_SESSION_IDLE_MS : SESSION_IDLE_MS);
}

/** Sorts rooms by what is stored first: those that were opened last, then unread ones, then the others as they come. */
export function byImportance(
  rooms: Iterable<RoomSummary>,
  openedAt: (roomId: RoomId) => number,
): RoomSummary[] {
  const rank = (room: RoomSummary) => room.archivedAt !== null ? 2 : room.unread > 0 ? 0 : 1;
  return [...rooms].sort((a, b) => openedAt(b.id) - openedAt(a.id) || rank(a) - rank(b));
}

/** Leaves out older messages until a page is small enough. */
export function withinSize(page: LastPage, maxBytes: number = OFFLINE_PAGE_MAX_BYTES): LastPage {
  let bytes = 0;
  let first = page.messages.length;
  while (first > 0) {
    bytes += sizeOf(page.messages[first - 1]);
    if (bytes > maxBytes) break;
    first--;
  }
  return first === 0 ? page : { ...page, messages: page.messages.slice(first), hasOlder: true };
}

/** The size as JSON, in bytes. */
export function sizeOf(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value)).length;
}

/** The people who are named on a page, authors first. */
export function namedOn({ messages }: LastPage): UserId[] {
  return [
    ...new Set([
      ...messages.map(({ by }) => by),
      ...messages.flatMap(({ mentions }) => mentions),
      ...messages.flatMap(({ reactions }) => reactions.flatMap(({ userIds }) => userIds)),
    ]),
  ];
}
