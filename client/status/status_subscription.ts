import type { ReadonlySignal } from "@preact/signals";
import type { StatusEvent } from "../../shared/status/apply_change.ts";
import { keepSubscribed } from "../net/keep_subscribed.ts";
import type { Trpc } from "../net/trpc.ts";

/** Without a socket, browsers have too few connections for one more stream. */
const POLL_MS = 30_000;

/** Options of `followStatus`. */
export interface StatusSubscriptionOptions {
  readonly api: Pick<Trpc["status"], "current" | "onChange">;
  /** True while calls reach the server. */
  readonly isConnected: ReadonlySignal<boolean>;
  /** True on WebSocket. */
  readonly hasSocket: ReadonlySignal<boolean>;
  readonly onEvent: (event: StatusEvent) => void;
}

/** Follows the public status of a signed-in user until the returned function is called. */
export function followStatus(
  { api, isConnected, hasSocket, onEvent }: StatusSubscriptionOptions,
): () => void {
  const poll = () => {
    const read = () => {
      api.current.query().then((status) => onEvent({ type: "snapshot", status })).catch(() => {
        // The next one tries again.
      });
    };
    read();
    const timer = setInterval(read, POLL_MS);
    return { unsubscribe: () => clearInterval(timer) };
  };
  return keepSubscribed(
    () => hasSocket.value ? "socket" : isConnected.value ? "poll" : null,
    (how, reopen) =>
      how === "poll" ? poll() : api.onChange.subscribe(undefined, {
        // Items without a position, such as figures, come without an envelope.
        onData: (item) => onEvent("data" in item ? item.data : item),
        onError: reopen,
      }),
  );
}
