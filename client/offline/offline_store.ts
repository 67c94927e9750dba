import { IdbTable } from "../net/idb_table.ts";
import { OFFLINE_DATABASE } from "./forget_copy.ts";
import type { OfflineRow } from "./offline_copy.ts";

/** Where rows are stored for a start without network. All calls fail once the database was deleted. */
export type OfflineStore = Pick<IdbTable<OfflineRow>, "list" | "put" | "remove" | "close">;

/** Opens the store of this browser. Throws if it stores nothing. */
export async function openOfflineStore(
  of: { readonly indexedDB?: IDBFactory } = globalThis,
): Promise<OfflineStore> {
  // If storage is forbidden, even the access to it may throw.
  const factory = of.indexedDB;
  if (factory === undefined) throw new Error("This browser has no IndexedDB");
  return await IdbTable.open<OfflineRow>(factory, { database: OFFLINE_DATABASE, key: "key" });
}
