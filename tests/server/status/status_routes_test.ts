import { describe, expect, it } from "vitest";
import { securityHeaders } from "../../../server/net/security_headers.ts";
import { STATUSPAGE_ANSWERS } from "../../../server/status/statuspage_json.ts";
import { NASTY_TEXTS } from "../../client/ui/nasty_texts.ts";
import { StatusReader } from "../../support/status_reader.ts";
import { testApp } from "../../support/test_app.ts";
import type { TestApp } from "../../support/test_app.ts";

interface Route {
  readonly path: string;
  readonly accept?: string;
  readonly type: string;
  readonly cache: string;
  readonly vary?: string;
  /** Pages have a policy of their own. */
  readonly isPage?: boolean;
}

const PROGRAM = { cache: "max-age=10, must-revalidate" } as const;
const PAGE = {
  type: "text/html; charset=utf-8",
  cache: "max-age=10, stale-if-error=86400",
  vary: "Accept-Language, Accept-Encoding",
  isPage: true,
} as const;
const STATUS_VARY = "Accept, Accept-Language, Accept-Encoding";
const JSON_TYPE = "application/json; charset=utf-8";

/** Every public route except the stream of events. */
function routesOf(incidentId: string): Route[] {
  const json = ["", "/status"].flatMap((prefix) =>
    Object.keys(STATUSPAGE_ANSWERS).map((path) => ({ path: `${prefix}/api/v2/${path}`, type: JSON_TYPE }))
  );
  const aliases = ["summary", "components"].map((name) => ({
    path: `/status/${name}.json`,
    type: JSON_TYPE,
  }));
  return [
    { path: "/status", accept: "text/html", ...PAGE, vary: STATUS_VARY },
    {
      path: "/status",
      accept: "text/plain",
      type: "text/plain; charset=utf-8",
      ...PROGRAM,
      vary: STATUS_VARY,
    },
    {
      path: "/status",
      accept: "text/markdown",
      type: "text/markdown; charset=utf-8",
      ...PROGRAM,
      vary: STATUS_VARY,
    },
    { path: "/status.md", type: "text/markdown; charset=utf-8", ...PROGRAM },
    { path: "/status/history", ...PAGE },
    { path: `/status/incidents/${incidentId}`, ...PAGE },
    ...[...json, ...aliases].map((route) => ({ ...route, ...PROGRAM })),
    { path: "/status/feed.atom", type: "application/atom+xml; charset=utf-8", ...PROGRAM },
    { path: "/status/feed.rss?component=live", type: "application/rss+xml; charset=utf-8", ...PROGRAM },
    { path: "/status/maintenance.ics", type: "text/calendar; charset=utf-8", ...PROGRAM },
    { path: "/status/badge.svg", type: "image/svg+xml; charset=utf-8", cache: "no-cache" },
  ];
}

const HOSTILE_VALUES = [
  ...NASTY_TEXTS.slice(0, 20),
  "__proto__",
  "constructor",
  "\0",
  "..",
  "live\r\nSet-Cookie: a=b",
  "x".repeat(4_000),
].map(encodeURIComponent);
/** Not what `encodeURIComponent` makes. */
const BROKEN_VALUES = ["%", "%ff", "%E0%A4%A", "&&==&component", "a&component=live&component[]=x"];
const QUERIES = [
  "/status/badge.svg?component=",
  "/status/feed.atom?component=",
  "/status/feed.rss?component=",
  "/status/history?month=",
  "/status?component=",
  "/api/v2/summary.json?callback=",
  "/status/incidents/",
  "/api/v2/",
];

async function openIncident(app: TestApp): Promise<string> {
  const components = [{ id: "live", status: "major_outage" }] as const;
  return await app.services.status.incidents.open({ title: "Down", text: "Down.", components }, app.owner.id);
}

/** The headers that all answers have, except those which routes replace. */
function expectSecurity(headers: Headers, isPage: boolean): void {
  const own = [
    "Cache-Control",
    "Cross-Origin-Resource-Policy",
    ...(isPage ? ["Content-Security-Policy"] : []),
  ];
  for (const [name, value] of securityHeaders({ isHttps: false })) {
    if (!own.includes(name)) expect([name, headers.get(name)]).toEqual([name, value]);
  }
  if (isPage) expect(headers.get("content-security-policy")).toMatch(/^default-src 'none'; /);
  expect(headers.get("cross-origin-resource-policy")).toBe("cross-origin");
  expect(headers.get("access-control-allow-origin")).toBe("*");
  expect(headers.get("access-control-allow-credentials")).toBeNull();
  expect(headers.get("set-cookie")).toBeNull();
}

