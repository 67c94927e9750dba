/** Where the client stores data on a device, such as `localStorage`. */
export type PageStorage = Pick<Storage, "getItem" | "setItem" | "removeItem" | "key" | "length">;

/** Returns the browser's storage, or one that lasts as long as the page if storage is forbidden. */
export function findStorage(view: { readonly localStorage: PageStorage }): PageStorage {
  return lastingStorage(view) ?? new MemoryStorage();
}

/** Returns the browser's storage, or null if storage is forbidden. */
export function lastingStorage(view: { readonly localStorage: PageStorage }): PageStorage | null {
  try {
    const storage = view.localStorage;
    // Some browsers return one that throws on first use.
    storage.getItem("parley");
    return storage;
  } catch {
    return null;
  }
}

class MemoryStorage implements PageStorage {
  readonly #items = new Map<string, string>();

  get length(): number {
    return this.#items.size;
  }

  key(index: number): string | null {
    return [...this.#items.keys()][index] ?? null;
  }

  getItem(key: string): string | null {
    return this.#items.get(key) ?? null;
  }

  setItem(key: string, value: string): void {
    this.#items.set(key, value);
  }

  removeItem(key: string): void {
    this.#items.delete(key);
  }
}
