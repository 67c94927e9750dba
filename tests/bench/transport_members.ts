/** People in one room who use our own client over one transport, through a proxy that counts bytes. */
import { signal } from "@preact/signals";
// @ts-types="npm:@types/ws@8.18.2"
import { WebSocket as NodeWebSocket } from "ws";
import { createApi } from "../../client/net/api.ts";
import type { Api } from "../../client/net/api.ts";
import { ConnectionModel } from "../../client/net/connection_model.ts";
import type { TransportKind } from "../../client/net/connection_model.ts";
import type { NetPlatform } from "../../client/net/live_connection.ts";
import type { RoomId } from "../../shared/ids.ts";
import { eventSourceOver } from "../support/event_source.ts";
import { openNetworkProxy } from "../support/network_proxy.ts";
import type { NetworkProxy } from "../support/network_proxy.ts";
import { waitFor } from "../support/wait.ts";
import { delay, startTarget } from "./process.ts";
import type { Target } from "./process.ts";

/** One way of carrying the same chat. */
export interface Contender {
  readonly name: string;
  readonly kind: TransportKind;
  /** Without a share of the browser's connections a tab asks every 3 s and never waits, like a third visible tab. */
  readonly hasStreams: boolean;
}

/** All that are measured, the default first. */
export const CONTENDERS: readonly Contender[] = [
  { name: "WebSocket", kind: "websocket", hasStreams: true },
  { name: "SSE + HTTP", kind: "sse", hasStreams: true },
  { name: "Long polling", kind: "polling", hasStreams: true },
  { name: "Short polling, 3 s", kind: "polling", hasStreams: false },
];

/** A server with people in one room, all connected. */
export interface Members extends AsyncDisposable {
  readonly pid: number;
  readonly count: number;
  /** Bytes on the wire so far, both directions, of all members. */
  byteCount(): number;
  /** HTTP requests so far, of all members; pings on a WebSocket are frames, and count as bytes only. */
  requestCount(): number;
  /** Sends one message, and resolves with how long it took until each of the others saw it. */
  send(text: string): Promise<number[]>;
}

interface Person {
  readonly cookie: string;
  readonly address: string;
}

const READY_TIMEOUT_MS = 30_000;
/** Polls are spread over this time, as those of people are. */
const SPREAD_MS = 3_000;
/** What Chromium sends with each request, of which polling sends many. */
const BROWSER_HEADERS = {
  "accept": "*/*",
  "accept-encoding": "gzip, deflate, br, zstd",
  "accept-language": "en-US,en;q=0.9",
  "sec-ch-ua": '"Chromium";v="150", "Not/A)Brand";v="24"',
  "sec-ch-ua-mobile": "?0",
  "sec-ch-ua-platform": '"Linux"',
  "sec-fetch-dest": "empty",
  "sec-fetch-mode": "cors",
  "sec-fetch-site": "same-origin",
  "user-agent":
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36",
} as const;

/** Starts a server of its own for the contender, and connects `count` people. */
export async function openMembers(contender: Contender, count: number): Promise<Members> {
  await using opened = new AsyncDisposableStack();
  const target = opened.use(await startTarget("./targets/parley.ts", { args: [String(count)] }));
  const proxy = opened.use(await openNetworkProxy({ refusesUpgrades: contender.kind !== "websocket" }));
  proxy.serve(target.hello.port);
  const roomId = String(target.hello["roomId"]) as RoomId;
  const members = (target.hello["people"] as Person[]).map((person) =>
    opened.use(new Member(person, { contender, proxy, target }))
  );
  for (const member of members) {
    member.start(roomId);
    await delay(SPREAD_MS / count);
  }
  await waitFor(() => members.every(({ isReady }) => isReady), {
    timeoutMs: READY_TIMEOUT_MS,
    what: `everybody listens over ${contender.name}`,
  });
  const parts = opened.move();
  const [sender, ...others] = members;
  return {
    pid: target.pid,
    count,
    byteCount: () => proxy.byteCount,
    requestCount: () => members.reduce((sum, { requestCount }) => sum + requestCount, 0),
    async send(text) {
      const startedAt = performance.now();
      const seen = others.map((member) => member.sees(text));
      await sender?.send(roomId, text);
      return (await Promise.all(seen)).map((at) => at - startedAt);
    },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

class Member implements Disposable {
  requestCount = 0;
  isReady = false;
  readonly #api: Api;
  readonly #http: Deno.HttpClient;
  readonly #waiting = new Map<string, (at: number) => void>();

  constructor(
    { cookie, address }: Person,
    { contender, proxy, target }: {
      readonly contender: Contender;
      readonly proxy: NetworkProxy;
      readonly target: Target;
    },
  ) {
    const http = this.#http = Deno.createHttpClient(
      { localAddress: address } as Deno.CreateHttpClientOptions,
    );
    const headers = { ...BROWSER_HEADERS, cookie, origin: `http://127.0.0.1:${target.hello.port}` };
    const ask: typeof fetch = (input, init = {}) => {
      this.requestCount++;
      const all = { ...headers, ...Object.fromEntries(new Headers(init.headers)) };
      return fetch(input, { ...init, headers: all, client: http } as RequestInit);
    };
    const dial = (url: string) => {
      this.requestCount++;
      const socket = new NodeWebSocket(url, { localAddress: address, headers, perMessageDeflate: false });
      return socket as unknown as WebSocket;
    };
    this.#api = createApi({
      baseUrl: proxy.url,
      connection: new ConnectionModel(),
      onSessionEnded: () => {
        throw new Error("The session has ended");
      },
      platform: {
        dial,
        fetch: ask as NetPlatform["fetch"],
        EventSource: eventSourceOver(ask),
        locks: contender.hasStreams ? undefined : takenLocks,
        storage: {
          // The choice of an earlier page in the same tab.
          getItem: () => contender.kind === "websocket" ? null : `${contender.kind} ${Date.now()}`,
          setItem: () => {},
          removeItem: () => {},
        },
        isVisible: signal(true),
        isDeviceOnline: signal(true),
        isInputWaiting: () => false,
        onFrame: null,
        now: Date.now,
        random: Math.random,
      },
    });
  }

  /** Subscribes to the room and to the list of rooms, as every tab does. */
  start(roomId: RoomId): void {
    const { trpc } = this.#api;
    let hasRooms = false;
    let hasRoom = false;
    const look = () => void (this.isReady = hasRooms && hasRoom);
    trpc.rooms.onChange.subscribe(undefined, {
      onData: () => {
        hasRooms = true;
        look();
      },
    });
    trpc.messages.onEvent.subscribe({ roomId }, {
      onData: ({ data }) => {
        hasRoom = true;
        look();
        if (data.type !== "message_sent") return;
        this.#waiting.get(data.message.text)?.(performance.now());
        this.#waiting.delete(data.message.text);
      },
    });
    this.#api.connect();
  }

  /** Resolves with the time at which the text arrives. */
  sees(text: string): Promise<number> {
    return new Promise((resolve) => this.#waiting.set(text, resolve));
  }

  async send(roomId: RoomId, text: string): Promise<void> {
    await this.#api.trpc.messages.send.mutate({ roomId, clientMessageId: crypto.randomUUID(), text });
  }

  [Symbol.dispose](): void {
    this.#api[Symbol.dispose]();
    this.#http.close();
  }
}

/** As if two other tabs had all streams. */
const takenLocks = {
  request: (_name: string, _how: LockOptions, take: (lock: Lock | null) => unknown) =>
    Promise.resolve(take(null)),
} as unknown as LockManager;
