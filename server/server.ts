import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { getRequestListener } from "@hono/node-server";
import {
  DRAIN_SPREAD_MS,
  HEARTBEAT_GRACE_MS,
  HEARTBEAT_INTERVAL_MS,
  LOGIN_DEADLINE_MS,
  SOCKET_SILENCE_MS,
} from "../shared/limits.ts";
import { createApp } from "./app.ts";
import type { AppBindings } from "./app.ts";
import type { PasswordCost } from "./auth/password.ts";
import type { BuiltFile } from "./build/built_file.ts";
import { DevBuild } from "./build/dev_build.ts";
import type { CallTimes } from "./calls/call_keeper.ts";
import { Chores } from "./chores.ts";
import type { Config } from "./config.ts";
import { liveKitOrigins } from "./call_servers.ts";
import { createServices } from "./create_services.ts";
import { drainConnections } from "./drain.ts";
import { keys } from "./kv/keys.ts";
import { openDatabase } from "./kv/open_database.ts";
import { openRemoteDatabase } from "./kv/open_remote_database.ts";
import { chmodCommand } from "./kv/private_files.ts";
import { announce, Log } from "./log.ts";
import { Metrics } from "./metrics.ts";
import { Admission } from "./net/admission.ts";
import type { Admitted } from "./net/admission.ts";
import { ConnectionShare } from "./net/connection_share.ts";
import { Heartbeat } from "./net/heartbeat.ts";
import { createHttpServer } from "./net/http_server.ts";
import { securityHeaders } from "./net/security_headers.ts";
import { createUpgradeListener } from "./net/ws_upgrade.ts";
import { appRouter } from "./router.ts";
import type { AppRouter } from "./router.ts";
import type { Services } from "./services.ts";
import { StaticFiles } from "./static_files.ts";
import { createMonitor } from "./status_probes.ts";
import { StatusAnswers } from "./status/status_answers.ts";
import { StatusSse } from "./status/status_sse.ts";
import type { StatusMonitor } from "./status/status_monitor.ts";
import type { FeedLoss } from "./streams/kv_feed.ts";

/** How long the last answers may take when the server stops. */
const CLOSE_HTTP_MS = 1_000;

/** Settings for tests. */
export interface ServerOverrides {
  /** Epoch time in milliseconds. */
  readonly now?: () => number;
  readonly log?: Log;
  /** Receives lines for the operator. */
  readonly announce?: (line: string) => void;
  /** Built files to serve. */
  readonly files?: readonly BuiltFile[];
  /** Folder of the sources to watch in development. */
  readonly root?: string;
  readonly heartbeatMs?: number;
  readonly heartbeatGraceMs?: number;
  readonly loginDeadlineMs?: number;
  readonly silenceMs?: number;
  readonly passwordCost?: PasswordCost;
  readonly callTimes?: CallTimes;
  /** False where a test starts each round of probes itself. */
  readonly hasStatusTimers?: boolean;
  /** Replaces the real procedures, or adds to them. */
  readonly router?: AppRouter;
}

/** A server that listens. */
export interface RunningServer {
  /** Where this process listens, without a trailing slash. */
  readonly url: string;
  readonly port: number;
  readonly services: Services;
  readonly monitor: StatusMonitor;
  /** Readers of the public events. */
  readonly sse: StatusSse;
  /** Resolves when this instance must be replaced: stop it and start another one. */
  readonly lost: Promise<FeedLoss>;
  /** Disconnects everyone within `spreadMs`, finishes pending commits, and stops. */
  stop(options?: { readonly spreadMs?: number }): Promise<void>;
}

