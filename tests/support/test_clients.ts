import {
  createTRPCClient,
  createWSClient,
  httpBatchLink,
  httpLink,
  httpSubscriptionLink,
  splitLink,
  wsLink,
} from "@trpc/client";
import type { TRPCClient, WebSocketClientOptions } from "@trpc/client";
// @ts-types="npm:@types/ws@8.18.2"
import { WebSocket } from "ws";
import type { AppRouter } from "../../server/router.ts";
import { checkHttpAnswer, SocketCheck, StreamCheck } from "./answer_check.ts";
import { eventSourceOver } from "./event_source.ts";

/** A stock tRPC client. */
export type Client = TRPCClient<AppRouter>;
/**
 * The transports of the contract: everything over WebSocket, calls over HTTP, or calls over HTTP and subscriptions
 * over SSE.
 */
export type Transport = "ws" | "http" | "sse";

export interface DeviceOptions {
  /** The page origin that browsers would send, if it differs from the server's. */
  readonly pageOrigin?: string;
  /** An additional trusted certificate. */
  readonly caCert?: string;
}

/** A browser or program with its own address and its own cookie or token. */
export class Device implements AsyncDisposable {
  /** Where the server listens. */
  readonly origin: string;
  readonly address: string;
  /** The page origin that browsers would send. */
  readonly pageOrigin: string;
  /** `sid=…` as set by the server; null if nobody is signed in. */
  cookie: string | null = null;
  /** Sent instead of the cookie. */
  token: string | null = null;
  readonly #caCert: string | undefined;
  readonly #http: Deno.HttpClient;
  readonly #closers: (() => void | Promise<void>)[] = [];
  /** Invalid answers; disposing the device fails with them. */
  readonly #problems: string[] = [];

  constructor(origin: string, address: string, options: DeviceOptions = {}) {
    this.origin = origin;
    this.address = address;
    this.pageOrigin = options.pageOrigin ?? origin;
    this.#caCert = options.caCert;
    const caCerts = options.caCert === undefined ? [] : [options.caCert];
    this.#http = Deno.createHttpClient({ localAddress: address, caCerts } as Deno.CreateHttpClientOptions);
  }

  /** `fetch` from this device's address with its cookie or token; keeps the cookies that answers set. */
  readonly fetch = async (input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> => {
    const headers = new Headers(init.headers);
    for (const [name, value] of Object.entries(this.headers())) {
      if (!headers.has(name)) headers.set(name, value);
    }
    const url = input instanceof Request ? input.url : new URL(input, this.origin);
    const response = await fetch(url, { ...init, headers, client: this.#http } as RequestInit);
    for (const line of response.headers.getSetCookie()) {
      const pair = line.split(";", 1)[0] ?? "";
      this.cookie = pair.endsWith("=") ? null : pair;
    }
    return await this.#checked(response, init.signal ?? undefined);
  };

  /** The credentials of this device. Pages send their origin; programs do not. */
  headers(): Record<string, string> {
    if (this.token !== null) return { authorization: `Bearer ${this.token}` };
    return { origin: this.pageOrigin, ...(this.cookie === null ? {} : { cookie: this.cookie }) };
  }

  /** A stock client over one transport, closed with the device. */
  client(transport: Transport): Client {
    const url = `${this.origin}/trpc`;
    if (transport === "ws") return createTRPCClient({ links: [wsLink({ client: this.wsClient() })] });
    const fetch = (input: RequestInfo | URL | string, init?: unknown) =>
      this.fetch(input, init as RequestInit);
    if (transport === "http") return createTRPCClient({ links: [httpLink({ url, fetch })] });
    const EventSource = eventSourceOver(this.fetch);
    return createTRPCClient({
      links: [splitLink({
        condition: ({ type }) => type === "subscription",
        true: httpSubscriptionLink({ url, EventSource }),
        false: httpBatchLink({ url, fetch }),
      })],
    });
  }

  /** The stock WebSocket client, for tests of its connection. */
  wsClient(options: Partial<WebSocketClientOptions> = {}): ReturnType<typeof createWSClient> {
    const { token } = this;
    const dial = (url: string) => this.dial(url);
    const client = createWSClient({
      url: `${this.origin.replace("http", "ws")}/trpc`,
      WebSocket: socketClass(dial),
      retryDelayMs: () => 20,
      ...(token === null ? {} : { connectionParams: { token } }),
      ...options,
    });
    this.#closers.push(() => client.close());
    return client;
  }

  /** Opens a plain WebSocket with the credentials of this device. */
  dial(url = `${this.origin.replace("http", "ws")}/trpc`): WebSocket {
    // Stock programs send their token in the connection parameters.
    const headers = this.token === null ? this.headers() : {};
    const socket = new WebSocket(url, {
      localAddress: this.address,
      headers,
      perMessageDeflate: false,
      ...(this.#caCert === undefined ? {} : { ca: this.#caCert }),
    });
    socket.on("error", () => {});
    const check = new SocketCheck((problem) => this.#problems.push(problem));
    const send = socket.send;
    socket.send = (...args: unknown[]) => {
      check.sent(String(args[0]));
      Reflect.apply(send, socket, args);
    };
    socket.on("message", (data) => check.received(String(data)));
    this.#closers.push(() => socket.terminate());
    return socket;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const close of this.#closers.reverse()) await close();
    this.#http.close();
    if (this.#problems.length > 0) throw new Error(this.#problems.join("\n"));
  }

  /** A JSON answer is read, checked and passed on unchanged; a stream is checked while it is read. */
  async #checked(response: Response, signal: AbortSignal | undefined): Promise<Response> {
    const { body, url } = response;
    const type = response.headers.get("content-type") ?? "";
    const report = (problem: string) => void this.#problems.push(problem);
    if (body === null || !new URL(url).pathname.startsWith("/trpc/")) return response;
    if (type.startsWith("text/event-stream")) {
      const check = new StreamCheck(url, report);
      const decoder = new TextDecoder();
      const looked = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
        transform(chunk, controller) {
          check.received(decoder.decode(chunk, { stream: true }));
          controller.enqueue(chunk);
        },
      });
      // Without the signal, a body that is aborted between two reads stays open.
      return new Response(body.pipeThrough(looked, signal === undefined ? {} : { signal }), response);
    }
    if (!type.startsWith("application/json")) return response;
    const text = await response.text();
    checkHttpAnswer(url, text, report);
    return new Response(text, response);
  }
}

/** A class whose constructor calls `dial`, because the stock client needs a class. */
function socketClass(dial: (url: string) => WebSocket): typeof globalThis.WebSocket {
  const construct = function (url: string | URL) {
    return dial(String(url));
  };
  return Object.assign(construct, {
    CONNECTING: 0,
    OPEN: 1,
    CLOSING: 2,
    CLOSED: 3,
  }) as unknown as typeof globalThis.WebSocket;
}