describe("public routes", () => {
  it("answer GET and HEAD alike, with their type, caching and security", async () => {
    const clock = { now: Date.parse("2030-01-31T12:00:00.000Z") };
    await using app = await testApp({ now: () => clock.now });
    const routes = routesOf(await openIncident(app));
    for (const { path, accept = "*/*", type, cache, vary = "Accept-Encoding", isPage = false } of routes) {
      for (const encoding of ["identity", "br"]) {
        const headers = { accept, "accept-encoding": encoding, "origin": "https://elsewhere.example" };
        const got = await app.device().fetch(`${app.url}${path}`, { headers });
        expect([path, got.status, got.headers.get("content-type")]).toEqual([path, 200, type]);
        expect([path, got.headers.get("cache-control")]).toEqual([path, cache]);
        expect([path, got.headers.get("vary")]).toEqual([path, vary]);
        expectSecurity(got.headers, isPage);
        const text = await got.text();
        // Signed in or not, from wherever: all get the same.
        const cookie = await app.device().fetch(`${app.url}${path}`, {
          headers: { ...headers, cookie: app.owner.device.cookie ?? "" },
        });
        expect(await cookie.text()).toBe(text);
        expect(cookie.headers.get("set-cookie")).toBeNull();
        const head = await app.device().fetch(`${app.url}${path}`, { method: "HEAD", headers });
        expect([path, head.status, await head.text()]).toEqual([path, 200, ""]);
        const without = (answer: Response) => [...answer.headers].filter(([name]) => name !== "date");
        expect(without(head)).toEqual(without(got));
        const again = await app.device().fetch(`${app.url}${path}`, {
          headers: { ...headers, "if-none-match": got.headers.get("etag") ?? "" },
        });
        expect([path, again.status, await again.text()]).toEqual([path, 304, ""]);
        expect(again.headers.get("vary")).toBe(vary);
        expectSecurity(again.headers, isPage);
      }
    }
  });

  it("answer HEAD of the events as GET, without opening a stream", async () => {
    await using app = await testApp();
    const url = `${app.url}/status/events`;
    const head = await fetch(url, { method: "HEAD" });
    expect([head.status, await head.text()]).toEqual([200, ""]);
    expect(app.server.sse.visitorCount).toBe(0);
    await using reader = await StatusReader.open(app.url);
    for (const { headers } of [head, reader.response]) {
      expect(headers.get("content-type")).toBe("text/event-stream");
      expect(headers.get("cache-control")).toBe("no-store, no-transform");
      expect(headers.get("x-accel-buffering")).toBe("no");
      expectSecurity(headers, false);
    }
  });

  it("let pages of other origins send any header, and nothing but reading", async () => {
    await using app = await testApp();
    const paths = ["/status/events", ...routesOf(await openIncident(app)).map(({ path }) => path)];
    for (const path of paths) {
      const origin = "https://elsewhere.example";
      const preflight = await app.device().fetch(`${app.url}${path}`, {
        method: "OPTIONS",
        headers: {
          origin,
          "access-control-request-method": "GET",
          "access-control-request-headers": "last-event-id,if-none-match",
        },
      });
      expect([path, preflight.status, await preflight.text()]).toEqual([path, 204, ""]);
      expect(preflight.headers.get("access-control-allow-methods")).toBe("GET, HEAD");
      expect(preflight.headers.get("access-control-allow-headers")).toBe("*");
      expect(preflight.headers.get("allow")).toBe("GET, HEAD, OPTIONS");
      expectSecurity(preflight.headers, false);
      for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
        const statuses = [];
        for (const headers of [{ origin }, {}] as Record<string, string>[]) {
          const refused = await app.device().fetch(`${app.url}${path}`, { method, headers });
          await refused.body?.cancel();
          expect(refused.headers.get("set-cookie")).toBeNull();
          statuses.push(refused.status);
        }
        expect([path, method, statuses]).toEqual([path, method, [403, 404]]);
      }
    }
    for (const path of ["/trpc/auth.me", "/statuses", "/api/v1/summary.json"]) {
      const refused = await app.device().fetch(`${app.url}${path}`, {
        method: "OPTIONS",
        headers: { "origin": "https://elsewhere.example", "access-control-request-method": "GET" },
      });
      await refused.body?.cancel();
      expect([path, refused.status]).toEqual([path, 403]);
    }
  });

  it("T16 find nothing under hostile queries, and fail under none", async () => {
    await using app = await testApp();
    await openIncident(app);
    for (const query of QUERIES) {
      for (const value of [...HOSTILE_VALUES, ...BROKEN_VALUES]) {
        const url = new URL(`${app.url}${query}${value}`);
        const response = await app.device().fetch(url, { redirect: "manual" });
        const text = await response.text();
        const isIgnored = query.startsWith("/status?") || query.includes("callback");
        const wanted = isIgnored ? [200] : url.pathname === "/status/" ? [308] : [400, 404];
        expect([query, value, wanted]).toEqual([
          query,
          value,
          expect.arrayContaining([response.status]),
        ]);
        if (!isIgnored) expect(text.length).toBeLessThan(300);
        expect(response.headers.get("set-cookie")).toBeNull();
        expect(response.headers.get("x-content-type-options")).toBe("nosniff");
      }
    }
    expect(app.logs.filter((line) => /error/i.test(line))).toEqual([]);
  });
});
