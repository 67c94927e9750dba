import type { ReadonlySignal } from "@preact/signals";
import type { httpLink } from "@trpc/client";
import type { AppRouter } from "../../server/router.ts";
import type { Caller } from "./caller.ts";
import type { TransportKind } from "./connection_model.ts";

/** The type of `fetch` that tRPC expects. */
export type Fetch = NonNullable<Parameters<typeof httpLink<AppRouter>>[0]["fetch"]>;

/** Whether subscriptions may run: `none` while the tab is hidden and streams are scarce. */
export type StreamMode = "live" | "poll" | "none";

/** A transport. */
export interface Transport extends Caller {
  readonly kind: TransportKind;
  readonly streams: ReadonlySignal<StreamMode>;
  /** The device may have slept: check the connection at once. */
  wake(): void;
  /** Ends the wait before the next attempt. */
  tryNow(): void;
  /** A call got no answer: check the connection. */
  doubt(): void;
  close(): void;
}

/** Observes a transport. */
export interface TransportEvents {
  readonly onOpen: (transport: Transport) => void;
  /** The connection is lost since `heardAt`. */
  readonly onLost: (transport: Transport, reason: string, heardAt: number) => void;
  /** An attempt has failed; after a timeout, packets seem to be dropped. */
  readonly onFailed: (transport: Transport, failure: { reason: string; isTimeout: boolean }) => void;
  /** The server has answered after this time. */
  readonly onRoundTrip: (transport: Transport, ms: number) => void;
  /** The session has ended, for good. */
  readonly onEnded: (transport: Transport, closeCode: number) => void;
}
