import { computed, signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { RoomId } from "../../shared/ids.ts";
import { DEFAULT_PREFERENCES, PREFERENCES_KEY, readPreferences } from "./preferences.ts";
import type { Preferences, PreferenceStorage, Theme } from "./preferences.ts";

/** What is kept on this device and not on the server. */
export class PreferencesModel {
  readonly #storage: PreferenceStorage | null;
  readonly #all = signal<Preferences>(DEFAULT_PREFERENCES);

  /** How the screen looks. */
  readonly theme: ReadonlySignal<Theme> = computed(() => this.#all.value.theme);
  /** True when Enter sends and Shift+Enter makes a line. */
  readonly enterSends: ReadonlySignal<boolean> = computed(() => this.#all.value.enterSends);
  /** True when the members stand beside each room, where there is space. */
  readonly isPanelOpen: ReadonlySignal<boolean> = computed(() => this.#all.value.isPanelOpen);
  /** The room that was open last. */
  readonly lastRoomId: ReadonlySignal<RoomId | null> = computed(() => this.#all.value.lastRoomId);
  /** The team's own name for the place, as last seen here. */
  readonly workspaceName: ReadonlySignal<string | null> = computed(() => this.#all.value.workspaceName);

  /** Reads what was kept; `storage` is null where the browser keeps nothing. */
  constructor(storage: PreferenceStorage | null) {
    this.#storage = storage;
    this.#all.value = { ...DEFAULT_PREFERENCES, ...readPreferences(storage) };
  }

  /** Changes some of them and keeps all. */
  set(change: Partial<Preferences>): void {
    this.#all.value = { ...this.#all.peek(), ...change };
    try {
      this.#storage?.setItem(PREFERENCES_KEY, JSON.stringify(this.#all.peek()));
    } catch {
      // A full or forbidden storage: the choice holds until the page is closed.
    }
  }
}
