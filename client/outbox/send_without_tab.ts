import { browserFetch } from "../net/browser_platform.ts";
import { shapeCaller } from "../net/caller.ts";
import { httpCall } from "../net/http_call.ts";
import type { Trpc } from "../net/trpc.ts";
import { openOutboxStorage } from "./idb_outbox_storage.ts";
import { browserTabs } from "./outbox_tabs.ts";
import { sendWaiting } from "./send_waiting.ts";

/** Tabs wait for the worker, so it must not wait for a dead network. */
const ANSWER_PATIENCE_MS = 8_000;

/** Sends what waits in the outbox of whoever is signed in, for a worker. Rejects if it has to be tried again. */
export async function sendWithoutTab(origin: string): Promise<void> {
  const request = httpCall(`${origin}/trpc`, browserFetch);
  const { auth, messages } = shapeCaller<Pick<Trpc, "auth" | "messages">>({
    request: (call) => request({ ...call, signal: AbortSignal.timeout(ANSWER_PATIENCE_MS) }),
    subscribe: () => {
      throw new Error("Nothing streams to the worker");
    },
  });
  const whoIsSignedIn = async () => (await auth.me.query())?.id ?? null;
  const userId = await whoIsSignedIn();
  // Signing out has removed the storage, which must not be made again.
  if (userId === null) return;
  const storage = await openOutboxStorage();
  const tabs = browserTabs(userId);
  try {
    await sendWaiting({
      userId,
      whoIsSignedIn,
      storage,
      tabs,
      send: ({ roomId, clientMessageId, text, replyTo }) =>
        messages.send.mutate({ roomId, clientMessageId, text, ...replyTo === null ? {} : { replyTo } }),
    });
  } finally {
    tabs[Symbol.dispose]();
    storage.close();
  }
}
