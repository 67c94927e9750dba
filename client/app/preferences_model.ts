import { computed, signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { RoomId } from "../../shared/ids.ts";
import { DEFAULT_PREFERENCES, PREFERENCES_KEY, readPreferences } from "./preferences.ts";
import type { Preferences, PreferenceStorage, Theme } from "./preferences.ts";

/** Preferences, stored on this device. */
export class PreferencesModel {
  readonly #storage: PreferenceStorage | null;
  readonly #all = signal<Preferences>(DEFAULT_PREFERENCES);

  /** The theme of the page. */
  readonly theme: ReadonlySignal<Theme> = computed(() => this.#all.value.theme);
  /** True if Enter sends and Shift+Enter starts a new line. */
  readonly enterSends: ReadonlySignal<boolean> = computed(() => this.#all.value.enterSends);
  /** Whether members are shown beside rooms, where there is space. */
  readonly isPanelOpen: ReadonlySignal<boolean> = computed(() => this.#all.value.isPanelOpen);
  /** The last open room. */
  readonly lastRoomId: ReadonlySignal<RoomId | null> = computed(() => this.#all.value.lastRoomId);
  /** The name of the workspace, as last seen on this device. */
  readonly workspaceName: ReadonlySignal<string | null> = computed(() => this.#all.value.workspaceName);

  /** Reads the stored preferences; `storage` is null if the browser stores nothing. */
  constructor(storage: PreferenceStorage | null) {
    this.#storage = storage;
    this.#all.value = { ...DEFAULT_PREFERENCES, ...readPreferences(storage) };
  }

  /** Changes some preferences and stores all. */
  set(change: Partial<Preferences>): void {
    this.#all.value = { ...this.#all.peek(), ...change };
    try {
      this.#storage?.setItem(PREFERENCES_KEY, JSON.stringify(this.#all.peek()));
    } catch {
      // The storage is full or forbidden: the choice lasts until the page is closed.
    }
  }
}
