import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { getWSConnectionHandler } from "@trpc/server/adapters/ws";
// @ts-types="npm:@types/ws@8.18.2"
import { WebSocketServer } from "ws";
// @ts-types="npm:@types/ws@8.18.2"
import type { WebSocket } from "ws";
import { AppError, CLOSE_CODES } from "../../shared/errors.ts";
import { DIAL_RATE, FRAME_MAX_BYTES, FRAME_MAX_FRAGMENT_COUNT } from "../../shared/limits.ts";
import type { Context } from "../rpc/context.ts";
import type { AppRouter } from "../router.ts";
import type { Services } from "../services.ts";
import { limitSubject } from "./address.ts";
import type { Admission } from "./admission.ts";
import type { Login } from "./connection.ts";
import { readCredential } from "./credentials.ts";
import type { Heartbeat } from "./heartbeat.ts";
import { asRefusal, logProcedureError } from "./procedure_errors.ts";
import { rawAnswer, refusalOf } from "./refusal.ts";
import { requireCanonicalTarget } from "./target.ts";
import { WsConnection } from "./ws_connection.ts";

export interface UpgradeOptions {
  readonly services: Services;
  readonly router: AppRouter;
  readonly isHttps: boolean;
  readonly headers: readonly (readonly [string, string])[];
  readonly admission: Admission;
  readonly heartbeat: Heartbeat;
  /** Why no connection may be opened now; null if it may. */
  readonly findRefusal: () => AppError | null;
  readonly loginDeadlineMs: number;
}

/** How long a peer may take to answer a close before its socket is destroyed. */
const CLOSE_ANSWER_MS = 2_000;
/** How soon to check again a connection that has not signed in. */
const UNKNOWN_RECHECK_MS = 1_000;
// The nonce of RFC 6455 §4.1: 16 bytes in base64.
const KEY_PATTERN = /^[+/0-9A-Za-z]{22}==$/;

/** Upgrades requests to `/trpc` to WebSockets, and refuses all others with an answer that says why. */
export function createUpgradeListener(
  options: UpgradeOptions,
): (request: IncomingMessage, socket: Socket, head: Uint8Array) => void {
  const { services, headers } = options;
  const server = new WebSocketServer(
    {
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: FRAME_MAX_BYTES,
      maxFragments: FRAME_MAX_FRAGMENT_COUNT,
      closeTimeout: CLOSE_ANSWER_MS,
    } as ConstructorParameters<typeof WebSocketServer>[0],
  );
  server.on("headers", (lines) => lines.push(...headers.map(([name, value]) => `${name}: ${value}`)));

  return (request, socket, head) => {
    socket.on("error", () => socket.destroy());
    admit(request, options).then((login) => {
      if (socket.destroyed) return;
      const subject = limitSubject(options.admission.addressOf(request));
      services.connections.requireCapacity(login, subject);
      server.handleUpgrade(request, socket, head as Buffer, (ws) => {
        services.log.guard(() => open({ ws, socket, request, login, subject }, options));
      });
    }).catch((error) => {
      const refusal = refusalOf(asRefusal(error, services.log));
      socket.end(
        rawAnswer(refusal.status, [...headers, ...Object.entries(refusal.headers)], refusal.body),
        () => {
          socket.destroy();
        },
      );
    });
  };
}

