import { AppUpdates } from "../offline/app_updates.ts";
import { requestSync } from "../outbox/sync_request.ts";
import type { SignedIn } from "./app_context.ts";
import { QuietMoment } from "./quiet_moment.ts";
import { registerServiceWorker } from "./trusted_types.ts";

/** Keeps this tab at the newest build, and has the worker send what waits; the returned function stops. */
export function followUpdates(signedIn: Pick<SignedIn, "app" | "chat">): () => void {
  const container = (navigator as { serviceWorker?: ServiceWorkerContainer }).serviceWorker;
  // Pages without HTTPS have none.
  if (container === undefined) return () => {};
  const quiet = new QuietMoment(signedIn, globalThis.window);
  const updates = new AppUpdates({
    container,
    register: () => registerServiceWorker(container),
    isConnected: signedIn.app.connection.isOpen,
    ownFiles: filesOf(document),
    isQuiet: () => quiet.isNow(),
    reload: () => location.reload(),
  });
  void updates.start();
  const { app: { connection: { isOpen } }, chat: { messages: { waitingCount } } } = signedIn;
  const stopRequests = requestSync({ container, isOpen, waitingCount });
  return () => {
    stopRequests();
    updates[Symbol.dispose]();
    quiet[Symbol.dispose]();
  };
}

/** Lists what the page was served with. */
function filesOf({ head }: Document): string[] {
  const scripts = [...head.querySelectorAll<HTMLScriptElement>("script[src]")].map(({ src }) => src);
  const sheets = [...head.querySelectorAll<HTMLLinkElement>("link[rel=stylesheet]")].map(({ href }) => href);
  return [...new Set([...scripts, ...sheets].map((url) => new URL(url).pathname))];
}
