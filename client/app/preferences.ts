import { isId } from "../../shared/ids.ts";
import type { RoomId } from "../../shared/ids.ts";

/** The theme of the page. */
export type Theme = "system" | "light" | "dark";

/** Preferences, stored on this device. */
export interface Preferences {
  readonly theme: Theme;
  readonly enterSends: boolean;
  readonly isPanelOpen: boolean;
  readonly lastRoomId: RoomId | null;
  /** Shown on the sign-in page, where the server does not reveal it. */
  readonly workspaceName: string | null;
}

/** Where preferences are stored, such as `localStorage`. */
export type PreferenceStorage = Pick<Storage, "getItem" | "setItem">;

/** Their key in the storage. */
export const PREFERENCES_KEY = "parley.preferences";
/** The defaults. */
export const DEFAULT_PREFERENCES: Preferences = {
  theme: "system",
  enterSends: true,
  isPanelOpen: true,
  lastRoomId: null,
  workspaceName: null,
};

/** Reads the stored preferences; `storage` is null if the browser stores nothing. */
export function readPreferences(storage: PreferenceStorage | null): Partial<Preferences> {
  let kept: unknown;
  try {
    kept = JSON.parse(storage?.getItem(PREFERENCES_KEY) ?? "null");
  } catch {
    return {};
  }
  if (typeof kept !== "object" || kept === null) return {};
  const { theme, enterSends, isPanelOpen, lastRoomId, workspaceName } = kept as Record<string, unknown>;
  return {
    ...(theme === "light" || theme === "dark" ? { theme } : {}),
    ...(typeof enterSends === "boolean" ? { enterSends } : {}),
    ...(typeof isPanelOpen === "boolean" ? { isPanelOpen } : {}),
    ...(typeof lastRoomId === "string" && isId(lastRoomId) ? { lastRoomId: lastRoomId as RoomId } : {}),
    ...(typeof workspaceName === "string" ? { workspaceName } : {}),
  };
}