/** Decides whether a request may become a WebSocket, and for which login; throws the refusal. */
async function admit(request: IncomingMessage, options: UpgradeOptions): Promise<Login | null> {
  const { services } = options;
  requireCanonicalTarget(request);
  const refused = options.admission.checkOrigin(request);
  if (refused !== null) throw refused;
  if (pathOf(request) !== "/trpc") throw new AppError("not_found", "WebSockets are only available at /trpc");
  const refusal = options.findRefusal();
  if (refusal !== null) throw refusal;
  const subject = limitSubject(options.admission.addressOf(request));
  services.limits.take("dial", subject, DIAL_RATE);
  const { upgrade, "sec-websocket-key": key, "sec-websocket-version": version } = request.headers;
  if (request.method !== "GET" || upgrade?.toLowerCase() !== "websocket") {
    throw new AppError("invalid_request", "Only GET requests can be upgraded to a WebSocket");
  }
  if (version !== "13" || !KEY_PATTERN.test(key ?? "")) {
    throw new AppError("invalid_request", "The WebSocket handshake needs version 13 and a key");
  }
  const credential = readCredential(request, options.isHttps);
  if (credential === null) return null;
  const login = await options.admission.authenticate(credential);
  if (login === null) throw new AppError("unauthenticated", "The session has ended, sign in again");
  return login;
}

interface Upgraded {
  readonly ws: WebSocket;
  readonly socket: Socket;
  readonly request: IncomingMessage;
  readonly login: Login | null;
  readonly subject: string;
}

function open(upgraded: Upgraded, options: UpgradeOptions): void {
  const { ws, socket, request, login, subject } = upgraded;
  const { services, heartbeat, admission } = options;
  const connection = new WsConnection({
    ws,
    socket,
    login,
    subject,
    limits: services.limits,
    work: services.work,
    log: services.log,
  });
  services.connections.add(connection);
  heartbeat.add(connection);
  connection.onClose(heartbeat.watch(() => recheck(connection, services)));
  if (login === null) {
    const timer = setTimeout(() => {
      if (connection.login === null) connection.close(CLOSE_CODES.sessionEnded, "Sign in first");
    }, options.loginDeadlineMs);
    connection.onClose(() => clearTimeout(timer));
  }
  if (new URL(request.url ?? "/", "ws://parley").searchParams.get("connectionParams") === "1") {
    connection.expectParams();
  }
  const gone = new AbortController();
  connection.onClose(() => gone.abort());
  const address = admission.addressOf(request);
  const untrustedProxy = admission.untrustedProxyOf(request);
  const handle = getWSConnectionHandler<AppRouter>({
    wss: undefined as never,
    router: options.router,
    experimental_encoder: connection.codec(services.hub.encoder()),
    createContext: async ({ info }): Promise<Context> => {
      const token = info.connectionParams?.["token"];
      if (token !== undefined) await signIn(connection, token, options);
      return {
        services,
        login: connection.login,
        address,
        untrustedProxy,
        userAgent: request.headers["user-agent"] ?? "",
        gone: gone.signal,
        connection,
        cookie: null,
        lane: null,
      };
    },
    onError: ({ error, path }) => logProcedureError(services.log, error, path),
  });
  handle(connection.trpcSocket as unknown as WebSocket, request);
}

/** Closes a connection whose session has expired; sessions ended by somebody are announced on the feed at once. */
async function recheck(connection: WsConnection, { accounts }: Services): Promise<number> {
  const { login } = connection;
  if (login === null) return UNKNOWN_RECHECK_MS;
  const holdsForMs = await accounts.holdsForMs(login);
  if (holdsForMs === 0) connection.close(CLOSE_CODES.sessionEnded, "Session ended");
  return holdsForMs;
}

/** Signs in with `connectionParams.token`; an invalid one is UNAUTHORIZED and closes the connection. */
async function signIn(connection: WsConnection, token: string, options: UpgradeOptions): Promise<void> {
  const { connections } = options.services;
  const login = await options.admission.authenticate({ kind: "token", secret: token });
  if (login === null) throw new AppError("unauthenticated", "The token is not valid");
  if (connection.login !== null) {
    // A connection belongs to one person, so the token must not change who was authenticated by the upgrade.
    if (connection.login.userId === login.userId) return;
    throw new AppError("unauthenticated", "The token and the session belong to different accounts");
  }
  connections.requireCapacity(login, connection.subject);
  connection.signIn(login);
  connections.signedIn(connection, login);
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? "").split("?", 1)[0] ?? "";
}
