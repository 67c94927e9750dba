// Runs in Deno and Node, so it only uses the stock client's packages and what both platforms have.
import { strict as assert } from "node:assert";
import {
  createTRPCClient,
  createWSClient,
  httpBatchLink,
  httpSubscriptionLink,
  splitLink,
  TRPCClientError,
  wsLink,
} from "@trpc/client";
import type { TRPCClient } from "@trpc/client";
import type { AppRouter } from "../../server/router.ts";
import type { ErrorData } from "../../server/rpc/trpc.ts";
import type { RoomEvent, StreamControl } from "../../shared/event.ts";
import type { RoomId } from "../../shared/ids.ts";
import { checkHttpAnswer, SocketCheck, StreamCheck } from "../support/answer_check.ts";
import type { Report } from "../support/answer_check.ts";
import { CONTROL_EVENTS } from "../support/answer_schemas.ts";

/** A stock client of the server under test. */
export type Stock = TRPCClient<AppRouter>;

/** How a stock client connects and authenticates. */
export const KINDS = ["ws+token", "ws+cookie", "sse+token", "sse+cookie"] as const;
/** One of KINDS. */
export type Kind = typeof KINDS[number];

type EventSourceClass = new (url: string) => EventSource;
type Fetch = (input: RequestInfo | URL, init?: object) => Promise<Response>;

/** What differs between Deno and Node. */
export interface Runtime {
  /** A WebSocket class that sends headers with its upgrade. */
  readonly socketWith: (headers: Record<string, string>) => typeof WebSocket;
  /** An EventSource class whose requests go through `fetch`. */
  readonly eventSourceOver: (fetch: Fetch) => EventSourceClass;
  /** Resolves when closed sockets have left nothing behind. */
  readonly settled: () => Promise<void>;
}

/** One HTTP answer as received. */
export interface Exchange {
  readonly url: string;
  readonly status: number;
  readonly retryAfter: string | null;
  readonly body: string;
}

/** A person with an account, a cookie and a token. */
export class Party {
  readonly runtime: Runtime;
  readonly origin: string;
  /** All answers except event streams. */
  readonly exchanges: Exchange[] = [];
  cookie: string | null = null;
  token: string | null = null;
  readonly #closers: (() => unknown)[] = [];
  readonly #problems: string[] = [];
  readonly #report = (problem: string) => void this.#problems.push(problem);

  constructor(runtime: Runtime, origin: string) {
    this.runtime = runtime;
    this.origin = origin;
  }

