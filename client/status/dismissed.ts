import { signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";

/** Where the ids are kept, such as `localStorage`. */
export type DismissedStorage = Pick<Storage, "getItem" | "setItem">;

const KEY = "parley.status.dismissed";
/** Older ones are over by then. */
const KEPT_COUNT = 60;

/** Ids that somebody has closed in this browser, in all its tabs. */
export class DismissedIds {
  readonly #storage: DismissedStorage;
  readonly #ids = signal<ReadonlySet<string>>(new Set());

  readonly ids: ReadonlySignal<ReadonlySet<string>> = this.#ids;

  constructor(storage: DismissedStorage) {
    this.#storage = storage;
    this.#read();
  }

  /** Closes one for good. */
  add(id: string): void {
    // Another tab may have closed others since.
    this.#read();
    this.#ids.value = new Set([...this.#ids.peek(), id].slice(-KEPT_COUNT));
    try {
      this.#storage.setItem(KEY, [...this.#ids.peek()].join(" "));
    } catch {
      // The storage is full or forbidden: it is closed until the page is reloaded.
    }
  }

  /** Follows other tabs until the returned function is called. */
  listen(target: Pick<Window, "addEventListener" | "removeEventListener">): () => void {
    const onStorage = (event: StorageEvent) => {
      if (event.key === KEY) this.#read();
    };
    target.addEventListener("storage", onStorage);
    return () => target.removeEventListener("storage", onStorage);
  }

  #read(): void {
    const stored = this.#storage.getItem(KEY)?.split(" ") ?? [];
    this.#ids.value = new Set([...this.#ids.peek(), ...stored].filter((id) => id !== "").slice(-KEPT_COUNT));
  }
}
