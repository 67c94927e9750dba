import { batch, signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import { readFailure } from "./failure.ts";
import type { Failure } from "./failure.ts";

/** A list that a view loads when it opens, and again after a change. */
export class ListModel<T> {
  readonly #fetch: () => Promise<readonly T[]>;
  readonly #items = signal<readonly T[] | null>(null);
  readonly #failure = signal<Failure | null>(null);
  #turn = 0;

  /** Null until the first answer. */
  readonly items: ReadonlySignal<readonly T[] | null> = this.#items;
  /** Why the last load failed. */
  readonly failure: ReadonlySignal<Failure | null> = this.#failure;

  constructor(fetch: () => Promise<readonly T[]>) {
    this.#fetch = fetch;
  }

  /** Loads the list; the answer to the last call counts. */
  async load(): Promise<void> {
    const turn = ++this.#turn;
    try {
      const items = await this.#fetch();
      if (turn !== this.#turn) return;
      batch(() => {
        this.#items.value = items;
        this.#failure.value = null;
      });
    } catch (error) {
      if (turn === this.#turn) this.#failure.value = readFailure(error);
    }
  }
}
