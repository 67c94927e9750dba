import type { UserId } from "../../shared/ids.ts";
import { MemoryOutboxStorage } from "./outbox_storage.ts";
import type { OutboxItem, OutboxStorage } from "./outbox_storage.ts";

const DATABASE = "parley-outbox";
const STORE = "items";
const VERSION = 1;
const OPEN_PATIENCE_MS = 3_000;

/** Opens the outbox of this browser, or one in memory if IndexedDB is blocked or full. */
export async function openOutboxStorage(
  of: { readonly indexedDB?: IDBFactory } = globalThis,
): Promise<OutboxStorage> {
  try {
    // If storage is forbidden, even the access to it may throw.
    const factory = of.indexedDB;
    if (factory === undefined) return new MemoryOutboxStorage();
    const database = await openDatabase(factory);
    const storage = new IdbOutboxStorage(database);
    // A private window may open a database that stores nothing.
    await storage.probe();
    return storage;
  } catch {
    return new MemoryOutboxStorage();
  }
}

/** Stores items in IndexedDB; each tab has its own connection. */
class IdbOutboxStorage implements OutboxStorage {
  readonly isDurable = true;
  readonly #database: IDBDatabase;

  constructor(database: IDBDatabase) {
    this.#database = database;
    // A later version of the page must be able to upgrade the database.
    database.onversionchange = () => database.close();
  }

  async probe(): Promise<void> {
    await this.#run("readwrite", (store) => store.delete(""));
  }

  async list(userId: UserId): Promise<OutboxItem[]> {
    const items = await this.#run("readonly", (store) => store.getAll() as IDBRequest<OutboxItem[]>);
    return items.filter((item) => item.userId === userId).sort((a, b) => a.order - b.order);
  }

  async put(item: OutboxItem): Promise<void> {
    await this.#run("readwrite", (store) => store.put(item));
  }

  async remove(clientMessageId: string): Promise<void> {
    await this.#run("readwrite", (store) => store.delete(clientMessageId));
  }

  close(): void {
    this.#database.close();
  }

  #run<T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const transaction = this.#database.transaction(STORE, mode);
      const request = work(transaction.objectStore(STORE));
      // A request may succeed and its transaction still fail, as on a full disk.
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error ?? new Error("Storage was not written"));
    });
  }
}

function openDatabase(factory: IDBFactory): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    // Some browsers never answer if the profile is damaged.
    const timer = setTimeout(() => reject(new Error("IndexedDB does not answer")), OPEN_PATIENCE_MS);
    const request = factory.open(DATABASE, VERSION);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "clientMessageId" });
    request.onsuccess = () => {
      clearTimeout(timer);
      resolve(request.result);
    };
    request.onerror = () => {
      clearTimeout(timer);
      reject(request.error ?? new Error("IndexedDB is blocked"));
    };
  });
}
