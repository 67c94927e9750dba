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

/** Options of `createApi`. */
export interface ApiOptions {
  /** Origin of the server, such as `location.origin`. */
  readonly baseUrl: string;
  readonly connection: ConnectionModel;
  /** The platform, `browserPlatform()`. */
  readonly platform: NetPlatform;
  /** The server has ended the session (4501, 4502, or nobody is signed in). */
  readonly onSessionEnded: (closeCode: number) => void;
}

/**
 * The API of the server. `auth.*` and `invites.preview` use HTTP at any time, everything else one live transport
 * after `connect()`. Subscriptions continue after reconnects and changes of transport.
 */
export interface Api extends Disposable {
  readonly trpc: Trpc;
  readonly connection: ConnectionModel;
  /** Must be called when a user is signed in. */
  connect(): void;
  /** Must be called at sign-out, before another user can sign in. */
  disconnect(): void;
}

/** Creates the API client; nothing is dialed before `connect`. */
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
    [Symbol.dispose]: () => {
      live.stop();
      frames[Symbol.dispose]();
      stopWake();
    },
  };
}
