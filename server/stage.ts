import type { IncomingMessage, ServerResponse } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { HEARTBEAT_GRACE_MS, HEARTBEAT_INTERVAL_MS, LOGIN_DEADLINE_MS } from "../shared/limits.ts";
import { createApp } from "./app.ts";
import type { AppBindings } from "./app.ts";
import type { PasswordCost } from "./auth/password.ts";
import type { CallTimes } from "./calls/call_keeper.ts";
import type { Config } from "./config.ts";
import type { PushOverrides } from "./create_push.ts";
import { createServices } from "./create_services.ts";
import { drainConnections } from "./drain.ts";
import { keys } from "./kv/keys.ts";
import type { OpenedDatabase } from "./kv/open_database.ts";
import { storageAbsent } from "./kv/storage_error.ts";
import type { Listener } from "./listener.ts";
import type { Log } from "./log.ts";
import { Metrics } from "./metrics.ts";
import { limitSubject } from "./net/address.ts";
import { Admission } from "./net/admission.ts";
import type { Admitted } from "./net/admission.ts";
import { Heartbeat } from "./net/heartbeat.ts";
import type { RequestHandlers } from "./net/http_server.ts";
import { draining } from "./net/refusal.ts";
import { createUpgradeListener } from "./net/ws_upgrade.ts";
import { appRouter } from "./router.ts";
import type { AppRouter } from "./router.ts";
import type { Services } from "./services.ts";
import type { StaticFiles } from "./static_files.ts";
import type { LastKnown } from "./status/copies/last_known.ts";
import { StatusAnswers } from "./status/status_answers.ts";
import { StatusSse } from "./status/status_sse.ts";
import type { FeedLoss } from "./streams/kv_feed.ts";

export interface StageOptions {
  readonly config: Config;
  readonly log: Log;
  readonly listener: Listener;
  /** Headers of every answer. */
  readonly headers: readonly (readonly [string, string])[];
  readonly isHttps: boolean;
  readonly statics: StaticFiles;
  /** Streams source changes; in development only. */
  readonly devEvents: ((request: Request) => Response) | null;
  readonly database: OpenedDatabase;
  /** For storage that has not answered yet: what was known of the public status, if anything. */
  readonly withoutStorage?: { readonly lastKnown: LastKnown | null };
  /** Called when memory may differ from the database. */
  readonly onLost: (reason: FeedLoss) => void;
  /** Epoch time in milliseconds. */
  readonly now: () => number;
  readonly heartbeatMs?: number | undefined;
  readonly heartbeatGraceMs?: number | undefined;
  readonly loginDeadlineMs?: number | undefined;
  readonly passwordCost?: PasswordCost | undefined;
  readonly callTimes?: CallTimes | undefined;
  readonly push?: PushOverrides | undefined;
  /** Replaces the real procedures, or adds to them. */
  readonly router?: AppRouter | undefined;
}

/**
 * All parts that answer requests, on one database. While storage has not answered yet, a stage without it gives the
 * public status and the files of the app, and refuses calls; the whole one takes its place.
 */
export class Stage {
  readonly services: Services;
  readonly sse: StatusSse;
  readonly answers: StatusAnswers;
  readonly handlers: RequestHandlers;
  /** Once true, nothing that lasts is begun any more. */
  isDraining = false;
  readonly #metrics: Metrics;
  readonly #heartbeat: Heartbeat;
  readonly #closeServices: () => Promise<void>;

  private constructor(options: StageOptions, services: Services, closeServices: () => Promise<void>) {
    const { config, log, listener, isHttps, headers, statics, now, withoutStorage } = options;
    const { router = appRouter } = options;
    this.services = services;
    this.#closeServices = closeServices;
    const isWaiting = withoutStorage !== undefined;
    const isDraining = () => this.isDraining;
    const { hub, limits, status } = services;
    this.sse = new StatusSse({ hub, limits, publicFeed: status.publicFeed, isDraining });
    this.answers = new StatusAnswers({
      ...status,
      publicUrl: () => publicUrlOf(options),
      now,
      scriptPath: () => statics.entry("status_page"),
      mirrorUrl: config.statusMirrorUrl,
    });
    const admission = new Admission({ config, services, isHttps, isWaiting, port: () => listener.port });
    const heartbeat = this.#heartbeat = new Heartbeat({
      intervalMs: options.heartbeatMs ?? HEARTBEAT_INTERVAL_MS,
      graceMs: options.heartbeatGraceMs ?? HEARTBEAT_GRACE_MS,
      log,
    });
    this.#metrics = new Metrics({
      connections: services.connections,
      hubStats: hub.stats,
      feed: services.feed,
      caches: { ...services.caches, credentials: admission.cache },
      queues: { work: services.work, passwords: services.hasher },
      pushes: services.push.sender,
      instanceCount: () => services.instances.instanceCount(),
      visitorCount: () => this.sse.visitorCount,
    });
    const app = createApp({
      config,
      services,
      router,
      isHttps,
      heartbeat,
      isDraining,
      metrics: this.#metrics,
      statics,
      status: { sse: this.sse, answers: this.answers },
      isReady: () => answers(services),
      devEvents: options.devEvents,
    });
    const admitted = new WeakMap<IncomingMessage, Admitted>();
    const listen = getRequestListener(
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
    this.handlers = {
      subjectOf: (request) => limitSubject(admission.addressOf(request)),
      admit: async (request) => void admitted.set(request, await admission.admit(request)),
      serve: (request, response) => listen(request, response),
      upgrade: createUpgradeListener({
        services,
        router,
        isHttps,
        headers,
        admission,
        heartbeat,
        findRefusal: () => isDraining() ? draining() : isWaiting ? storageAbsent() : null,
        loginDeadlineMs: options.loginDeadlineMs ?? LOGIN_DEADLINE_MS,
      }),
    };
  }

  /** Creates all parts, on storage that is open or without it. */
  static async create(options: StageOptions): Promise<Stage> {
    const { config, log, database, withoutStorage, now, onLost, passwordCost, callTimes, push } = options;
    const { services, close } = await createServices({
      config,
      log,
      database,
      now,
      publicUrl: () => publicUrlOf(options),
      onLost,
      callTimes,
      push,
      ...(withoutStorage === undefined ? {} : { withoutStorage }),
      ...(passwordCost === undefined ? {} : { passwordCost }),
    });
    try {
      if (withoutStorage === undefined) await services.users.fillLooks();
    } catch (error) {
      await close();
      throw error;
    }
    return new Stage(options, services, close);
  }

  /** Disconnects everyone within `spreadMs`; sooner back are those whom another stage answers already. */
  async drain(spreadMs: number, { isReplaced = false } = {}): Promise<void> {
    this.isDraining = true;
    await Promise.all([
      drainConnections(this.services.connections, spreadMs),
      this.sse.drain(spreadMs, { isReplaced }),
    ]);
    this.#heartbeat.stop();
  }

  /** Answers long polls, which would outlast the time to stop and be aborted. */
  endWaits(): void {
    this.services.messageEvents.endWaits();
    this.services.calls.polls.endWaits();
  }

  /** Finishes what is pending and stops; storage stays open. */
  async close(): Promise<void> {
    this.#heartbeat.stop();
    this.#metrics.stop();
    await this.#closeServices();
  }
}

/** The origin that people use to reach the server; only known once it listens. */
function publicUrlOf({ config, listener }: StageOptions): string {
  return config.publicUrl ?? `http://127.0.0.1:${listener.port}`;
}

async function answers(services: Services): Promise<boolean> {
  try {
    await services.db.get(keys.epoch());
    return services.instances.isCurrent();
  } catch {
    return false;
  }
}
