import { batch, computed, signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { Outputs, Trpc } from "../net/trpc.ts";
import { readFailure } from "../ui/failure.ts";
import type { Failure } from "../ui/failure.ts";

/** A room as it is found by people who are not in it. */
export type FoundRoom = Outputs["rooms"]["browse"]["items"][number];

/** Typing asks the server after a pause of this length. */
const ASK_AFTER_MS = 200;

/** Public rooms that can be found, by a part of their name. */
export class BrowseModel {
  readonly #api: Pick<Trpc["rooms"], "browse">;
  readonly #query = signal("");
  readonly #rooms = signal<readonly FoundRoom[] | null>(null);
  readonly #cursor = signal<string | null>(null);
  readonly #failure = signal<Failure | null>(null);
  #turn = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** What is looked for. */
  readonly query: ReadonlySignal<string> = this.#query;
  /** What was found; null until the first answer. */
  readonly rooms: ReadonlySignal<readonly FoundRoom[] | null> = this.#rooms;
  /** True when there is a further page. */
  readonly hasMore: ReadonlySignal<boolean> = computed(() => this.#cursor.value !== null);
  /** Why the last question failed. */
  readonly failure: ReadonlySignal<Failure | null> = this.#failure;

  constructor(api: Pick<Trpc["rooms"], "browse">) {
    this.#api = api;
  }

  /** Looks for rooms, soon. */
  search(query: string): void {
    this.#query.value = query;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.load(), ASK_AFTER_MS);
  }

  /** Reads the first page. */
  load(): Promise<void> {
    return this.#fetch(null);
  }

  /** Reads the next page. */
  loadMore(): Promise<void> {
    return this.#fetch(this.#cursor.peek());
  }

  /** Forgets what is still on its way. */
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
      // Answers may overtake each other; only the last question counts.
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
