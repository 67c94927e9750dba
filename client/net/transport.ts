import type { ReadonlySignal } from "@preact/signals";
import type { httpLink } from "@trpc/client";
import type { AppRouter } from "../../server/router.ts";
import type { Caller } from "./caller.ts";
import type { TransportKind } from "./connection_model.ts";

/** What tRPC takes for `fetch`. */
export type Fetch = NonNullable<Parameters<typeof httpLink<AppRouter>>[0]["fetch"]>;

/** Whether subscriptions may run: `none` while the tab is hidden and streams are dear. */
export type StreamMode = "live" | "poll" | "none";

/** One way to the server. */
export interface Transport extends Caller {
  readonly kind: TransportKind;
  readonly streams: ReadonlySignal<StreamMode>;
  /** The device may have slept: find out at once whether the way is still there. */
  wake(): void;
  /** Ends the wait before the next try. */
  tryNow(): void;
  /** A call got no answer: look whether the way is still there. */
  doubt(): void;
  close(): void;
}

/** What a transport tells. */
export interface TransportEvents {
  readonly onOpen: (transport: Transport) => void;
  /** Nothing gets through any more since `heardAt`. */
  readonly onLost: (transport: Transport, reason: string, heardAt: number) => void;
  /** A try failed; a timeout means that packets seem to vanish. */
  readonly onFailed: (transport: Transport, isTimeout: boolean) => void;
  /** The session is over: nobody may come back with it. */
  readonly onEnded: (transport: Transport, closeCode: number) => void;
  readonly onRoundTrip: (ms: number) => void;
}
