import { signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { Me, PasswordReset } from "../../shared/user.ts";

/** Where acknowledgements are stored, such as `localStorage`. */
export type ResetStorage = Pick<Storage, "getItem" | "setItem">;

/** Options of `PasswordResetsModel`. */
export interface PasswordResetsOptions {
  readonly me: Pick<Me, "id" | "passwordResets">;
  readonly storage: ResetStorage;
}

/**
 * Resets of the user's password that were not acknowledged on this device. Each device asks by itself: otherwise, an
 * attacker who used the link could acknowledge it for all.
 */
export class PasswordResetsModel {
  readonly #storage: ResetStorage;
  readonly #key: string;
  readonly #all: readonly PasswordReset[];
  readonly #unseen = signal<readonly PasswordReset[]>([]);

  /** Newest first; empty once acknowledged or dismissed. */
  readonly unseen: ReadonlySignal<readonly PasswordReset[]> = this.#unseen;

  /** Reads earlier acknowledgements. */
  constructor({ me, storage }: PasswordResetsOptions) {
    this.#storage = storage;
    this.#key = `parley.password_resets.${me.id}`;
    this.#all = me.passwordResets;
    // All times, not only the newest one, since the server's clock may step back.
    const seen = new Set(storage.getItem(this.#key)?.split(" "));
    this.#unseen.value = me.passwordResets.filter(({ at }) => !seen.has(at));
  }

  /** The user has acknowledged all: this device does not show them again. */
  acknowledge(): void {
    this.#unseen.value = [];
    try {
      this.#storage.setItem(this.#key, this.#all.map(({ at }) => at).join(" "));
    } catch {
      // The storage is full or forbidden: they are shown again when the page is reopened.
    }
  }

  /** Dismisses them until the page is reopened. */
  putOff(): void {
    this.#unseen.value = [];
  }
}
