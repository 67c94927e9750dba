import type { UserId } from "../../shared/ids.ts";
import { IdbTable } from "../net/idb_table.ts";
import { MemoryOutboxStorage } from "./outbox_storage.ts";
import type { OutboxItem, OutboxStorage } from "./outbox_storage.ts";

/** Opens the outbox of this browser, or one in memory if IndexedDB is blocked or full. */
export async function openOutboxStorage(
  of: { readonly indexedDB?: IDBFactory } = globalThis,
): Promise<OutboxStorage> {
  try {
    // If storage is forbidden, even the access to it may throw.
    const factory = of.indexedDB;
    if (factory === undefined) return new MemoryOutboxStorage();
    const key = "clientMessageId";
    return new IdbOutboxStorage(await IdbTable.open<OutboxItem>(factory, { database: "parley-outbox", key }));
  } catch {
    return new MemoryOutboxStorage();
  }
}

/** Stores items in IndexedDB. */
class IdbOutboxStorage implements OutboxStorage {
  readonly isDurable = true;
  readonly #table: IdbTable<OutboxItem>;

  constructor(table: IdbTable<OutboxItem>) {
    this.#table = table;
  }

  async list(userId: UserId): Promise<OutboxItem[]> {
    const items = await this.#table.list();
    return items.filter((item) => item.userId === userId).sort((a, b) => a.order - b.order);
  }

  put(item: OutboxItem): Promise<void> {
    return this.#table.put(item);
  }

  remove(clientMessageId: string): Promise<void> {
    return this.#table.remove(clientMessageId);
  }

  close(): void {
    this.#table.close();
  }
}
