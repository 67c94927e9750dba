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
export interface TransferRecords extends Disposable {
  /** False if it was not written. */
  put(record: TransferRecord): Promise<boolean>;
  /** False if it may still be there. */
  remove(key: string): Promise<boolean>;
  /** Null if they cannot be read: then nobody knows what the files in storage are, and none may be deleted. */
  list(): Promise<TransferRecord[] | null>;
}

const DATABASE = "parley-files";

/** Opens the records of this browser; without IndexedDB there are none. */
export async function openTransferRecords(
  of: { readonly indexedDB?: IDBFactory } = globalThis,
): Promise<TransferRecords> {
  try {
    if (of.indexedDB !== undefined) {
      const place = { database: DATABASE, key: "key" } as const;
      return new StoredRecords(await IdbTable.open<TransferRecord>(of.indexedDB, place));
    }
  } catch {
    // Blocked, or a private window.
  }
  return NO_RECORDS;
}

/** Deletes the records of everybody who has used this browser. */
export function deleteTransferRecords(of: { readonly indexedDB?: IDBFactory } = globalThis): void {
  of.indexedDB?.deleteDatabase(DATABASE);
}

/** What cannot be written is not remembered after a reload; the transfer goes on. */
class StoredRecords implements TransferRecords {
  readonly #table: IdbTable<TransferRecord>;

  constructor(table: IdbTable<TransferRecord>) {
    this.#table = table;
  }

  list(): Promise<TransferRecord[] | null> {
    return this.#table.list().catch(() => null);
  }

  put(record: TransferRecord): Promise<boolean> {
    return this.#table.put(record).then(() => true, () => false);
  }

  remove(key: string): Promise<boolean> {
    return this.#table.remove(key).then(() => true, () => false);
  }

  [Symbol.dispose](): void {
    this.#table.close();
  }
}

/** Transfers go on as long as the page; nothing is remembered. */
const NO_RECORDS: TransferRecords = {
  list: () => Promise.resolve(null),
  put: () => Promise.resolve(false),
  remove: () => Promise.resolve(false),
  [Symbol.dispose]: () => {},
};