/** Opens storage, creates all parts, and listens. Throws ConfigError or DatabaseError with a line for the operator. */
export async function startServer(config: Config, overrides: ServerOverrides = {}): Promise<RunningServer> {
  const now = overrides.now ?? Date.now;
  const router = overrides.router ?? appRouter;
  const log = overrides.log ?? new Log({ level: config.logLevel, format: config.logFormat });
  const isHttps = config.publicUrl?.startsWith("https:") ?? false;
  const { kvUrl } = config;
  const database = kvUrl === null
    ? await openDatabase(config.dataDir)
    : await openRemoteDatabase({ url: kvUrl, log });
  for (const path of database.openToOthers) {
    log.warn("Other users of this machine can read the messages", { fix: chmodCommand(path) });
  }
  const lost = Promise.withResolvers<FeedLoss>();
  let port = config.port;
  let isDraining = false;
  const publicUrl = () => config.publicUrl ?? `http://127.0.0.1:${port}`;
  const { services, close } = await createServices({
    config,
    log,
    database,
    now,
    publicUrl,
    onLost: lost.resolve,
    callTimes: overrides.callTimes,
    ...(overrides.passwordCost === undefined ? {} : { passwordCost: overrides.passwordCost }),
  });

  await services.users.fillLooks();

  const statics = new StaticFiles(overrides.files ?? []);
  const devBuild = config.isDev
    ? new DevBuild({ root: overrides.root ?? ".", log, onBuilt: (files) => statics.replace(files) })
    : null;
  const admission = new Admission({ config, services, isHttps, port: () => port });
  const metrics = new Metrics({
    connections: services.connections,
    hubStats: services.hub.stats,
    feed: services.feed,
    caches: { ...services.caches, credentials: admission.cache },
    queues: { work: services.work, passwords: services.hasher },
    instanceCount: () => services.instances.instanceCount(),
    visitorCount: () => sse.visitorCount,
  });
  const heartbeat = new Heartbeat({
    intervalMs: overrides.heartbeatMs ?? HEARTBEAT_INTERVAL_MS,
    graceMs: overrides.heartbeatGraceMs ?? HEARTBEAT_GRACE_MS,
    log,
  });
  const connectTo = config.liveKit === null ? [] : liveKitOrigins(config.liveKit);
  const headers = securityHeaders({ isHttps, connectTo });
  const { hub, limits, status } = services;
  const scriptPath = () => statics.entry("status_page");
  const sse = new StatusSse({ hub, limits, publicFeed: status.publicFeed, isDraining: () => isDraining });
  const statusAnswers = new StatusAnswers({
    ...status,
    publicUrl,
    now,
    scriptPath,
    mirrorUrl: config.statusMirrorUrl,
  });
  const app = createApp({
    config,
    services,
    router,
    isHttps,
    heartbeat,
    isDraining: () => isDraining,
    metrics,
    statics,
    status: { sse, answers: statusAnswers },
    isReady: () => answers(services),
    devEvents: devBuild === null ? null : () => devBuild.events(),
  });
  const admitted = new WeakMap<IncomingMessage, Admitted>();
  const listener = getRequestListener(
    (request, env) => {
      const { incoming: visitor, outgoing: response } = env as {
        incoming: IncomingMessage;
        outgoing: ServerResponse;
      };
      const visit = {
        address: "",
        untrustedProxy: null,
        login: null,
        ...admitted.get(visitor),
        request: visitor,
        response,
      };
      return app.fetch(request, { visit } satisfies AppBindings);
    },
    { overrideGlobalObjects: false },
  );
  const server = createHttpServer({
    log,
    share: new ConnectionShare({ trusted: config.trustProxy }),
    silenceMs: overrides.silenceMs ?? SOCKET_SILENCE_MS,
    headers,
    admit: async (request) => void admitted.set(request, await admission.admit(request)),
    serve: (request, response) => listener(request, response),
    upgrade: createUpgradeListener({
      services,
      router,
      isHttps,
      headers,
      admission,
      heartbeat,
      isDraining: () => isDraining,
      loginDeadlineMs: overrides.loginDeadlineMs ?? LOGIN_DEADLINE_MS,
    }),
  });

  await devBuild?.start();
  try {
    port = await listen(server, config);
  } catch (error) {
    devBuild?.stop();
    heartbeat.stop();
    metrics.stop();
    await close();
    await database.close();
    throw error;
  }
  const say = overrides.announce ?? announce;
  const chores = new Chores({ services, announce: say });
  await chores.start();
  const monitor = createMonitor({
    services,
    localUrl: localUrlOf(config.host, port),
    now,
    answers: statusAnswers,
    hasTimers: overrides.hasStatusTimers ?? true,
  });
  await monitor.start();
  say(`Listening on ${urlOf(config.host, port)}`);

  let stopping: Promise<void> | null = null;
  const stop = async (spreadMs: number) => {
    await chores.stop();
    await monitor.stop();
    devBuild?.stop();
    await Promise.all([drainConnections(services.connections, spreadMs), sse.drain(spreadMs)]);
    heartbeat.stop();
    const closed = closeServer(server);
    // Otherwise long polls would outlast the time to stop and be aborted.
    services.messageEvents.endWaits();
    await closed;
    metrics.stop();
    await close();
    await database.close();
    log.info("Stopped");
  };
  return {
    url: urlOf(config.host, port),
    port,
    services,
    monitor,
    sse,
    lost: lost.promise,
    stop({ spreadMs = DRAIN_SPREAD_MS } = {}) {
      isDraining = true;
      // Later calls wait for the same end.
      return stopping ??= stop(spreadMs);
    },
  };
}

async function listen(server: Server, config: Config): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  server.once("error", (error: Error & { code?: string }) => {
    const isTaken = error.code === "EADDRINUSE";
    reject(isTaken ? new ListenError(`Port ${config.port} is in use: set PORT to another one`) : error);
  });
  server.listen(config.port, config.host, () => {
    const address = server.address();
    resolve(typeof address === "object" && address !== null ? address.port : config.port);
  });
  return await promise;
}

/** A port that cannot be used; the message is a single line for the operator. */
export class ListenError extends Error {}

/** Stops listening; answers in flight may finish. */
function closeServer(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(() => server.closeAllConnections(), CLOSE_HTTP_MS);
  server.close(() => {
    clearTimeout(timer);
    resolve();
  });
  server.closeIdleConnections();
  return promise;
}

async function answers(services: Services): Promise<boolean> {
  try {
    await services.db.get(keys.epoch());
    return services.instances.isCurrent();
  } catch {
    return false;
  }
}

/** How this process reaches itself: an address that stands for all of them cannot be dialed. */
function localUrlOf(host: string, port: number): string {
  return urlOf(host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host, port);
}

function urlOf(host: string, port: number): string {
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}
