import type { UserId } from "../../shared/ids.ts";
import type { OutboxTabs } from "./outbox.ts";

/** Keeps one person's tabs apart with the browser's locks; without them, ids still make each message one. */
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

/** For a program with one tab only, such as a test. */
export function singleTab(): OutboxTabs {
  return { exclusively: (work) => work(), tell: () => {}, onTold: () => () => {} };
}
