import { isId } from "../../shared/ids.ts";
import type { RoomId } from "../../shared/ids.ts";

/** How the screen looks. */
export type Theme = "system" | "light" | "dark";

/** What is kept on this device and not on the server. */
export interface Preferences {
  readonly theme: Theme;
  readonly enterSends: boolean;
  readonly isPanelOpen: boolean;
  readonly lastRoomId: RoomId | null;
  /** Shown on the sign-in page, where the server does not tell it. */
  readonly workspaceName: string | null;
}

/** Where preferences are kept; `localStorage` fits. */
export type PreferenceStorage = Pick<Storage, "getItem" | "setItem">;

/** Under which name they are kept. */
export const PREFERENCES_KEY = "parley.preferences";
/** What holds before anything is chosen. */
export const DEFAULT_PREFERENCES: Preferences = {
  theme: "system",
  enterSends: true,
  isPanelOpen: true,
  lastRoomId: null,
  workspaceName: null,
};

/** Reads what was kept; `storage` is null where the browser keeps nothing. */
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
