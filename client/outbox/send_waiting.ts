import type { UserId } from "../../shared/ids.ts";
import { SEND_RATE } from "../../shared/limits.ts";
import { pause } from "../net/wait.ts";
import { readWireError } from "../net/wire_error.ts";
import { readFailure } from "../ui/failure.ts";
import type { OutboxItem, OutboxStorage } from "./outbox_storage.ts";
import type { OutboxTabs } from "./outbox_tabs.ts";
import { RETRY_MARGIN_MS } from "./retry_margin.ts";

/** A server that asks for a longer wait is asked again with the next sync. */
const PAUSE_MAX_MS = 10_000;

/** Options of `sendWaiting`. */
export interface SendWaitingOptions {
  readonly userId: UserId;
  /** Who is signed in at this moment, or null. */
  readonly whoIsSignedIn: () => Promise<UserId | null>;
  readonly storage: Pick<OutboxStorage, "list" | "put" | "remove">;
  readonly tabs: Pick<OutboxTabs, "exclusively" | "tell">;
  readonly send: (item: OutboxItem) => Promise<unknown>;
}

/**
 * Sends what waits in the outbox, in order and while no tab does. What the server refuses stays, for a tab to show.
 * Rejects if something is left that may be sent later.
 */
export function sendWaiting(options: SendWaitingOptions): Promise<void> {
  return options.tabs.exclusively(() => sendAll(options));
}

async function sendAll({ userId, whoIsSignedIn, storage, tabs, send }: SendWaitingOptions): Promise<void> {
  let paceMs = 0;
  while (true) {
    // Read again for each: a tab may have discarded one, or added another.
    const item = await nextItem(storage, userId);
    // Somebody else may have signed in meanwhile, and messages go out in the name of whoever is.
    if (item === null || await whoIsSignedIn() !== userId) return;
    try {
      await send(item);
      await storage.remove(item.clientMessageId);
      tabs.tell();
      if (paceMs > 0) await pause(paceMs);
    } catch (error) {
      const { appCode, isRetryable, retryAfterMs } = readWireError(error);
      // It is still there after the next sign-in.
      if (appCode === "unauthenticated") return;
      if (!isRetryable) {
        await refuse(storage, item, readFailure(error).text);
        tabs.tell();
        continue;
      }
      if (appCode !== "rate_limited" || retryAfterMs > PAUSE_MAX_MS) throw error;
      paceMs = 1_000 / SEND_RATE.perSecond;
      await pause(retryAfterMs + RETRY_MARGIN_MS);
    }
  }
}

async function nextItem(storage: Pick<OutboxStorage, "list">, userId: UserId): Promise<OutboxItem | null> {
  return (await storage.list(userId)).find(({ problem }) => problem === null) ?? null;
}

/** Notes why the server refuses a message, unless it was discarded meanwhile. */
async function refuse(
  storage: Pick<OutboxStorage, "list" | "put">,
  item: OutboxItem,
  problem: string,
): Promise<void> {
  const items = await storage.list(item.userId);
  if (items.some(({ clientMessageId }) => clientMessageId === item.clientMessageId)) {
    await storage.put({ ...item, problem });
  }
}
