import { signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import { createTRPCClient, httpBatchLink, httpLink, splitLink } from "@trpc/client";
import type { Operation, TRPCClient } from "@trpc/client";
import type { AppRouter } from "../../server/router.ts";
import { HTTP_BATCH_MAX_COUNT } from "../../shared/limits.ts";
import type { ConnectionModel } from "./connection_model.ts";
import type { Fetch } from "./lane.ts";
import { LiveConnection } from "./live_connection.ts";
import type { NetPlatform } from "./live_connection.ts";
import { liveLink } from "./live_link.ts";
import { sessionCheck } from "./session_check.ts";
import { watchForWake } from "./wake_probe.ts";

/** The typed procedures: `api.trpc.rooms.list.query()`. */
export type Trpc = TRPCClient<AppRouter>;

/** What `createApi` needs. */
export interface ApiOptions {
  /** Origin of the server, such as `location.origin`. */
  readonly baseUrl: string;
  /** The server ended the session (4501, 4502, or nobody is signed in any more). */
  readonly onSessionEnded: (closeCode: number) => void;
  /** What to use instead of the browser's own parts. */
  readonly platform?: Partial<NetPlatform>;
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
export function createApi({ baseUrl, onSessionEnded, platform: given = {} }: ApiOptions): Api {
  const follow = followBrowser();
  const platform: NetPlatform = { ...browserPlatform(follow), ...given };
  const url = `${baseUrl}/trpc`;
  const live = new LiveConnection({
    baseUrl,
    platform,
    onSessionEnded,
    check: sessionCheck(url, platform.fetch),
  });
  const trpc = createTRPCClient<AppRouter>({
    links: [
      splitLink({
        condition: needsHttp,
        true: splitLink({
          condition: hasSecret,
          true: httpLink({ url, fetch: platform.fetch, methodOverride: "POST" }),
          false: httpBatchLink({ url, fetch: platform.fetch, maxItems: HTTP_BATCH_MAX_COUNT }),
        }),
        false: liveLink({
          lane: live.lane,
          isOpen: live.model.isOpen,
          onUnauthenticated: () => void live.doubtSession(),
        }),
      }),
    ],
  });
  const stopWake = "document" in globalThis
    ? watchForWake({ window: globalThis.window, document, now: platform.now }, (reason) => live.wake(reason))
    : () => {};
  return {
    trpc,
    connection: live.model,
    connect: () => live.start(),
    disconnect: () => live.stop(),
    dispose: () => {
      live.stop();
      stopWake();
      follow.stop();
    },
  };
}

/** What sets the cookie or is for people who are not signed in has no live connection to go over. */
function needsHttp(op: Operation): boolean {
  return op.path.startsWith("auth.") || hasSecret(op);
}

/** An invite code stands in no address but behind the `#`: addresses are written into the logs of proxies. */
function hasSecret(op: Operation): boolean {
  return op.path === "invites.preview";
}

interface FollowedBrowser {
  readonly isVisible: ReadonlySignal<boolean>;
  readonly isDeviceOnline: ReadonlySignal<boolean>;
  readonly stop: () => void;
}

function followBrowser(): FollowedBrowser {
  const isVisible = signal(true);
  const isDeviceOnline = signal(true);
  if (!("document" in globalThis)) return { isVisible, isDeviceOnline, stop: () => {} };
  const look = () => {
    isVisible.value = document.visibilityState === "visible";
    isDeviceOnline.value = navigator.onLine;
  };
  look();
  const abort = new AbortController();
  document.addEventListener("visibilitychange", look, { signal: abort.signal });
  globalThis.addEventListener("online", look, { signal: abort.signal });
  globalThis.addEventListener("offline", look, { signal: abort.signal });
  return { isVisible, isDeviceOnline, stop: () => abort.abort() };
}

function browserPlatform({ isVisible, isDeviceOnline }: FollowedBrowser): NetPlatform {
  return {
    WebSocket: globalThis.WebSocket,
    EventSource: globalThis.EventSource,
    fetch: ((input, init) => globalThis.fetch(input as RequestInfo, init as RequestInit)) as Fetch,
    locks: globalThis.navigator?.locks,
    storage: tabStorage(),
    isVisible,
    isDeviceOnline,
    now: Date.now,
    random: Math.random,
  };
}

function tabStorage(): Storage | null {
  try {
    return globalThis.sessionStorage;
  } catch {
    return null;
  }
}
