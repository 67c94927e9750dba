import { isId, newId } from "../../shared/ids.ts";
import type { TabId } from "../../shared/ids.ts";

/** Where the id is kept: `sessionStorage`, which survives a reload and is copied when a tab is duplicated. */
export type TabStorage = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/** What `claimTabId` needs of the browser. */
export interface TabIdOptions {
  /** Null if the browser stores nothing. */
  readonly storage: TabStorage | null;
  /** Pages of insecure origins have none. */
  readonly locks: LockManager | undefined;
}

const KEY = "parley-tab";
/** A page that is being replaced by a reload still has its lock for a moment. */
const RELOAD_MS = 1_000;

/**
 * Returns the id of this tab, which nobody else uses while the page lives: the one before a reload, or a new one in
 * a duplicated tab. Without locks, duplicates cannot be told, so it is always a new one.
 */
export async function claimTabId({ storage, locks }: TabIdOptions): Promise<TabId> {
  const known = read(storage);
  if (known !== null && locks !== undefined && await hold(locks, known)) return known;
  const tabId = newId<TabId>();
  if (locks !== undefined) await hold(locks, tabId);
  write(storage, tabId);
  return tabId;
}

/** Takes the lock of an id until the page ends; false if another tab has it. */
async function hold(locks: LockManager, tabId: TabId): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const page = Promise.withResolvers<void>();
  locks.request(`${KEY}-${tabId}`, { signal: AbortSignal.timeout(RELOAD_MS) }, () => {
    resolve(true);
    return page.promise;
  }).catch(() => resolve(false));
  return await promise;
}

function read(storage: TabStorage | null): TabId | null {
  try {
    const stored = storage?.getItem(KEY) ?? "";
    return isId(stored) ? stored as TabId : null;
  } catch {
    // The browser may forbid storage; then each load is a tab of its own.
    return null;
  }
}

function write(storage: TabStorage | null, tabId: TabId): void {
  try {
    storage?.setItem(KEY, tabId);
  } catch {
    // Not stored: after a reload, this is another tab.
  }
}
