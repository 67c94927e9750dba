import { batch, computed, signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { Outputs, Trpc } from "../net/trpc.ts";
import { readFailure } from "../ui/failure.ts";
import type { Failure } from "../ui/failure.ts";

/** A room found by search. */
export type FoundRoom = Outputs["rooms"]["browse"]["items"][number];

/** The search starts after a pause in typing of this length. */
const ASK_AFTER_MS = 200;

/** Public rooms, searched by a part of their name. */
export class BrowseModel {
  readonly #api: Pick<Trpc["rooms"], "browse">;
  readonly #query = signal("");
  readonly #rooms = signal<readonly FoundRoom[] | null>(null);
  readonly #cursor = signal<string | null>(null);
  readonly #failure = signal<Failure | null>(null);
  #turn = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** The search text. */
  readonly query: ReadonlySignal<string> = this.#query;
  /** The results; null until the first answer. */
  readonly rooms: ReadonlySignal<readonly FoundRoom[] | null> = this.#rooms;
  /** Whether there is another page. */
  readonly hasMore: ReadonlySignal<boolean> = computed(() => this.#cursor.value !== null);
  /** Why the last search failed. */
  readonly failure: ReadonlySignal<Failure | null> = this.#failure;

  constructor(api: Pick<Trpc["rooms"], "browse">) {
    this.#api = api;
  }

  /** Searches after a pause in typing. */
  search(query: string): void {
    this.#query.value = query;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.load(), ASK_AFTER_MS);
  }

  /** Loads the first page. */
  load(): Promise<void> {
    return this.#fetch(null);
  }

  /** Loads the next page. */
  loadMore(): Promise<void> {
    return this.#fetch(this.#cursor.peek());
  }

  /** Ignores answers that are still to arrive. */
  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#turn++;
  }

  async #fetch(cursor: string | null): Promise<void> {
    const turn = ++this.#turn;
    const query = this.#query.peek().trim();
    try {
      const page = await this.#api.browse.query({
        ...(query === "" ? {} : { query }),
        ...(cursor === null ? {} : { cursor }),
      });
      // Answers may overtake each other; only the last search counts.
      if (turn !== this.#turn) return;
      batch(() => {
        this.#rooms.value = cursor === null ? page.items : [...this.#rooms.peek() ?? [], ...page.items];
        this.#cursor.value = page.cursor;
        this.#failure.value = null;
      });
    } catch (error) {
      if (turn === this.#turn) this.#failure.value = readFailure(error);
    }
  }
}
