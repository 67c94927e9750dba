import { signal } from "@preact/signals";
import { createApi } from "../../client/net/api.ts";
import type { Api } from "../../client/net/api.ts";
import type { NetPlatform } from "../../client/net/live_connection.ts";
import { eventSourceOver } from "./event_source.ts";
import type { Device } from "./test_clients.ts";

/** Where a dial goes, and what is told of it. */
export interface NetClientOptions {
  /** Told as each dial begins. */
  readonly onDial?: () => void;
  /** Dials this port of the machine instead of the server's. */
  readonly dialPort?: number;
  readonly platform?: Partial<NetPlatform>;
  readonly onSessionEnded?: (closeCode: number) => void;
}

/** The way to the server of our own client, without a browser: its dials, waits and probes on a device's address. */
export function netClient(device: Device, options: NetClientOptions = {}): Api & Disposable {
  const { onDial = () => {}, dialPort, platform = {}, onSessionEnded = () => {} } = options;
  const url = new URL("/trpc", device.origin.replace("http", "ws"));
  if (dialPort !== undefined) url.port = String(dialPort);
  const WebSocket = Object.assign(
    function () {
      onDial();
      return device.dial(url.href);
    },
    { CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 },
  ) as unknown as typeof globalThis.WebSocket;
  const api = createApi({
    baseUrl: device.origin,
    onSessionEnded,
    platform: {
      WebSocket,
      EventSource: eventSourceOver(device.fetch) as unknown as typeof EventSource,
      fetch: ((input: RequestInfo | URL, init?: RequestInit) =>
        device.fetch(input, init)) as NetPlatform["fetch"],
      locks: undefined,
      storage: null,
      isVisible: signal(true),
      isDeviceOnline: signal(true),
      ...platform,
    },
  });
  return Object.assign(api, { [Symbol.dispose]: () => api.dispose() });
}
