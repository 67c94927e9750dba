import { Buffer } from "node:buffer";
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { AppError } from "../../shared/errors.ts";
import {
  CONNECTIONS_CHECK_INTERVAL_MS,
  HEADERS_TIMEOUT_MS,
  HTTP_BODY_MAX_BYTES,
  HTTP_CONNECTIONS_MAX_COUNT,
  HTTP_HEADER_MAX_BYTES,
  KEEP_ALIVE_TIMEOUT_MS,
  REQUEST_TIMEOUT_MS,
} from "../../shared/limits.ts";
import type { Log } from "../log.ts";
import type { ConnectionShare } from "./connection_share.ts";
import { asRefusal } from "./procedure_errors.ts";
import { rawAnswer, refusalOf } from "./refusal.ts";
import { RequestTurns } from "./request_turns.ts";
import { requireCanonicalTarget } from "./target.ts";

/** What the server is made of. */
export interface HttpServerOptions {
  readonly log: Log;
  /** What each address may take of the connections. */
  readonly share: ConnectionShare;
  /** After how long a socket on which nothing moves is freed. */
  readonly silenceMs: number;
  /** Headers of every answer. */
  readonly headers: readonly (readonly [string, string])[];
  /** Decides before the body is read whether the request is served; throws the refusal. */
  readonly admit: (request: IncomingMessage) => Promise<void>;
  /** Serves an admitted request; its body stands in `rawBody`. */
  readonly serve: (request: IncomingMessage, response: ServerResponse) => Promise<unknown>;
  readonly upgrade: (request: IncomingMessage, socket: Socket, head: Uint8Array) => void;
}

/** How long what is still on its way of a refused body is read, so that the client gets to see the answer. */
const LINGER_MS = 500;

/** Makes the HTTP server with all its limits; it does not listen yet. */
export function createHttpServer(options: HttpServerOptions): Server {
  const { log, headers } = options;
  const server = createServer({
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    connectionsCheckingInterval: CONNECTIONS_CHECK_INTERVAL_MS,
    maxHeaderSize: HTTP_HEADER_MAX_BYTES,
    insecureHTTPParser: false,
    // Checked here, so that the answer has our headers.
    requireHostHeader: false,
  });
  server.maxConnections = HTTP_CONNECTIONS_MAX_COUNT;
  const turns = new RequestTurns();
  server.on("connection", (socket: Socket) => {
    if (options.share.take(socket)) turns.open(socket);
    else socket.destroy();
  });
  // Frees what nobody reads: an answer that is stuck, or a stream whose pings pile up. WebSockets have their own rule.
  server.setTimeout(options.silenceMs, (socket) => socket.destroy());

  const answer = (request: IncomingMessage, response: ServerResponse, goAhead: () => void) => {
    for (const [name, value] of headers) response.setHeader(name, value);
    answerRequest(request, response, { ...options, goAhead }).catch((error) => {
      const refusal = refusalOf(asRefusal(error, log));
      if (response.headersSent) return void response.destroy();
      response.writeHead(refusal.status, {
        ...refusal.headers,
        "Content-Length": Buffer.byteLength(refusal.body),
      });
      response.end(request.method === "HEAD" ? undefined : refusal.body);
      linger(request);
    });
  };
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    turns.take(request, response, () => answer(request, response, () => {}));
  });
  // Who asks first whether it may send a body gets the refusal instead of a go-ahead.
  server.on("checkContinue", (request: IncomingMessage, response: ServerResponse) => {
    turns.take(request, response, () => answer(request, response, () => response.writeContinue()));
  });
  // Answered by `node:http` itself otherwise, without our headers.
  server.on("checkExpectation", (request: IncomingMessage, response: ServerResponse) => {
    turns.take(request, response, () => {
      for (const [name, value] of headers) response.setHeader(name, value);
      response.writeHead(417, { "Content-Length": 0, "Connection": "close" }).end();
      linger(request);
    });
  });
  server.on("upgrade", (request: IncomingMessage, socket: Socket, head: Uint8Array) => {
    // The answer that is still to come would stand among the frames.
    if (!turns.release(socket)) return void socket.destroy();
    log.guard(() => options.upgrade(request, socket, head));
  });
  server.on("clientError", (error: Error & { code?: string }, socket: Socket) => {
    if (!socket.writable || socket.bytesWritten > 0) return void socket.destroy();
    socket.end(rawAnswer(statusOf(error.code), headers), () => socket.destroy());
    // `end` alone leaves a socket half open for as long as the peer likes.
    const timer = setTimeout(() => socket.destroy(), LINGER_MS);
    socket.once("close", () => clearTimeout(timer));
  });
  return server;
}

async function answerRequest(
  request: IncomingMessage,
  response: ServerResponse,
  options: HttpServerOptions & { readonly goAhead: () => void },
): Promise<void> {
  requireCanonicalTarget(request);
  if (countOf(request.rawHeaders, "host") !== 1) {
    throw new AppError("invalid_request", "A request must have one Host header");
  }
  await options.admit(request);
  if (isTooLarge(request)) throw tooLarge();
  options.goAhead();
  const body = await readBody(request);
  await options.serve(Object.assign(request, { rawBody: body }), response);
}

function readBody(request: IncomingMessage): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const chunks: Buffer[] = [];
  let byteCount = 0;
  const onData = (chunk: Buffer) => {
    byteCount += chunk.length;
    if (byteCount <= HTTP_BODY_MAX_BYTES) return void chunks.push(chunk);
    // Without a Content-Length, the size shows only now.
    request.off("data", onData);
    reject(tooLarge());
  };
  request.on("data", onData);
  request.on("end", () => resolve(Buffer.concat(chunks)));
  // Whoever goes away in the middle has done nothing wrong, and there is nobody left to answer.
  const isCut = () => reject(new AppError("invalid_request", "The request was incomplete"));
  request.on("error", isCut);
  request.on("close", isCut);
  return promise;
}

function isTooLarge(request: IncomingMessage): boolean {
  return Number(request.headers["content-length"] ?? 0) > HTTP_BODY_MAX_BYTES;
}

function tooLarge(): AppError {
  return new AppError("too_large", `A request body may have at most ${HTTP_BODY_MAX_BYTES} bytes`);
}

/** Closing with unread bytes would reset the connection, and the answer with it: read on for a moment. */
function linger(request: IncomingMessage): void {
  if (request.complete) return;
  request.resume();
  const timer = setTimeout(() => request.socket.destroy(), LINGER_MS);
  request.once("end", () => clearTimeout(timer));
  request.socket.once("close", () => clearTimeout(timer));
}

function statusOf(parseErrorCode: string | undefined): number {
  switch (parseErrorCode) {
    case "HPE_HEADER_OVERFLOW":
      return 431;
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return 408;
    default:
      return 400;
  }
}

function countOf(rawHeaders: readonly string[], name: string): number {
  return rawHeaders.filter((text, index) => index % 2 === 0 && text.toLowerCase() === name).length;
}
