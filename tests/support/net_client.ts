import { signal } from "@preact/signals";
import { createApi } from "../../client/net/api.ts";
import type { Api } from "../../client/net/api.ts";
import { ConnectionModel } from "../../client/net/connection_model.ts";
import type { NetPlatform } from "../../client/net/live_connection.ts";
import { eventSourceOver } from "./event_source.ts";
import type { Device } from "./test_clients.ts";

export interface NetClientOptions {
  /** Called when a connection attempt begins. */
  readonly onDial?: () => void;
  /** Receives each socket before anything is sent on it. */
  readonly onSocket?: (socket: WebSocket) => void;
  /** Connects to this port instead of the server's. */
  readonly dialPort?: number;
  readonly platform?: Partial<NetPlatform>;
  readonly onSessionEnded?: (closeCode: number) => void;
}

/**
 * Our own client's connection to the server, without a browser: its dials, waits and probes, from a device's
 * address.
 */
export function netClient(device: Device, options: NetClientOptions = {}): Api {
  const { onDial = () => {}, onSocket = () => {}, dialPort, platform = {}, onSessionEnded = () => {} } =
    options;
  const url = new URL("/trpc", device.origin.replace("http", "ws"));
  if (dialPort !== undefined) url.port = String(dialPort);
  const isDeviceOnline = platform.isDeviceOnline ?? signal(true);
  const { now = Date.now } = platform;
  return createApi({
    baseUrl: device.origin,
    connection: new ConnectionModel({ now, isDeviceOnline }),
    onSessionEnded,
    platform: {
      dial: () => {
        onDial();
        const socket = device.dial(url.href) as unknown as WebSocket;
        onSocket(socket);
        return socket;
      },
      EventSource: eventSourceOver(device.fetch) as unknown as typeof EventSource,
      fetch: ((input: RequestInfo | URL, init?: RequestInit) =>
        device.fetch(input, init)) as NetPlatform["fetch"],
      locks: undefined,
      storage: null,
      isVisible: signal(true),
      isDeviceOnline,
      isInputWaiting: () => false,
      onFrame: null,
      now,
      random: Math.random,
      ...platform,
    },
  });
}
