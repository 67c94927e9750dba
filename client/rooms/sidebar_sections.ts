import type { RoomId, UserId } from "../../shared/ids.ts";
import type { RoomSummary } from "../../shared/room.ts";
import { compareNames } from "../ui/compare_names.ts";

/** A room as listed in the sidebar. */
export interface RoomEntry {
  readonly room: RoomSummary;
  /** Name of the room, or of the other person in a direct room. */
  readonly title: string;
  /** The other person in a direct room. */
  readonly peer: UserId | null;
}

/** Sections of the sidebar, each with its rooms in display order. */
export interface SidebarSections {
  readonly unread: readonly RoomId[];
  readonly rooms: readonly RoomId[];
  readonly direct: readonly RoomId[];
  readonly archived: readonly RoomId[];
}

/** Sections without any room. */
export const EMPTY_SECTIONS: SidebarSections = { unread: [], rooms: [], direct: [], archived: [] };

/** Options of `arrangeRooms`: what keeps rooms where they are. */
export interface SectionOptions {
  /** The open room. It stays in its section, so that it does not jump away under the pointer. */
  readonly current: RoomId | null;
  /** True while the pointer is over the list: listed rooms do not move. */
  readonly isHeld: boolean;
}

type Section = keyof SidebarSections;
const SECTIONS: readonly Section[] = ["unread", "rooms", "direct", "archived"];

/** Returns a key of everything that decides the arrangement. */
export function arrangementKey(entries: readonly RoomEntry[]): string {
  return JSON.stringify(
    entries.map(({ room, title }) => [room.id, title, sectionFor(room), urgencyOf(room)]),
  );
}

/** Sorts rooms into sections, unread first; rooms do not move while the user is looking at them. */
export function arrangeRooms(
  entries: readonly RoomEntry[],
  previous: SidebarSections,
  { current, isHeld }: SectionOptions,
): SidebarSections {
  const wasIn = new Map<RoomId, Section>();
  for (const section of SECTIONS) for (const id of previous[section]) wasIn.set(id, section);

  const sectionOf = (entry: RoomEntry): Section => {
    const target = sectionFor(entry.room);
    const before = wasIn.get(entry.room.id);
    if (before === undefined || target === "archived" || before === "archived") return target;
    return isHeld || entry.room.id === current ? before : target;
  };
  const listed = new Map<Section, RoomEntry[]>(SECTIONS.map((section) => [section, []]));
  for (const entry of entries) listed.get(sectionOf(entry))?.push(entry);

  const ordered = (section: Section): RoomId[] => {
    const sorted = (listed.get(section) ?? []).toSorted(section === "unread" ? byUrgency : byTitle);
    const ids = sorted.map((entry) => entry.room.id);
    return isHeld ? keepOrder(previous[section], ids) : ids;
  };
  return {
    unread: ordered("unread"),
    rooms: ordered("rooms"),
    direct: ordered("direct"),
    archived: ordered("archived"),
  };
}

function sectionFor(room: RoomSummary): Section {
  if (room.archivedAt !== null) return "archived";
  if (room.unread > 0) return "unread";
  return room.kind === "direct" ? "direct" : "rooms";
}

/** Mentions first, then direct messages, then the rest by name. */
function byUrgency(a: RoomEntry, b: RoomEntry): number {
  return urgencyOf(b.room) - urgencyOf(a.room) || byTitle(a, b);
}

function urgencyOf(room: RoomSummary): number {
  return room.mentions > 0 ? 2 : room.kind === "direct" ? 1 : 0;
}

function byTitle(a: RoomEntry, b: RoomEntry): number {
  return compareNames(a.title, b.title) || (a.room.id < b.room.id ? -1 : 1);
}

/** Keeps the order of rooms listed before; new ones come after them. */
function keepOrder(before: readonly RoomId[], now: readonly RoomId[]): RoomId[] {
  const listed = new Set(now);
  const kept = before.filter((id) => listed.has(id));
  const keptSet = new Set(kept);
  return [...kept, ...now.filter((id) => !keptSet.has(id))];
}

/** Lists all rooms from top to bottom, without archived ones. */
export function inDisplayOrder(sections: SidebarSections): RoomId[] {
  return [...sections.unread, ...sections.rooms, ...sections.direct];
}
