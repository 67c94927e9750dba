import type { CallId } from "../../shared/ids.ts";
import { PushedNotices } from "../push/pushed_notices.ts";
import type { SignedIn } from "./app_context.ts";
import { pushOf } from "./push_models.ts";
import { parsePlace } from "./router/route.ts";

/** Takes back notifications of what is read, and opens those that are clicked; the returned function stops. */
export function followPushes(context: SignedIn): () => void {
  const { app, chat } = context;
  const container = (navigator as { serviceWorker?: ServiceWorkerContainer }).serviceWorker;
  // Pages without HTTPS have none.
  if (container === undefined) return () => {};
  const notices = new PushedNotices({
    container,
    rooms: chat.rooms.rooms,
    isReady: chat.rooms.isReady,
    isAttentive: chat.isAttentive,
    onOpen: ({ url, callId }) => {
      app.router.go(parsePlace(new URL(url, location.origin)));
      if (callId !== null) void enterPushedCall(context, callId);
    },
  });
  notices.start();
  // Without the server or the push service, the next start renews it.
  void pushOf(context).start().catch(() => {});
  return () => notices[Symbol.dispose]();
}

/** Opens the lobby of the call whose notification was clicked, or says that it is over. */
export async function enterPushedCall(context: SignedIn, callId: CallId): Promise<void> {
  const { enterCall } = await context.calls.load();
  if (!await enterCall(context, callId)) context.app.toasts.show("The call is over.");
}
