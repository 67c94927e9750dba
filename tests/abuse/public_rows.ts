import type { World } from "./rows.ts";

/** One request of a stranger. */
export interface PublicRequest {
  /** GET by default. */
  readonly method?: "HEAD" | "OPTIONS";
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** How a stranger without an account abuses routes that anybody may read: as expensively as possible. */
export interface PublicRow {
  /** The routes, as `METHOD pattern`. */
  readonly routes: readonly string[];
  /** The answer does not end by itself. */
  readonly isStream?: true;
  readonly request: (world: World, index: number) => PublicRequest;
}

const LANGUAGES = ["en", "de", "fr", "es"];
const ENCODINGS = ["br", "identity"];
const JSON_PATHS = [
  "summary.json",
  "status.json",
  "components.json",
  "incidents.json",
  "incidents/unresolved.json",
  "scheduled-maintenances.json",
  "scheduled-maintenances/upcoming.json",
  "scheduled-maintenances/active.json",
];
const JSON_ROUTES = [
  ...["/api/v2/", "/status/api/v2/"].flatMap((prefix) => JSON_PATHS.map((path) => prefix + path)),
  "/status/summary.json",
  "/status/components.json",
];
const COMPONENTS = ["", "?component=messages", "?component=live", "?component=none"];
const APP_PATHS = ["/", "/setup", "/doctor", "/r/aaaaaaaaaaaaaaaa/1"];

/** One of `items`, all of them in turn. */
function pick<T>(items: readonly T[], index: number): T {
  const item = items[index % items.length];
  if (item === undefined) throw new RangeError("There is nothing to pick from");
  return item;
}

/** No two in a row come from the same cached answer, and none matches what caches have. */
function readerOf(index: number, accept: string): Record<string, string> {
  return {
    "Accept": accept,
    "Accept-Language": pick(LANGUAGES, index),
    "Accept-Encoding": pick(ENCODINGS, index >> 2),
    "If-None-Match": `W/"${"x".repeat(22)}"`,
  };
}

/** Rows for everything that answers strangers besides procedures. */
export const PUBLIC_ROWS: Readonly<Record<string, PublicRow>> = {
  "public pages": {
    routes: [
      "GET /status",
      "GET /status/",
      "GET /status/history",
      "GET /status/incidents/:id",
      "GET /status/*",
    ],
    request: ({ incidents }, index) => ({
      path: pick([
        "/status",
        "/status/history",
        `/status/incidents/${pick(incidents, index >> 3).id}`,
        `/status/history?month=${new Date().toISOString().slice(0, 7)}`,
        `/status/none-${index}`,
        "/status/",
      ], index >> 3),
      headers: readerOf(index, "text/html"),
    }),
  },
  "public JSON": {
    routes: [
      "GET /api/v2/*",
      "GET /status/api/v2/*",
      "GET /status/summary.json",
      "GET /status/components.json",
      "OPTIONS /status/*",
      "OPTIONS /status.md",
      "OPTIONS /api/v2/*",
    ],
    request: (_, index) => ({
      path: index % 32 === 1 ? "/status.md" : `${pick(JSON_ROUTES, index >> 1)}?${index}`,
      headers: readerOf(index, "application/json"),
      ...(index % 16 === 1 ? { method: "OPTIONS" as const } : {}),
    }),
  },
  "public feeds": {
    routes: [
      "GET /status/feed.atom",
      "GET /status/feed.rss",
      "GET /status/maintenance.ics",
      "GET /status/badge.svg",
      "GET /status.md",
    ],
    request: (_, index) => ({
      path: pick([
        `/status/feed.atom${pick(COMPONENTS, index >> 3)}`,
        `/status/feed.rss${pick(COMPONENTS, index >> 3)}`,
        "/status/maintenance.ics",
        `/status/badge.svg${pick(COMPONENTS, index >> 3)}`,
        "/status.md",
      ], index >> 3),
      headers: readerOf(index, "*/*"),
    }),
  },
  "public events": {
    routes: ["GET /status/events"],
    isStream: true,
    request: ({ statusHead, statusStart }, index) => ({
      path: "/status/events",
      // All that ever happened, the last of it, what no server ever gave, or nothing.
      headers: pick([
        { "Last-Event-ID": statusStart },
        { "Last-Event-ID": statusHead },
        { "Last-Event-ID": `other.${index}` },
        {},
      ], index),
    }),
  },
  "health checks": {
    routes: ["GET /healthz", "GET /readyz", "GET /readyz/pages", "GET /metrics"],
    request: (_, index) => ({ path: pick(["/readyz", "/readyz/pages", "/metrics", "/healthz"], index) }),
  },
  "app and files": {
    routes: ["GET /*"],
    request: ({ filePaths }, index) => ({
      path: pick([...APP_PATHS, ...filePaths, `/static/none-${index}.js`], index),
      headers: readerOf(index, "*/*"),
    }),
  },
};
