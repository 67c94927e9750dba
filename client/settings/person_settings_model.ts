import { effect, signal, untracked } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import { keepSubscribed } from "../net/keep_subscribed.ts";
import type { Inputs, Outputs, Trpc } from "../net/trpc.ts";
import { readFailure } from "../ui/failure.ts";

/** Settings of the user, the same on all devices. */
export type PersonSettings = Outputs["settings"]["get"];
/** A change; omitted fields keep their value. */
export type SettingsChange = Inputs["settings"]["set"];

/** Options of `PersonSettingsModel`. */
export interface PersonSettingsOptions {
  readonly api: Pick<Trpc["settings"], "get" | "set" | "onChange">;
  /** True on WebSocket. Otherwise the browser has few streams: the settings are read when they are needed. */
  readonly hasSocket: ReadonlySignal<boolean>;
  /** Whether the user looks at this page. */
  readonly isAttentive: ReadonlySignal<boolean>;
  /** A change failed: a sentence for a toast. */
  readonly onFailure: (text: string) => void;
}

/** Settings that were read and are not followed may be this old. */
const KEPT_MS = 10_000;

/**
 * The user's settings, kept on the server. Changes are shown at once, and taken back if they fail; those of other
 * devices are followed.
 */
export class PersonSettingsModel {
  readonly #options: PersonSettingsOptions;
  readonly #all = signal<PersonSettings | null>(null);
  readonly #failure = signal<string | null>(null);
  /** Changes that have no answer yet, oldest first. */
  readonly #sending: SettingsChange[] = [];
  #stored: PersonSettings | null = null;
  #isFollowed = false;
  #readAt = -Infinity;
  #reading: Promise<void> | null = null;

  /** Null until they are loaded. */
  readonly all: ReadonlySignal<PersonSettings | null> = this.#all;
  /** Why they could not be loaded. */
  readonly failure: ReadonlySignal<string | null> = this.#failure;

  constructor(options: PersonSettingsOptions) {
    this.#options = options;
  }

  /** Follows what other devices change, until the returned function is called. */
  follow(): () => void {
    const { api, hasSocket, isAttentive } = this.#options;
    const stopSubscription = keepSubscribed(() => hasSocket.value || null, (_, reopen) => {
      const subscription = api.onChange.subscribe(undefined, {
        onData: (settings) => {
          this.#isFollowed = true;
          this.#keep(settings);
        },
        onError: () => {
          this.#isFollowed = false;
          reopen();
        },
      });
      return {
        unsubscribe: () => {
          this.#isFollowed = false;
          subscription.unsubscribe();
        },
      };
    });
    const stopReading = effect(() => {
      if (isAttentive.value && !hasSocket.value) untracked(() => void this.refresh());
    });
    return () => {
      stopReading();
      stopSubscription();
    };
  }

  /** Reads the settings unless they are followed or were read within 10 s. */
  async refresh(): Promise<void> {
    if (!this.#isFollowed && Date.now() - this.#readAt >= KEPT_MS) this.#reading = this.load();
    await this.#reading;
  }

  /** Reads the settings, which another device may have changed. */
  async load(): Promise<void> {
    this.#readAt = Date.now();
    try {
      this.#keep(await this.#options.api.get.query());
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

  #keep(settings: PersonSettings): void {
    this.#stored = settings;
    this.#failure.value = null;
    this.#show();
  }

  #show(): void {
    if (this.#stored !== null) this.#all.value = Object.assign({}, this.#stored, ...this.#sending);
  }
}
