import type { IncomingMessage, ServerResponse } from "node:http";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { TRPCError } from "@trpc/server";
import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { AppError } from "../../shared/errors.ts";
import {
  HTTP_BATCH_MAX_COUNT,
  HTTP_RATE_ACCOUNT,
  HTTP_RATE_ADDRESS,
  STREAM_RETRY_MS,
  WORK_WAIT_MAX_MS,
} from "../../shared/limits.ts";
import type { Context } from "../rpc/context.ts";
import type { AppRouter } from "../router.ts";
import type { Services } from "../services.ts";
import { accountIdOf } from "./account_id.ts";
import { limitSubject } from "./address.ts";
import type { Login } from "./connection.ts";
import { sessionCookie } from "./credentials.ts";
import { eventStreamHeaders } from "./event_stream.ts";
import type { Heartbeat } from "./heartbeat.ts";
import { HttpLane } from "./http_lane.ts";
import { asRefusal, logProcedureError } from "./procedure_errors.ts";
import { rateLimited } from "./rate_limit.ts";
import { draining, refusalOf, retryAfterSeconds } from "./refusal.ts";
import { encodeSse } from "./sse.ts";

/** One admitted HTTP request. */
export interface Visit {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** The remote address, or the one that a trusted proxy reports. */
  readonly address: string;
  readonly untrustedProxy: string | null;
  readonly login: Login | null;
}

export interface TrpcHttpOptions {
  readonly services: Services;
  readonly router: AppRouter;
  readonly isHttps: boolean;
  readonly heartbeat: Heartbeat;
  readonly isDraining: () => boolean;
}

/** Retry delay for accounts whose batches take too long. */
const BATCHES_RETRY_AFTER_MS = 1_000;
const ENDPOINT = "/trpc";
const PATH_PATTERN = /^\/trpc\/[^/]+$/;
/** May also be called with POST, to keep the code out of URLs; not in a batch. */
const SECRET_QUERY = "invites.preview";

/** Answers queries, mutations and SSE subscriptions. */
export async function answerTrpc(
  request: Request,
  visit: Visit,
  options: TrpcHttpOptions,
): Promise<Response> {
  try {
    return await answer(request, visit, options);
  } catch (error) {
    const refusal = refusalOf(asRefusal(error, options.services.log));
    return new Response(refusal.body, { status: refusal.status, headers: refusal.headers });
  }
}

async function answer(request: Request, visit: Visit, options: TrpcHttpOptions): Promise<Response> {
  const { services, router, isHttps } = options;
  const url = new URL(request.url);
  checkCall(request, url);
  const isStream = isSubscription(url, router);
  if (isStream && options.isDraining()) throw draining();
  const { response, login } = visit;
  const callCount = countCalls(url);
  const subject = limitSubject(visit.address);
  const accountId = accountIdOf(login, subject);
  // The first one was counted when the request was admitted.
  for (let extra = 1; extra < callCount; extra++) {
    if (login === null) services.limits.take("http", subject, HTTP_RATE_ADDRESS);
    else services.limits.take("http", accountId, HTTP_RATE_ACCOUNT);
  }
  const lane = new HttpLane(services.work, {
    accountId,
    isBatch: callCount > 1,
    isStream,
    response,
  });
  const aborter = new AbortController();
  const ended = Promise.withResolvers<never>();
  // An end before or after the race below would count as an unhandled rejection.
  ended.promise.catch(() => {});
  const end = () => {
    // The mutation itself may have ended the session, and is still owed its answer.
    if (request.method === "POST") return;
    if (response.headersSent) response.destroy();
    else ended.reject(new AppError("unauthenticated", "The session has ended, sign in again"));
    aborter.abort();
  };
  const release = services.connections.open({ login, subject, isStream, end });
  const unwatch = login === null ? () => {} : options.heartbeat.watch(async () => {
    const holdsForMs = await services.accounts.holdsForMs(login);
    if (holdsForMs === 0) end();
    return holdsForMs;
  });
  response.once("close", () => {
    unwatch();
    release();
    if (!response.writableFinished) aborter.abort();
  });
  const req = await requestFor(request, aborter.signal);
  const handle = () =>
    fetchRequestHandler({
      endpoint: ENDPOINT,
      router,
      req,
      allowMethodOverride: decodePath(url) === SECRET_QUERY,
      createContext: ({ resHeaders }): Context => ({
        services,
        login,
        address: visit.address,
        untrustedProxy: visit.untrustedProxy,
        userAgent: request.headers.get("user-agent") ?? "",
        gone: aborter.signal,
        connection: null,
        cookie: sessionCookie(resHeaders, isHttps),
        lane,
      }),
      responseMeta: ({ errors }) => {
        const retryAfterMs = longestWait(errors);
        return retryAfterMs === 0
          ? {}
          : { headers: new Headers({ "Retry-After": retryAfterSeconds(retryAfterMs) }) };
      },
      onError: ({ error, path }) => logProcedureError(services.log, error, path),
    });
  const queuedAt = performance.now();
  const build = async () => {
    if (performance.now() - queuedAt > WORK_WAIT_MAX_MS) throw rateLimited(BATCHES_RETRY_AFTER_MS);
    const answered = await lane.runFor(handle);
    return { answered, body: isEventStream(answered) ? null : new Uint8Array(await answered.arrayBuffer()) };
  };
  const built = callCount > 1 && login !== null
    ? services.httpBatches.run(accountId, build, aborter.signal)
    : build();
  const { answered, body } = await Promise.race([built, ended.promise]);
  if (body === null) return streamOf(answered, { request: visit.request, lane });
  lane.answered(body.length);
  send(response, answered, body);
  return RESPONSE_ALREADY_SENT;
}

