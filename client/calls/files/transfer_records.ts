import type { UserId } from "../../../shared/ids.ts";
import { IdbTable } from "../../net/idb_table.ts";

interface BaseRecord {
  readonly key: string;
  /** The signed-in person; a browser may be shared. */
  readonly userId: UserId;
  /** The person at the other end. */
  readonly peerId: UserId;
  readonly fileId: string;
  readonly name: string;
  readonly size: number;
  /** Epoch time in milliseconds of the last act: accepted or arrived, or offered. */
  readonly at: number;
}

/** A file that was accepted, or has arrived. */
export interface ReceivedRecord extends BaseRecord {
  readonly kind: "received";
  readonly isDone: boolean;
  /** Null until it was saved for the first time. */
  readonly savedAt: number | null;
  /** Taken from the list after it was saved: the browser may still be copying it. */
  readonly isHidden: boolean;
}

/** A file that was offered and is not over. */
export interface SentRecord extends BaseRecord {
  readonly kind: "sent";
  /** Finds the file again after a reload, in browsers that have handles. */
  readonly handle: FileSystemFileHandle | null;
  /** SHA-256 of how it begins. */
  readonly start: string;
}

/** What is remembered of transfers, so that they go on after a reload. */
export type TransferRecord = ReceivedRecord | SentRecord;

/** Where records are kept. */
export type TransferRecords = Pick<IdbTable<TransferRecord>, "list" | "put" | "remove">;

/** Opens the records of this browser; without IndexedDB they last as long as the page. */
export async function openTransferRecords(
  of: { readonly indexedDB?: IDBFactory } = globalThis,
): Promise<TransferRecords> {
  try {
    if (of.indexedDB !== undefined) {
      const place = { database: "parley-files", key: "key" } as const;
      return new StoredRecords(await IdbTable.open<TransferRecord>(of.indexedDB, place));
    }
  } catch {
    // Blocked, or a private window.
  }
  return new MemoryRecords();
}

/** What cannot be written is not remembered after a reload; the transfer goes on. */
class StoredRecords implements TransferRecords {
  readonly #table: TransferRecords;

  constructor(table: TransferRecords) {
    this.#table = table;
  }

  list(): Promise<TransferRecord[]> {
    return this.#table.list().catch(() => []);
  }

  put(record: TransferRecord): Promise<void> {
    return this.#table.put(record).catch(() => {});
  }

  remove(key: string): Promise<void> {
    return this.#table.remove(key).catch(() => {});
  }
}

class MemoryRecords implements TransferRecords {
  readonly #records = new Map<string, TransferRecord>();

  list(): Promise<TransferRecord[]> {
    return Promise.resolve([...this.#records.values()]);
  }

  put(record: TransferRecord): Promise<void> {
    this.#records.set(record.key, record);
    return Promise.resolve();
  }

  remove(key: string): Promise<void> {
    this.#records.delete(key);
    return Promise.resolve();
  }
}
