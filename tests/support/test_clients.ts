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
/** The ways of the contract: all over WebSocket, calls over HTTP, or calls over HTTP and subscriptions over SSE. */
export type Transport = "ws" | "http" | "sse";

/** What only some devices have. */
export interface DeviceOptions {
  /** What browsers would name as the page's origin, when it is not where the server listens. */
  readonly pageOrigin?: string;
  /** A certificate that is trusted beside the usual ones. */
  readonly caCert?: string;
}

/** A browser or a program: an address of its own, and the cookie or the token that it shows. */
export class Device implements AsyncDisposable {
  /** Where the server listens. */
  readonly origin: string;
  readonly address: string;
  /** What browsers would name as the page's origin. */
  readonly pageOrigin: string;
  /** `sid=…` as the server set it; null when nobody is signed in. */
  cookie: string | null = null;
  /** Shown instead of the cookie. */
  token: string | null = null;
  readonly #caCert: string | undefined;
  readonly #http: Deno.HttpClient;
  readonly #closers: (() => void | Promise<void>)[] = [];
  /** Answers that held what no answer may hold; the end of the device fails with them. */
  readonly #problems: string[] = [];

  /** Nothing is dialled yet. */
  constructor(origin: string, address: string, options: DeviceOptions = {}) {
    this.origin = origin;
    this.address = address;
    this.pageOrigin = options.pageOrigin ?? origin;
    this.#caCert = options.caCert;
    const caCerts = options.caCert === undefined ? [] : [options.caCert];
    this.#http = Deno.createHttpClient({ localAddress: address, caCerts } as Deno.CreateHttpClientOptions);
  }

  /** `fetch` from this device's address, with its cookie or token, which keeps what the answer sets. */
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
    return await this.#checked(response);
  };

  /** What this device shows. Pages send their origin; programs have none. */
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

  /** Dials a plain WebSocket with what this device shows. */
  dial(url = `${this.origin.replace("http", "ws")}/trpc`): WebSocket {
    // A program of the stock kind shows its token in the connection parameters.
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

  /** An answer in JSON is read here, looked at, and handed on as it was; a stream is looked at as it is read. */
  async #checked(response: Response): Promise<Response> {
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
      return new Response(body.pipeThrough(looked), response);
    }
    if (!type.startsWith("application/json")) return response;
    const text = await response.text();
    checkHttpAnswer(url, text, report);
    return new Response(text, response);
  }
}

/** `new` on it dials through `dial`, since the stock client wants a class. */
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
