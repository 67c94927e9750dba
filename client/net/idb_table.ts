const TABLE = "items";
const VERSION = 1;
const OPEN_PATIENCE_MS = 3_000;

/** Rows in IndexedDB; each tab has its own connection. */
export class IdbTable<Row> {
  readonly #database: IDBDatabase;

  private constructor(database: IDBDatabase) {
    this.#database = database;
    // A later version of the page must be able to upgrade the database.
    database.onversionchange = () => database.close();
  }

  /** Opens the table of a database, and makes it if needed. Throws if the browser stores nothing. */
  static async open<Row>(
    factory: IDBFactory,
    { database, key }: { readonly database: string; readonly key: keyof Row & string },
  ): Promise<IdbTable<Row>> {
    const table = new IdbTable<Row>(await openDatabase(factory, database, key));
    // A private window may open a database that stores nothing.
    await table.remove("");
    return table;
  }

  list(): Promise<Row[]> {
    return this.#run("readonly", (table) => table.getAll() as IDBRequest<Row[]>);
  }

  async put(row: Row): Promise<void> {
    await this.#run("readwrite", (table) => table.put(row));
  }

  async remove(key: string): Promise<void> {
    await this.#run("readwrite", (table) => table.delete(key));
  }

  close(): void {
    this.#database.close();
  }

  #run<T>(mode: IDBTransactionMode, work: (table: IDBObjectStore) => IDBRequest<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const transaction = this.#database.transaction(TABLE, mode);
      const request = work(transaction.objectStore(TABLE));
      // A request may succeed and its transaction still fail, as on a full disk.
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error ?? new Error("Storage was not written"));
    });
  }
}

function openDatabase(factory: IDBFactory, name: string, keyPath: string): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    // Some browsers never answer if the profile is damaged.
    const timer = setTimeout(() => reject(new Error("IndexedDB does not answer")), OPEN_PATIENCE_MS);
    const request = factory.open(name, VERSION);
    request.onupgradeneeded = () => request.result.createObjectStore(TABLE, { keyPath });
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
