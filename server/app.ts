import { createHash, timingSafeEqual } from "node:crypto";
import { Hono } from "hono";
import type { Config } from "./config.ts";
import { isLoopback } from "./net/address.ts";
import { answerTrpc } from "./net/trpc_http.ts";
import type { TrpcHttpOptions, Visit } from "./net/trpc_http.ts";
import type { Metrics } from "./metrics.ts";
import { addStatusRoutes } from "./status/status_routes.ts";
import type { StatusRoutesOptions } from "./status/status_routes.ts";
import type { StaticFiles } from "./static_files.ts";

export interface AppOptions extends TrpcHttpOptions {
  readonly config: Config;
  readonly metrics: Metrics;
  readonly statics: StaticFiles;
  readonly status: StatusRoutesOptions;
  /** Whether storage answers. */
  readonly isReady: () => Promise<boolean>;
  /** Streams source changes; in development only. */
  readonly devEvents: ((request: Request) => Response) | null;
}

/** Available to every route besides the request. */
export interface AppBindings {
  readonly visit: Visit;
}

/** Creates the HTTP routes. Headers, limits and the Origin check come before them, in the server. */
export function createApp(options: AppOptions): Hono<{ Bindings: AppBindings }> {
  const { statics, metrics, devEvents } = options;
  const app = new Hono<{ Bindings: AppBindings }>();
  app.get("/healthz", (c) => c.text("alive\n"));
  app.get("/readyz", async (c) => {
    if (options.isDraining()) return c.text("draining\n", 503);
    return await options.isReady() ? c.text("ready\n") : c.text("storage does not answer\n", 503);
  });
  // Pages and the public status need no storage.
  app.get("/readyz/pages", (c) => options.isDraining() ? c.text("draining\n", 503) : c.text("ready\n"));
  app.get("/metrics", async (c) => {
    if (!maySeeMetrics(c.env.visit, options.config)) return c.notFound();
    const { text, contentType } = await metrics.read();
    return c.body(text, 200, { "Content-Type": contentType });
  });
  addStatusRoutes(app, options.status);
  app.all("/trpc/*", (c) => answerTrpc(c.req.raw, c.env.visit, options));
  if (devEvents !== null) app.get("/dev/events", (c) => devEvents(c.req.raw));
  app.get("*", (c) => statics.answer(c.req.raw) ?? c.notFound());
  app.notFound((c) => c.text("Not found\n", 404));
  app.onError((error, c) => {
    options.services.log.error("A request failed", error, { path: c.req.path });
    return c.text("Internal error\n", 500);
  });
  return app;
}

/**
 * Whether a request may see `/metrics`: with the token or, if none is set, from a program on this machine. Proxies
 * do not count, nor pages that reach us by DNS rebinding. If PUBLIC_URL is set, a proxy on this machine may forward
 * anything, so only the token counts.
 */
function maySeeMetrics(visit: Visit, config: Config): boolean {
  const { headers, socket } = visit.request;
  if (headers.authorization !== undefined) {
    return config.metricsToken !== null && isSame(headers.authorization, `Bearer ${config.metricsToken}`);
  }
  if (config.publicUrl !== null) return false;
  const isForwarded = headers["x-forwarded-for"] !== undefined || headers["forwarded"] !== undefined ||
    headers["x-real-ip"] !== undefined;
  const host = (headers.host ?? "").replace(/:\d+$/, "").replace(/^\[|\]$/g, "");
  return !isForwarded && isLoopback(host) && isLoopback((socket.remoteAddress ?? "").replace(/^::ffff:/, ""));
}

/** Compares in constant time, without revealing the length. */
function isSame(given: string, expected: string): boolean {
  const [a, b] = [given, expected].map((text) => createHash("sha256").update(text).digest());
  return a !== undefined && b !== undefined && timingSafeEqual(a, b);
}
