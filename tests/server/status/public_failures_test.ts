import { describe, expect, it } from "vitest";
import { pageWords } from "../../../server/status/page/page_words.ts";
import { STATUS_RATE_ADDRESS } from "../../../shared/limits.ts";
import { LANGUAGES } from "../../../shared/status/language.ts";
import { testApp } from "../../support/test_app.ts";
import type { TestApp } from "../../support/test_app.ts";

const JSON_PATHS = [
  "/api/v2/summary.json",
  "/api/v2",
  "/status/api/v2/status.json",
  "/status/summary.json",
  "/status/components.json",
];
const TEXT_PATHS = [
  "/status",
  "/status/",
  "/status.md",
  "/status/history",
  "/status/incidents/none",
  "/status/feed.atom",
  "/status/badge.svg",
  "/status/maintenance.ics",
  "/status/none.json/x",
];
const MISSING_PATHS = [
  "/status/none",
  "/status/history/",
  "/status/history?month=2000-01",
  "/status/history?month=2030-13",
  "/status/incidents/none",
  "/status/incidents/",
  "/status/a/b/c?d=e",
];
const BROWSER = { accept: "text/html,application/xhtml+xml,*/*;q=0.8" };

/** Asks from an address that has used up its limit. */
async function askTooOften(app: TestApp): Promise<(path: string, init?: RequestInit) => Promise<Response>> {
  const device = app.device();
  const { burst } = STATUS_RATE_ADDRESS;
  await Promise.all(Array.from({ length: burst + 20 }, async () => {
    await (await device.fetch("/status/badge.svg")).body?.cancel();
  }));
  return async (path, init) => {
    for (let count = 0; count < 20; count++) {
      const response = await device.fetch(path, init);
      // A token comes each tenth of a second.
      if (response.status === 429) return response;
      await response.body?.cancel();
    }
    throw new Error(`${path} is not limited`);
  };
}

function expectOpen({ headers }: Response): void {
  expect(headers.get("access-control-allow-origin")).toBe("*");
  expect(headers.get("cross-origin-resource-policy")).toBe("cross-origin");
  expect(headers.get("cache-control")).toBe("no-store");
  expect(headers.get("x-content-type-options")).toBe("nosniff");
}

describe("public routes that are asked too often", () => {
  it("say so in the way that their readers expect, also to pages of other origins", async () => {
    await using app = await testApp();
    const ask = await askTooOften(app);
    for (const path of [...JSON_PATHS, ...TEXT_PATHS]) {
      const isJson = JSON_PATHS.includes(path);
      for (const method of ["GET", "HEAD"]) {
        const response = await ask(path, { method, headers: { origin: "https://elsewhere.example" } });
        expectOpen(response);
        expect(response.headers.get("access-control-expose-headers")).toBe("Retry-After");
        expect(response.headers.get("retry-after")).toBe("1");
        const type = isJson ? "application/json; charset=utf-8" : "text/plain; charset=utf-8";
        expect([path, response.headers.get("content-type")]).toEqual([path, type]);
        const line = "Too many requests, try again in 1 s";
        const body = isJson ? JSON.stringify({ error: line }) : `${line}\n`;
        expect([path, await response.text()]).toEqual([path, method === "HEAD" ? "" : body]);
      }
    }
  });

  it("leave refusals elsewhere as tRPC's clients expect them", async () => {
    await using app = await testApp();
    const refused = await app.device().fetch("/trpc/auth.me", {
      method: "POST",
      headers: { origin: "https://elsewhere.example" },
    });
    expect([refused.status, refused.headers.get("content-type")]).toEqual([403, "application/json"]);
    expect((await refused.json()).error.data.appCode).toBe("origin_refused");
  });
});

describe("paths of the public status that lead nowhere", () => {
  it("have a page in the visitor's language", async () => {
    await using app = await testApp();
    for (const language of LANGUAGES) {
      const words = pageWords(language);
      for (const path of MISSING_PATHS) {
        for (const encoding of ["identity", "br"]) {
          const headers = { ...BROWSER, "accept-language": language, "accept-encoding": encoding };
          const response = await app.device().fetch(path, { headers });
          expect([path, response.status]).toEqual([path, 404]);
          expectOpen(response);
          expect(response.headers.get("etag")).toBeNull();
          expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
          expect(response.headers.get("content-security-policy")).toMatch(/^default-src 'none'; /);
          expect(response.headers.get("vary")).toBe("Accept, Accept-Language, Accept-Encoding");
          const text = await response.text();
          expect(text).toContain(`<html lang="${language}"`);
          expect(text).toContain(`<h2>${words.missing}</h2><p>${words.missingLine}</p>`);
          expect(text).toContain(`<a href="/status">${words.toStatus}</a>`);
          expect(text).not.toContain("<script src");
        }
      }
    }
    const head = await app.device().fetch("/status/none", { method: "HEAD", headers: BROWSER });
    expect([head.status, await head.text()]).toEqual([404, ""]);
  });

  it("say so in a line to terminals, and in JSON where programs read JSON", async () => {
    await using app = await testApp();
    for (const path of [...MISSING_PATHS, "/status/badge.svg?component=none"]) {
      const response = await app.device().fetch(path);
      expect([path, response.status, await response.text()]).toEqual([path, 404, "Not found\n"]);
      expectOpen(response);
      expect(response.headers.get("content-type")).toBe("text/plain; charset=utf-8");
    }
    for (const path of ["/api/v2", "/api/v2/none", "/status/api/v2/none.json", "/status/none.json"]) {
      for (const headers of [BROWSER, {}]) {
        const response = await app.device().fetch(path, { headers });
        expect([path, response.status, await response.text()]).toEqual([path, 404, '{"error":"Not found"}']);
        expectOpen(response);
        expect(response.headers.get("content-type")).toBe("application/json; charset=utf-8");
      }
    }
  });

  it("lead to the page where only a slash is too much", async () => {
    await using app = await testApp();
    for (const [path, to] of [["/status/", "/status"], ["/status/?a=%2F%2Fb", "/status?a=%2F%2Fb"]]) {
      const response = await app.device().fetch(path ?? "", { redirect: "manual", headers: BROWSER });
      await response.body?.cancel();
      expect([response.status, response.headers.get("location")]).toEqual([308, to]);
      expect(response.headers.get("access-control-allow-origin")).toBe("*");
    }
    const page = await app.device().fetch("/status/", { headers: BROWSER });
    expect([page.status, new URL(page.url).pathname]).toEqual([200, "/status"]);
    await page.body?.cancel();
  });
});
