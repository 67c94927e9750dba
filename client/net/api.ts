import type { TRPCClient } from "@trpc/client";
import type { AppRouter } from "../../server/router.ts";
import type { ConnectionModel } from "./connection_model.ts";

/** The typed procedures: `api.trpc.rooms.list.query()`. */
export type Trpc = TRPCClient<AppRouter>;

/** What `createApi` needs. */
export interface ApiOptions {
  /** Origin of the server, such as `location.origin`. */
  readonly baseUrl: string;
  /** The server ended the session (4501, 4502, or nobody is signed in any more). */
  readonly onSessionEnded: (closeCode: number) => void;
}

/**
 * The way to the server. `auth.*` and `invites.preview` go over HTTP at any time; everything else over
 * one live transport after `connect()`. Subscriptions go on over reconnects and changes of transport.
 */
export interface Api {
  readonly trpc: Trpc;
  readonly connection: ConnectionModel;
  /** Call when somebody is signed in. */
  connect(): void;
  /** Call at sign-out, before another person may sign in. */
  disconnect(): void;
  dispose(): void;
}
