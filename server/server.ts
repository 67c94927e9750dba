import { setTimeout as delay } from "node:timers/promises";
import { DRAIN_SPREAD_MS, SOCKET_SILENCE_MS } from "../shared/limits.ts";
import type { PasswordCost } from "./auth/password.ts";
import type { BuiltFile } from "./build/built_file.ts";
import { DevBuild } from "./build/dev_build.ts";
import type { CallTimes } from "./calls/call_keeper.ts";
import { liveKitOrigins } from "./call_servers.ts";
import { Chores } from "./chores.ts";
import type { Config } from "./config.ts";
import type { PushOverrides } from "./create_push.ts";
import type { OpenedDatabase } from "./kv/open_database.ts";
import { chmodCommand } from "./kv/private_files.ts";
import { isStorageError } from "./kv/storage_error.ts";
import { Listener } from "./listener.ts";
import { announce, Log } from "./log.ts";
import { securityHeaders } from "./net/security_headers.ts";
import { StorageOpener } from "./storage_opener.ts";
import type { StorageOpenerOptions } from "./storage_opener.ts";
import type { AppRouter } from "./router.ts";
import type { Services } from "./services.ts";
import { Stage } from "./stage.ts";
import { StaticFiles } from "./static_files.ts";
import { createMonitor } from "./status_probes.ts";
import type { StatusSse } from "./status/status_sse.ts";
import type { StatusMonitor } from "./status/status_monitor.ts";
import type { FeedLoss } from "./streams/kv_feed.ts";

/** Wait before a start is tried again because storage went away in the middle of it. */
const RETRY_MS = 1_000;

/** How a server starts; most settings are for tests. */
export interface ServerOverrides {
  /** Epoch time in milliseconds. */
  readonly now?: () => number;
  readonly log?: Log;
  /** Ends a start that waits for storage. */
  readonly signal?: AbortSignal;
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
  readonly push?: PushOverrides;
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
  readonly database: OpenedDatabase;
  readonly monitor: StatusMonitor;
  /** Readers of the public events. */
  readonly sse: StatusSse;
  /** Resolves when this instance must be replaced: stop it and start another one. */
  readonly lost: Promise<FeedLoss>;
  /** Disconnects everyone within `spreadMs`, finishes pending commits, and stops. */
  stop(options?: { readonly spreadMs?: number }): Promise<void>;
}

/**
 * Opens storage, creates all parts, and listens. While a shared database does not answer, it listens already, with the
 * public status as it was known last. Throws ConfigError or DatabaseError with a line for the operator.
 */
export async function startServer(config: Config, overrides: ServerOverrides = {}): Promise<RunningServer> {
  const now = overrides.now ?? Date.now;
  const log = overrides.log ?? new Log({ level: config.logLevel, format: config.logFormat });
  const say = overrides.announce ?? announce;
  const isHttps = config.publicUrl?.startsWith("https:") ?? false;
  const connectTo = config.liveKit === null ? [] : liveKitOrigins(config.liveKit);
  const headers = securityHeaders({ isHttps, connectTo });
  const statics = new StaticFiles(overrides.files ?? [], { mirrorUrl: config.statusMirrorUrl, headers });
  const devBuild = config.isDev
    ? new DevBuild({ root: overrides.root ?? ".", log, onBuilt: (files) => statics.replace(files) })
    : null;
  const silenceMs = overrides.silenceMs ?? SOCKET_SILENCE_MS;
  const listener = new Listener({ config, log, headers, silenceMs });
  const lost = Promise.withResolvers<FeedLoss>();
  const sayListening = () => say(`Listening on ${listener.url}`);
  const options: StorageOpenerOptions = {
    config,
    log,
    listener,
    headers,
    isHttps,
    statics,
    devEvents: devBuild === null ? null : () => devBuild.events(),
    onLost: lost.resolve,
    now,
    heartbeatMs: overrides.heartbeatMs,
    heartbeatGraceMs: overrides.heartbeatGraceMs,
    loginDeadlineMs: overrides.loginDeadlineMs,
    passwordCost: overrides.passwordCost,
    callTimes: overrides.callTimes,
    push: overrides.push,
    router: overrides.router,
    signal: overrides.signal ?? new AbortController().signal,
    onListening: sayListening,
  };
  const opener = new StorageOpener(options);
  let opened: Opened;
  try {
    await devBuild?.start();
    opened = await openStage(opener, options);
  } catch (error) {
    devBuild?.stop();
    await opener.end(DRAIN_SPREAD_MS, { isReplaced: false });
    await listener.close();
    throw error;
  }
  const { database, stage } = opened;
  const isListening = listener.isListening;
  try {
    await listener.answerWith(stage.handlers);
  } catch (error) {
    devBuild?.stop();
    await stage.close();
    await database.close();
    throw error;
  }
  const replaced = opener.end(DRAIN_SPREAD_MS, { isReplaced: true });
  const { services, answers } = stage;
  const chores = new Chores({ services, announce: say });
  await chores.start();
  const monitor = createMonitor({
    services,
    localUrl: listener.localUrl,
    now,
    answers,
    hasTimers: overrides.hasStatusTimers ?? true,
  });
  await monitor.start();
  if (!isListening) sayListening();

  let stopping: Promise<void> | null = null;
  const stop = async (spreadMs: number) => {
    await chores.stop();
    await monitor.stop();
    devBuild?.stop();
    await Promise.all([stage.drain(spreadMs), replaced]);
    const closed = listener.close();
    stage.endWaits();
    await closed;
    await stage.close();
    await database.close();
    log.info("Stopped");
  };
  return {
    url: listener.url,
    port: listener.port,
    services,
    database,
    monitor,
    sse: stage.sse,
    lost: lost.promise,
    stop({ spreadMs = DRAIN_SPREAD_MS } = {}) {
      stage.isDraining = true;
      // Later calls wait for the same end.
      return stopping ??= stop(spreadMs);
    },
  };
}

/** A stage on the database that it reads and writes. */
interface Opened {
  readonly database: OpenedDatabase;
  readonly stage: Stage;
}

/** Opens storage and creates all parts on it, again if a shared database goes away in between. */
async function openStage(opener: StorageOpener, options: StorageOpenerOptions): Promise<Opened> {
  const { log, signal } = options;
  for (;;) {
    const database = await opener.open();
    for (const path of database.openToOthers) {
      log.warn("Other users of this machine can read the messages", { fix: chmodCommand(path) });
    }
    try {
      return { database, stage: await Stage.create({ ...options, database }) };
    } catch (error) {
      await database.close();
      if (database.remote === null || !isStorageError(error)) throw error;
      log.warn("Storage went away during the start, trying again", { reason: error.message });
      await delay(RETRY_MS, undefined, { signal });
    }
  }
}
