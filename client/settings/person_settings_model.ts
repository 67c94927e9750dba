import { signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { Inputs, Outputs, Trpc } from "../net/trpc.ts";
import { readFailure } from "../ui/failure.ts";

/** Settings of the user, the same on all devices. */
export type PersonSettings = Outputs["settings"]["get"];
/** A change; omitted fields keep their value. */
export type SettingsChange = Inputs["settings"]["set"];

/** Options of `PersonSettingsModel`. */
export interface PersonSettingsOptions {
  readonly api: Pick<Trpc["settings"], "get" | "set">;
  /** A change failed: a sentence for a toast. */
  readonly onFailure: (text: string) => void;
}

/** The user's settings, kept on the server. Changes are shown at once, and taken back if they fail. */
export class PersonSettingsModel {
  readonly #options: PersonSettingsOptions;
  readonly #all = signal<PersonSettings | null>(null);
  readonly #failure = signal<string | null>(null);
  /** Changes that have no answer yet, oldest first. */
  readonly #sending: SettingsChange[] = [];
  #stored: PersonSettings | null = null;

  /** Null until they are loaded. */
  readonly all: ReadonlySignal<PersonSettings | null> = this.#all;
  /** Why they could not be loaded. */
  readonly failure: ReadonlySignal<string | null> = this.#failure;

  constructor(options: PersonSettingsOptions) {
    this.#options = options;
  }

  /** Reads the settings, which another device may have changed. */
  async load(): Promise<void> {
    try {
      this.#stored = await this.#options.api.get.query();
      this.#failure.value = null;
      this.#show();
    } catch (error) {
      if (this.#stored === null) this.#failure.value = readFailure(error).text;
    }
  }

  /** Changes some settings. */
  async set(change: SettingsChange): Promise<void> {
    this.#sending.push(change);
    this.#show();
    try {
      this.#stored = await this.#options.api.set.mutate(change);
    } catch (error) {
      this.#options.onFailure(readFailure(error).text);
    } finally {
      this.#sending.splice(this.#sending.indexOf(change), 1);
      this.#show();
    }
  }

  #show(): void {
    if (this.#stored !== null) this.#all.value = Object.assign({}, this.#stored, ...this.#sending);
  }
}
