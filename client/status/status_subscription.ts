import { effect, signal, untracked } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { StatusNews } from "../../shared/status/apply_change.ts";
import type { Trpc } from "../net/trpc.ts";

/** A subscription that failed is opened again after this time. */
const REOPEN_AFTER_MS = 5_000;
/** Without a socket, browsers have too few connections for one more stream. */
const POLL_MS = 30_000;

/** Options of `followStatus`. */
export interface StatusSubscriptionOptions {
  readonly api: Pick<Trpc["status"], "current" | "onChange">;
  /** True while calls reach the server. */
  readonly isConnected: ReadonlySignal<boolean>;
  /** True on WebSocket. */
  readonly hasSocket: ReadonlySignal<boolean>;
  readonly onNews: (news: StatusNews) => void;
}

/** Follows the public status of a signed-in user until the returned function is called. */
export function followStatus({ api, isConnected, hasSocket, onNews }: StatusSubscriptionOptions): () => void {
  /** Grows when the subscription must be opened again. */
  const turn = signal(0);
  const subscribe = () => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const subscription = api.onChange.subscribe(undefined, {
      onData: ({ data }) => onNews(data),
      onError: () => {
        timer = setTimeout(() => turn.value++, REOPEN_AFTER_MS);
      },
    });
    return () => {
      clearTimeout(timer);
      subscription.unsubscribe();
    };
  };
  const poll = () => {
    const read = () => {
      api.current.query().then((status) => onNews({ type: "snapshot", status })).catch(() => {
        // The next one tries again.
      });
    };
    read();
    const timer = setInterval(read, POLL_MS);
    return () => clearInterval(timer);
  };
  return effect(() => {
    turn.value;
    if (hasSocket.value) return untracked(subscribe);
    return isConnected.value ? untracked(poll) : undefined;
  });
}
