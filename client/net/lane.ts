import type { ReadonlySignal } from "@preact/signals";
import type { httpLink } from "@trpc/client";
import type { AppRouter } from "../../server/router.ts";
import type { Caller } from "./caller.ts";
import type { Transport } from "./connection_model.ts";

/** What tRPC takes for `fetch`. */
export type Fetch = NonNullable<Parameters<typeof httpLink<AppRouter>>[0]["fetch"]>;

/** Whether subscriptions may run: `none` while the tab is hidden and streams are dear. */
export type StreamMode = "live" | "poll" | "none";

/** One way to the server. */
export interface Lane extends Caller {
  readonly transport: Transport;
  readonly streams: ReadonlySignal<StreamMode>;
  /** The device may have slept: find out at once whether the way is still there. */
  wake(): void;
  /** Ends the wait before the next try. */
  tryNow(): void;
  /** A call got no answer: look whether the way is still there. */
  doubt(): void;
  close(): void;
}

/** What a lane tells. */
export interface LaneEvents {
  readonly onOpen: (lane: Lane) => void;
  /** Nothing gets through any more since `heardAt`. */
  readonly onLost: (lane: Lane, reason: string, heardAt: number) => void;
  /** A try failed; a timeout means that packets seem to vanish. */
  readonly onFailed: (lane: Lane, isTimeout: boolean) => void;
  /** The session is over: nobody may come back with it. */
  readonly onEnded: (lane: Lane, closeCode: number) => void;
  readonly onRoundTrip: (ms: number) => void;
}
