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
import { RequestStarts } from "./request_starts.ts";
import { RequestTurns } from "./request_turns.ts";
import { requireCanonicalTarget } from "./target.ts";

/** What answers requests. */
export interface RequestHandlers {
  /** Returns the address that asks, by which requests take turns. */
  readonly subjectOf: (request: IncomingMessage) => string;
  /** Decides whether a request is handled, before its body is read; throws the refusal. */
  readonly admit: (request: IncomingMessage) => Promise<void>;
  /** Handles an admitted request, with its body in `rawBody`. */
  readonly serve: (request: IncomingMessage, response: ServerResponse) => Promise<unknown>;
  readonly upgrade: (request: IncomingMessage, socket: Socket, head: Uint8Array) => void;
}

export interface HttpServerOptions {
  readonly log: Log;
  /** Limits the number of connections per address. */
  readonly share: ConnectionShare;
  /** Sockets without any traffic are closed after this time. */
  readonly silenceMs: number;
  /** Headers of every answer. */
  readonly headers: readonly (readonly [string, string])[];
  /** What answers a request that comes now. */
  readonly handlers: () => RequestHandlers;
}

/** How long the rest of a refused body is read, so that the client receives the answer … */
const LINGER_MS = 500;
/** … and how much of it. After that the socket is left to fill, which costs nothing. */
const LINGER_MAX_BYTES = 4 * HTTP_BODY_MAX_BYTES;

/** Creates the HTTP server with all its limits; it does not listen yet. */
export function createHttpServer(options: HttpServerOptions): Server {
  const { log, headers } = options;
  const server = createServer({
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    connectionsCheckingInterval: CONNECTIONS_CHECK_INTERVAL_MS,
    maxHeaderSize: HTTP_HEADER_MAX_BYTES,
    insecureHTTPParser: false,
    // Checked by us, so that the answer has our headers.
    requireHostHeader: false,
  });
  server.maxConnections = HTTP_CONNECTIONS_MAX_COUNT;
  const turns = new RequestTurns();
  const starts = new RequestStarts();
  server.on("connection", (socket: Socket) => {
    if (options.share.take(socket)) turns.open(socket);
    else socket.destroy();
  });
  // Closes connections nobody reads: a stuck answer, or a stream whose pings pile up. WebSockets have a rule of
  // their own.
  server.setTimeout(options.silenceMs, (socket) => socket.destroy());

  const answer = (request: IncomingMessage, response: ServerResponse, goAhead: () => void) => {
    for (const [name, value] of headers) response.setHeader(name, value);
    answerRequest(request, response, { ...options, starts, goAhead }).catch((error) => {
      const refusal = refusalOf(asRefusal(error, log), request.url ?? "");
      if (response.headersSent) return void response.destroy();
      response.writeHead(refusal.status, {
        ...refusal.headers,
        "Content-Length": Buffer.byteLength(refusal.body),
      });
      linger(request);
      response.end(request.method === "HEAD" ? undefined : refusal.body);
    });
  };
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    turns.take(request, response, () => answer(request, response, () => {}));
  });
  // A client that asks before sending its body gets the refusal instead of "100 Continue".
  server.on("checkContinue", (request: IncomingMessage, response: ServerResponse) => {
    turns.take(request, response, () => answer(request, response, () => response.writeContinue()));
  });
  // Otherwise `node:http` would answer by itself, without our headers.
  server.on("checkExpectation", (request: IncomingMessage, response: ServerResponse) => {
    turns.take(request, response, () => {
      for (const [name, value] of headers) response.setHeader(name, value);
      linger(request);
      response.writeHead(417, { "Content-Length": 0, "Connection": "close" }).end();
    });
  });
  server.on("upgrade", (request: IncomingMessage, socket: Socket, head: Uint8Array) => {
    // An HTTP answer that is still due would end up among the WebSocket frames.
    if (!turns.release(socket)) return void socket.destroy();
    log.guard(() => options.handlers().upgrade(request, socket, head));
  });
  server.on("clientError", (error: Error & { code?: string }, socket: Socket) => {
    if (!socket.writable || socket.bytesWritten > 0) return void socket.destroy();
    socket.end(rawAnswer(statusOf(error.code), headers), () => socket.destroy());
    // With `end` alone, the peer could keep the socket half open.
    const timer = setTimeout(() => socket.destroy(), LINGER_MS);
    socket.once("close", () => clearTimeout(timer));
  });
  return server;
}

async function answerRequest(
  request: IncomingMessage,
  response: ServerResponse,
  options: HttpServerOptions & { readonly starts: RequestStarts; readonly goAhead: () => void },
): Promise<void> {
  const turn = options.starts.turn(options.handlers().subjectOf(request));
  if (turn !== null) {
    await turn;
    if (request.socket.destroyed) return;
  }
  requireCanonicalTarget(request);
  if (countOf(request.rawHeaders, "host") !== 1) {
    throw new AppError("invalid_request", "A request must have one Host header");
  }
  const { admit, serve } = options.handlers();
  await admit(request);
  if (isTooLarge(request)) throw tooLarge();
  options.goAhead();
  const body = await readBody(request);
  await serve(Object.assign(request, { rawBody: body }), response);
}

function readBody(request: IncomingMessage): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const chunks: Buffer[] = [];
  let byteCount = 0;
  const onData = (chunk: Buffer) => {
    byteCount += chunk.length;
    if (byteCount <= HTTP_BODY_MAX_BYTES) return void chunks.push(chunk);
    // Without a Content-Length, the size is only known now.
    request.off("data", onData);
    reject(tooLarge());
  };
  request.on("data", onData);
  request.on("end", () => resolve(Buffer.concat(chunks)));
  // Disconnecting in the middle is not an error, and there is nobody left to answer.
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

/**
 * Closing with unread bytes would reset the connection before the answer arrives, so read on for a moment. Call it
 * before the answer ends: `node:http` reads all of a body that nobody else has begun to read.
 */
function linger(request: IncomingMessage): void {
  if (request.complete) return;
  let leftBytes = LINGER_MAX_BYTES;
  request.on("data", (chunk: Buffer) => {
    leftBytes -= chunk.length;
    if (leftBytes < 0) request.pause();
  });
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
