import { computed, signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import { isId } from "../../shared/ids.ts";
import type { RoomId } from "../../shared/ids.ts";

/** How the screen looks. */
export type Theme = "system" | "light" | "dark";

interface Preferences {
  readonly theme: Theme;
  readonly enterSends: boolean;
  readonly isPanelOpen: boolean;
  readonly lastRoomId: RoomId | null;
  /** Shown on the sign-in page, where the server does not tell it. */
  readonly workspaceName: string | null;
}

/** Where preferences are kept; `localStorage` fits. */
export type PreferenceStorage = Pick<Storage, "getItem" | "setItem">;

const KEY = "parley.preferences";
const DEFAULTS: Preferences = {
  theme: "system",
  enterSends: true,
  isPanelOpen: true,
  lastRoomId: null,
  workspaceName: null,
};

/** What is kept on this device and not on the server. */
export class PreferencesModel {
  readonly #storage: PreferenceStorage | null;
  readonly #all = signal<Preferences>(DEFAULTS);

  /** How the screen looks. */
  readonly theme: ReadonlySignal<Theme> = computed(() => this.#all.value.theme);
  /** True when Enter sends and Shift+Enter makes a line. */
  readonly enterSends: ReadonlySignal<boolean> = computed(() => this.#all.value.enterSends);
  /** True when the members stand beside the room, where there is space. */
  readonly isPanelOpen: ReadonlySignal<boolean> = computed(() => this.#all.value.isPanelOpen);
  /** The room that was open last. */
  readonly lastRoomId: ReadonlySignal<RoomId | null> = computed(() => this.#all.value.lastRoomId);
  /** The team's own name for the place, as last seen here. */
  readonly workspaceName: ReadonlySignal<string | null> = computed(() => this.#all.value.workspaceName);

  /** Reads what was kept; `storage` is null where the browser keeps nothing. */
  constructor(storage: PreferenceStorage | null) {
    this.#storage = storage;
    this.#all.value = { ...DEFAULTS, ...read(storage) };
  }

  /** Changes some of them and keeps all. */
  set(change: Partial<Preferences>): void {
    this.#all.value = { ...this.#all.peek(), ...change };
    try {
      this.#storage?.setItem(KEY, JSON.stringify(this.#all.peek()));
    } catch {
      // A full or forbidden storage: the choice holds until the page is closed.
    }
  }
}

function read(storage: PreferenceStorage | null): Partial<Preferences> {
  let kept: unknown;
  try {
    kept = JSON.parse(storage?.getItem(KEY) ?? "null");
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
