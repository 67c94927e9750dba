import { readSharedText } from "../../../shared/app_pages.ts";
import { isId } from "../../../shared/ids.ts";
import type { RoomId } from "../../../shared/ids.ts";

/** The page that is open. Secrets, and texts that are shared, are removed from the address bar at once. */
export type Place =
  | { readonly type: "home" }
  | { readonly type: "room"; readonly roomId: RoomId; readonly offset: number | null }
  | { readonly type: "doctor" }
  | { readonly type: "setup" | "join" | "reset" | "share"; readonly secret: string };

/** The panel beside the room, or over it where there is no space; the back gesture closes it. */
export type Panel = { readonly type: "members" };

/** The dialog that is open; the back gesture closes it. */
export type Overlay =
  | "settings"
  | "invite"
  | "browse"
  | "create_room"
  | "new_direct"
  | "room_settings"
  | "add_members"
  | "own_status"
  | "public_status"
  | "connection";

/** Parsers by type of panel; the history entry may have been written by an earlier version. */
const PANEL_READERS: {
  readonly [T in Panel["type"]]: (entry: unknown) => Extract<Panel, { type: T }> | null;
} = {
  members: () => ({ type: "members" }),
};

const OVERLAYS: ReadonlySet<string> = new Set<Overlay>([
  "settings",
  "invite",
  "browse",
  "create_room",
  "new_direct",
  "room_settings",
  "add_members",
  "own_status",
  "public_status",
  "connection",
]);

const HOME: Place = { type: "home" };

/** Parses the place of an address; unknown ones lead home. */
export function parsePlace(url: URL): Place {
  const [first, second, third, ...rest] = url.pathname.split("/").filter((part) => part !== "");
  if (first === "setup" || first === "join" || first === "reset") {
    return second === undefined ? { type: first, secret: readFragment(url.hash) } : HOME;
  }
  if (first === "share" && second === undefined) return { type: first, secret: readShared(url) };
  if (first === "doctor" && second === undefined) return { type: "doctor" };
  if (first !== "r" || second === undefined || !isId(second) || rest.length > 0) return HOME;
  return { type: "room", roomId: second as RoomId, offset: parseOffset(third) };
}

/** Returns the address of a place, without secrets. */
export function formatPlace(place: Place): string {
  switch (place.type) {
    case "home":
      return "/";
    case "room":
      return place.offset === null ? `/r/${place.roomId}` : `/r/${place.roomId}/${place.offset}`;
    default:
      return `/${place.type}`;
  }
}

/** Parses the panel of a history entry. */
export function parsePanel(value: unknown): Panel | null {
  if (typeof value !== "object" || value === null || !("type" in value)) return null;
  const { type } = value;
  return typeof type === "string" && Object.hasOwn(PANEL_READERS, type)
    ? PANEL_READERS[type as Panel["type"]](value)
    : null;
}

/** Parses the overlay of a history entry. */
export function parseOverlay(value: unknown): Overlay | null {
  return typeof value === "string" && OVERLAYS.has(value) ? value as Overlay : null;
}

function parseOffset(text: string | undefined): number | null {
  if (text === undefined || !/^[1-9][0-9]{0,15}$/.test(text)) return null;
  const offset = Number(text);
  return Number.isSafeInteger(offset) ? offset : null;
}

/** What another app shares: in the query, or in the fragment after the worker has kept it from the server. */
function readShared({ searchParams, hash }: URL): string {
  return readSharedText(searchParams) || readFragment(hash);
}

function readFragment(hash: string): string {
  try {
    return decodeURIComponent(hash.slice(1));
  } catch {
    return "";
  }
}
