import type { UserId } from "../../shared/ids.ts";

/** How the tabs of a user take turns. */
export interface OutboxTabs {
  /** Runs `work` while no other tab runs its own. */
  exclusively(work: () => Promise<void>): Promise<void>;
  /** Tells the other tabs that the storage has changed. */
  tell(): void;
  /** Calls back when another tab has changed the storage. */
  onTold(listener: () => void): () => void;
}

/** Uses the browser's locks; where there are none, ids still keep a message from being sent twice. */
export function browserTabs(userId: UserId): OutboxTabs & Disposable {
  const name = `parley-outbox-${userId}`;
  const channel = "BroadcastChannel" in globalThis ? new BroadcastChannel(name) : null;
  const locks = navigator.locks as LockManager | undefined;
  return {
    exclusively: async (work) => {
      if (locks === undefined) await work();
      else await locks.request(name, work);
    },
    tell: () => channel?.postMessage("changed"),
    onTold: (listener) => {
      channel?.addEventListener("message", listener);
      return () => channel?.removeEventListener("message", listener);
    },
    [Symbol.dispose]: () => channel?.close(),
  };
}