  /** Over HTTP only, with the cookie by default; keeps the cookie that an answer sets. */
  http(show: "cookie" | "token" | "nothing" = "cookie"): Stock {
    return createTRPCClient<AppRouter>({
      links: [httpBatchLink({ url: `${this.origin}/trpc`, fetch: this.#fetch(show) })],
    });
  }

  /** Over this kind of transport, optionally through another port. */
  client(kind: Kind, port = Number(new URL(this.origin).port)): Stock {
    const [transport, show] = kind.split("+") as ["ws" | "sse", "cookie" | "token"];
    return transport === "ws" ? this.#webSocket(show, port) : this.#events(show, port);
  }

  /** Closes the WebSockets; fails if an answer was invalid. */
  async close(): Promise<void> {
    for (const close of this.#closers.splice(0)) await close();
    await this.runtime.settled();
    assert.deepEqual(this.#problems, []);
  }

  #webSocket(show: "cookie" | "token", port: number): Stock {
    const { token } = this;
    const client = createWSClient({
      url: `ws://127.0.0.1:${port}/trpc`,
      WebSocket: checkedSocket(
        this.runtime.socketWith(show === "cookie" ? this.#headers(show) : {}),
        this.#report,
      ),
      retryDelayMs: () => 50,
      ...(show === "token" && token !== null ? { connectionParams: { token } } : {}),
    });
    this.#closers.push(() => client.close());
    return createTRPCClient<AppRouter>({ links: [wsLink({ client })] });
  }

  #events(show: "cookie" | "token", port: number): Stock {
    const url = `http://127.0.0.1:${port}/trpc`;
    const fetch = this.#fetch(show);
    const EventSource = checkedEventSource(this.runtime.eventSourceOver(fetch), this.#report);
    return createTRPCClient<AppRouter>({
      links: [splitLink({
        condition: ({ type }) => type === "subscription",
        true: httpSubscriptionLink({ url, EventSource: EventSource as never }),
        false: httpBatchLink({ url, fetch }),
      })],
    });
  }

  #headers(show: "cookie" | "token" | "nothing"): Record<string, string> {
    if (show === "token") return this.token === null ? {} : { authorization: `Bearer ${this.token}` };
    if (show === "nothing" || this.cookie === null) return { origin: this.origin };
    return { origin: this.origin, cookie: this.cookie };
  }

  #fetch(show: "cookie" | "token" | "nothing"): Fetch {
    return async (input, init = {}) => {
      const headers = new Headers("headers" in init ? init.headers as HeadersInit : {});
      for (const [name, value] of Object.entries(this.#headers(show))) headers.set(name, value);
      const response = await fetch(input as string, { ...init, headers });
      for (const line of response.headers.getSetCookie()) {
        const pair = line.split(";", 1)[0] ?? "";
        this.cookie = pair.endsWith("=") ? null : pair;
      }
      if (response.headers.get("content-type")?.startsWith("text/event-stream")) return response;
      const { status } = response;
      const body = await response.clone().text();
      this.exchanges.push({
        url: String(input),
        status,
        retryAfter: response.headers.get("retry-after"),
        body,
      });
      if (response.headers.get("content-type")?.startsWith("application/json")) {
        checkHttpAnswer(String(input), body, this.#report);
      }
      return response;
    };
  }
}

function checkedSocket(Socket: typeof WebSocket, report: Report): typeof WebSocket {
  return class extends Socket {
    readonly #check = new SocketCheck(report);

    constructor(url: string | URL) {
      super(url);
      this.addEventListener("message", ({ data }) => this.#check.received(String(data)));
    }

    override send(data: Parameters<WebSocket["send"]>[0]): void {
      this.#check.sent(String(data));
      super.send(data);
    }
  };
}

function checkedEventSource(Source: EventSourceClass, report: Report): EventSourceClass {
  return class extends Source {
    constructor(url: string) {
      super(url);
      const check = new StreamCheck(url, report);
      for (const name of ["message", "serialized-error", ...Object.keys(CONTROL_EVENTS)]) {
        this.addEventListener(name, ({ type, data, lastEventId }) => {
          check.event({ event: type, id: type === "message" ? lastEventId : undefined, data });
        });
      }
    }
  };
}

/** What a room subscription has received so far. */
export class Received {
  readonly events: (RoomEvent | StreamControl)[] = [];
  readonly positions: string[] = [];
  readonly errors: unknown[] = [];
  readonly #subscription: { unsubscribe(): void };

  constructor(client: Stock, roomId: RoomId, lastEventId?: string) {
    const input = lastEventId === undefined ? { roomId } : { roomId, lastEventId };
    this.#subscription = client.messages.onEvent.subscribe(input, {
      onData: ({ id, data }) => {
        this.positions.push(id);
        this.events.push(data);
      },
      onError: (error) => this.errors.push(error),
    });
  }

  /** The events in short: a message's text, otherwise the type. */
  get texts(): string[] {
    return this.events.map((event) => "message" in event ? event.message.text : event.type);
  }

  /** Waits until this many events have arrived. */
  async until(count: number): Promise<void> {
    await until(() => {
      assert.deepEqual(this.errors.map(String), []);
      return this.events.length >= count;
    }, `${count} events, got ${JSON.stringify(this.texts)}`);
  }

  end(): void {
    this.#subscription.unsubscribe();
  }
}

/** Waits until the condition holds. */
export async function until(condition: () => boolean, what: string, timeoutMs = 8_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!condition()) {
    if (Date.now() > deadline) assert.fail(`Not within ${timeoutMs} ms: ${what || condition.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** All data of an error. */
export interface Failure {
  readonly message: string;
  readonly code: number;
  readonly data: ErrorData & { readonly code: string; readonly httpStatus: number; readonly path?: string };
}

/** Returns the error of a call, as the stock client understood it. */
export async function failureOf(call: Promise<unknown>): Promise<Failure> {
  const error = await call.then(() => assert.fail("The call succeeded"), (reason: unknown) => reason);
  return shapeOf(error);
}

/** Returns the error that ends a subscription. */
export function subscriptionFailure(
  client: Stock,
  input: { roomId: RoomId; lastEventId?: string },
): Promise<Failure> {
  return new Promise((resolve, reject) => {
    client.messages.onEvent.subscribe(input, {
      onData: () => reject(new Error("The subscription was accepted")),
      onError: (error) => resolve(shapeOf(error)),
    });
  });
}

function shapeOf(error: unknown): Failure {
  assert.ok(error instanceof TRPCClientError, `Not an error of the client: ${error}`);
  assert.ok(error.shape, `Not an answer of the server: ${error.message}`);
  const shape = error.shape as unknown as Failure;
  assertNoStack(JSON.stringify(shape));
  return shape;
}

/** Fails if a text reveals internals of the server. */
export function assertNoStack(text: string): void {
  assert.doesNotMatch(text, /"stack"|\\n\s+at |file:\/\/|node:internal|\.ts:\d|node_modules/);
}
