import { signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import { pause } from "../net/wait.ts";

/** The first view is drawn by then, and the network is idle. */
export const FIRST_VIEW_MS = 2_000;
const RETRY_MS = 3_000;

/** A part of the client that is fetched when needed, and again while this fails. */
export class LatePart<T> {
  readonly #fetch: () => Promise<T>;
  readonly #value = signal<T | null>(null);
  #loading: Promise<T> | null = null;

  /** Null until it is loaded. */
  readonly value: ReadonlySignal<T | null> = this.#value;

  /** `fetch` is an `import()`, for example. */
  constructor(fetch: () => Promise<T>) {
    this.#fetch = fetch;
  }

  /** Fetches the part once; resolves when it is loaded, however long that takes. */
  load(): Promise<T> {
    return this.#loading ??= this.#load();
  }

  async #load(): Promise<T> {
    while (true) {
      try {
        return this.#value.value = await this.#fetch();
      } catch {
        await pause(RETRY_MS);
      }
    }
  }
}
