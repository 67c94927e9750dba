import { signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { Me, PasswordReset } from "../../shared/user.ts";

/** Where it is kept what was acknowledged; `localStorage` fits. */
export type ResetStorage = Pick<Storage, "getItem" | "setItem">;

/** What the model works with. */
export interface PasswordResetsOptions {
  readonly me: Pick<Me, "id" | "passwordResets">;
  readonly storage: ResetStorage;
}

/**
 * Which resets of the own password the person has not acknowledged on this device. Other devices ask by themselves:
 * whoever used the link in the person's place would acknowledge it for both.
 */
export class PasswordResetsModel {
  readonly #storage: ResetStorage;
  readonly #key: string;
  readonly #all: readonly PasswordReset[];
  readonly #unseen = signal<readonly PasswordReset[]>([]);

  /** Newest first; empty once they are acknowledged or put off. */
  readonly unseen: ReadonlySignal<readonly PasswordReset[]> = this.#unseen;

  /** Reads what was acknowledged here before. */
  constructor({ me, storage }: PasswordResetsOptions) {
    this.#storage = storage;
    this.#key = `parley.password_resets.${me.id}`;
    this.#all = me.passwordResets;
    // By their times and not by the newest of them: a server's clock may have been set back.
    const seen = new Set(storage.getItem(this.#key)?.split(" "));
    this.#unseen.value = me.passwordResets.filter(({ at }) => !seen.has(at));
  }

  /** The person knows of all of them; this device does not tell again. */
  acknowledge(): void {
    this.#unseen.value = [];
    try {
      this.#storage.setItem(this.#key, this.#all.map(({ at }) => at).join(" "));
    } catch {
      // A full or forbidden storage: the page tells again when it is opened anew.
    }
  }

  /** Closed without an answer: the page tells again when it is opened anew. */
  putOff(): void {
    this.#unseen.value = [];
  }
}
