import type { RoomId, UserId } from "../../shared/ids.ts";
import type { RoomSummary } from "../../shared/room.ts";

/** A room as the sidebar lists it. */
export interface RoomEntry {
  readonly room: RoomSummary;
  /** Its name, or of a direct room the other person's. */
  readonly title: string;
  /** The other person of a direct room. */
  readonly peer: UserId | null;
}

/** The sidebar's sections, each in its order. */
export interface RoomPlaces {
  readonly unread: readonly RoomId[];
  readonly rooms: readonly RoomId[];
  readonly direct: readonly RoomId[];
  readonly archived: readonly RoomId[];
}

/** Nothing listed yet. */
export const NO_PLACES: RoomPlaces = { unread: [], rooms: [], direct: [], archived: [] };

/** What keeps rooms where they are. */
export interface PlaceOptions {
  /** The open room stays in its section, so that it does not jump away under the pointer that opened it. */
  readonly current: RoomId | null;
  /** True while somebody points at the list: nothing that is listed moves. */
  readonly isHeld: boolean;
}

type Section = keyof RoomPlaces;
const SECTIONS: readonly Section[] = ["unread", "rooms", "direct", "archived"];
const collator = new Intl.Collator(undefined, { sensitivity: "base", numeric: true });

/** All by which rooms are placed, in one key. */
export function standsBy(entries: readonly RoomEntry[]): string {
  return JSON.stringify(
    entries.map(({ room, title }) => [room.id, title, wishOf(room), urgencyOf(room)]),
  );
}

/** Gives every room its section and order: unread first, and stable while looked at. */
export function placeRooms(
  entries: readonly RoomEntry[],
  previous: RoomPlaces,
  { current, isHeld }: PlaceOptions,
): RoomPlaces {
  const wasIn = new Map<RoomId, Section>();
  for (const section of SECTIONS) for (const id of previous[section]) wasIn.set(id, section);

  const sectionOf = (entry: RoomEntry): Section => {
    const wished = wishOf(entry.room);
    const before = wasIn.get(entry.room.id);
    if (before === undefined || wished === "archived" || before === "archived") return wished;
    return isHeld || entry.room.id === current ? before : wished;
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

function wishOf(room: RoomSummary): Section {
  if (room.archivedAt !== null) return "archived";
  if (room.unread > 0) return "unread";
  return room.kind === "direct" ? "direct" : "rooms";
}

/** Who asks for you comes first: mentions, then direct messages, then the rest by name. */
function byUrgency(a: RoomEntry, b: RoomEntry): number {
  return urgencyOf(b.room) - urgencyOf(a.room) || byTitle(a, b);
}

function urgencyOf(room: RoomSummary): number {
  return room.mentions > 0 ? 2 : room.kind === "direct" ? 1 : 0;
}

function byTitle(a: RoomEntry, b: RoomEntry): number {
  return collator.compare(a.title, b.title) || (a.room.id < b.room.id ? -1 : 1);
}

/** What stood before keeps its order; what is new comes after it. */
function keepOrder(before: readonly RoomId[], now: readonly RoomId[]): RoomId[] {
  const listed = new Set(now);
  const kept = before.filter((id) => listed.has(id));
  const keptSet = new Set(kept);
  return [...kept, ...now.filter((id) => !keptSet.has(id))];
}

/** Lists all rooms in the order of the eye, archived ones left out. */
export function inOrder(places: RoomPlaces): RoomId[] {
  return [...places.unread, ...places.rooms, ...places.direct];
}
