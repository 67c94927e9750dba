/** The database with what is stored for a start without network. */
export const OFFLINE_DATABASE = "parley-offline";

/** Deletes what is stored for a start without network; resolves in any case. Tabs that still write to it cannot any more. */
export function forgetCopy(): Promise<void> {
  return new Promise((resolve) => {
    try {
      const request = indexedDB.deleteDatabase(OFFLINE_DATABASE);
      request.onsuccess = request.onerror = request.onblocked = () => resolve();
    } catch {
      // Where storage is forbidden, there is nothing.
      resolve();
    }
  });
}