/** Sends a complete answer without the copies that the body of a `Response` would be. */
function send(response: ServerResponse, { status, headers }: Response, body: Uint8Array): void {
  for (const [name, value] of headers) {
    if (name === "set-cookie") response.appendHeader(name, value);
    else response.setHeader(name, value);
  }
  response.setHeader("Content-Length", body.length);
  response.writeHead(status);
  response.end(body);
}

/** tRPC uses the request's signal; ours also aborts when the session ends. */
async function requestFor(request: Request, signal: AbortSignal): Promise<Request> {
  return new Request(request.url, {
    method: request.method,
    headers: [...request.headers],
    signal,
    ...(request.method === "POST" ? { body: await request.arrayBuffer() } : {}),
  });
}

/** Refuses what tRPC would refuse with a less exact code, or not at all. */
function checkCall(request: Request, url: URL): void {
  if (!["GET", "HEAD", "POST"].includes(request.method)) {
    throw new TRPCError({ code: "METHOD_NOT_SUPPORTED" });
  }
  if (request.method === "POST") {
    const type = request.headers.get("content-type")?.split(";", 1)[0]?.trim().toLowerCase();
    if (type !== "application/json") {
      throw new TRPCError({ code: "UNSUPPORTED_MEDIA_TYPE" });
    }
  }
  // tRPC strips slashes at the ends of a path, so such a subscription would pass as a query and not be counted.
  if (!PATH_PATTERN.test(url.pathname)) throw new AppError("not_found", "Procedure does not exist");
  const count = countCalls(url);
  if (count > HTTP_BATCH_MAX_COUNT) {
    throw new AppError(
      "too_large",
      `A batch may have at most ${HTTP_BATCH_MAX_COUNT} requests, got ${count}`,
    );
  }
}

function countCalls(url: URL): number {
  return url.searchParams.get("batch") === "1" ? decodePath(url).split(",").length : 1;
}

function isSubscription(url: URL, router: AppRouter): boolean {
  // At run time they are keyed by their full names, whatever the type says.
  const procedures = router._def.procedures as unknown as Record<
    string,
    { _def: { type: string } } | undefined
  >;
  const path = decodePath(url);
  return Object.hasOwn(procedures, path) && procedures[path]?._def.type === "subscription";
}

function decodePath(url: URL): string {
  try {
    return decodeURIComponent(url.pathname.slice(ENDPOINT.length + 1));
  } catch {
    throw new AppError("invalid_request", "The path is not correctly URL-encoded");
  }
}

function longestWait(errors: readonly TRPCError[]): number {
  const waits = errors.map(({ cause }) => cause instanceof AppError ? cause.retryAfterMs ?? 0 : 0);
  return Math.max(0, ...waits);
}

function isEventStream(response: Response): boolean {
  return response.headers.get("content-type")?.startsWith("text/event-stream") ?? false;
}

/** Passes a stream on so that proxies hold nothing back, and EventSource reconnects sooner than after its default 3 s. */
function streamOf(
  response: Response,
  { request, lane }: { readonly request: IncomingMessage; readonly lane: HttpLane },
): Response {
  const { body } = response;
  if (body === null) return response;
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(eventStreamHeaders(request))) headers.set(name, value);
  const reader = body.getReader();
  let isStarted = false;
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (!isStarted) {
        isStarted = true;
        controller.enqueue(encodeSse({ retryMs: STREAM_RETRY_MS }));
        return;
      }
      // A pull means that the previous chunk was taken.
      lane.taken();
      // Reading for the stream counts for the account of the reader.
      const chunk = await lane.runFor(() => reader.read());
      if (chunk.done) return void controller.close();
      lane.streamed(chunk.value.length);
      controller.enqueue(chunk.value);
    },
    cancel: (reason) => reader.cancel(reason),
  });
  return new Response(stream, { status: response.status, headers });
}
