import { effect } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";

/** Names the request of the outbox among those of this browser. */
export const OUTBOX_SYNC_TAG = "outbox";

/** A registration in browsers with Background Sync (WICG); the types of pages lack it. */
interface SyncRegistration {
  readonly sync?: { register(tag: string): Promise<void> };
}

/** Options of `requestSync`. */
export interface SyncRequestOptions {
  /** `navigator.serviceWorker` fits. */
  readonly container: { getRegistration(): Promise<object | undefined> };
  readonly isOpen: ReadonlySignal<boolean>;
  /** How many messages wait to be sent. */
  readonly waitingCount: ReadonlySignal<number>;
}

/**
 * Asks the browser to wake the worker when the network is back, whenever messages wait without connection, or when the
 * page is left; the returned function stops.
 */
export function requestSync({ container, isOpen, waitingCount }: SyncRequestOptions): () => void {
  // A dead connection seems open for some seconds, in which the tab may be closed.
  const onHide = () => {
    if (document.visibilityState === "hidden" && waitingCount.peek() > 0) void register(container);
  };
  document.addEventListener("visibilitychange", onHide);
  const stop = effect(() => {
    // With a connection, the tab sends by itself.
    const isWaiting = waitingCount.value > 0;
    if (isWaiting && !isOpen.value) void register(container);
  });
  return () => {
    document.removeEventListener("visibilitychange", onHide);
    stop();
  };
}

/** A worker that is woken at once reads the outbox after this tab has begun to write it, which IndexedDB keeps in order. */
async function register(container: SyncRequestOptions["container"]): Promise<void> {
  try {
    const registration = await container.getRegistration() as SyncRegistration | undefined;
    await registration?.sync?.register(OUTBOX_SYNC_TAG);
  } catch {
    // Browsers may forbid it; the messages are sent when the app is next opened.
  }
}
