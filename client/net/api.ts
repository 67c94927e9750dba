import { shapeCaller } from "./caller.ts";
import type { Caller } from "./caller.ts";
import type { ConnectionModel } from "./connection_model.ts";
import { withEarly } from "./early_caller.ts";
import { earlyStart } from "./early_start.ts";
import { FrameQueue } from "./frame_queue.ts";
import { httpCall, needsHttp } from "./http_call.ts";
import { liveCaller } from "./live_caller.ts";
import { LiveConnection } from "./live_connection.ts";
import type { NetPlatform } from "./live_connection.ts";
import { sessionCheck } from "./session_check.ts";
import type { Trpc } from "./trpc.ts";
import { watchForWake } from "./wake_probe.ts";

/** What `createApi` needs. */
export interface ApiOptions {
  /** Origin of the server, such as `location.origin`. */
  readonly baseUrl: string;
  readonly connection: ConnectionModel;
  /** What the browser gives: `browserPlatform()`. */
  readonly platform: NetPlatform;
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

/** Makes the way to the server; nothing is dialed before `connect`. */
export function createApi({ baseUrl, connection, platform, onSessionEnded }: ApiOptions): Api {
  const call = httpCall(`${baseUrl}/trpc`, platform.fetch);
  const live = new LiveConnection({
    baseUrl,
    platform,
    onSessionEnded,
    model: connection,
    check: sessionCheck(call),
  });
  const frames = new FrameQueue(platform);
  const { request, subscribe } = liveCaller({
    transport: live.transport,
    isOpen: live.model.isOpen,
    frames,
    onUnauthenticated: () => void live.doubtSession(),
  });
  const caller: Caller = {
    request: (one) => needsHttp(one.path) ? call(one) : request(one),
    subscribe,
  };
  const stopWake = "document" in globalThis
    ? watchForWake({ window: globalThis.window, document, now: platform.now }, (reason) => live.wake(reason))
    : () => {};
  return {
    trpc: shapeCaller<Trpc>(withEarly(caller, earlyStart())),
    connection,
    connect: () => live.start(),
    disconnect: () => live.stop(),
    dispose: () => {
      live.stop();
      frames.dispose();
      stopWake();
    },
  };
}
