import { describe, expect, it } from "vitest";
import { VISITORS_PER_ADDRESS_COUNT } from "../../server/status/status_sse.ts";
import { openBrowser } from "../support/browser.ts";
import { hasDenokv } from "../support/denokv.ts";
import { hasProxies, PROXIES } from "../support/proxies.ts";
import { StatusReader } from "../support/status_reader.ts";
import type { StatusReaderOptions } from "../support/status_reader.ts";
import type { TestApp } from "../support/test_app.ts";
import { CARELESS_NAMES, startCareless } from "./careless_proxy.ts";
import { Deployment } from "./deployment.ts";

const areProxies = await hasProxies();
const isPossible = await hasDenokv() && areProxies;
/** What a proxy holds back arrives with the next figures, after 15 s. */
const NOT_BUFFERED_MS = 3_000;
const FULL_RETRY_MS = 20_000;

function texts(reader: StatusReader): string[] {
  return reader.events.filter(({ event }) => event === "announcement").map(({ data }) =>
    JSON.parse(data).text
  );
}

/** Announces some lines one after the other; each must arrive at once. */
async function expectNotBuffered(app: TestApp, readers: readonly StatusReader[]): Promise<string[]> {
  const sent: string[] = [];
  for (const text of ["one", "two", "three"]) {
    const startedAt = performance.now();
    sent.push(text);
    await app.services.status.announcements.announce({ text, level: "info" }, app.owner.id);
    await expect.poll(() => readers.map(texts), { interval: 10 }).toEqual(readers.map(() => sent));
    expect(performance.now() - startedAt).toBeLessThan(NOT_BUFFERED_MS);
  }
  return sent;
}

describe.skipIf(!areProxies).each(CARELESS_NAMES)("the public status through a careless %s", (name) => {
  it("PROXY40 arrives at once, also where everything else is buffered and compressed", async () => {
    await using deployment = await startCareless(name);
    const { app, origin, certificate: { pem: caCert } } = deployment;
    await using plain = await StatusReader.open(origin, {
      caCert,
      headers: { "accept-encoding": "identity" },
    });
    await using zipped = await StatusReader.open(origin, { caCert, headers: { "accept-encoding": "gzip" } });
    for (const reader of [plain, zipped]) await expect.poll(() => reader.names).toEqual(["snapshot"]);
    expect(plain.response.headers.get("content-type")).toBe("text/event-stream");
    expect(plain.response.headers.get("cache-control")).toBe("no-store, no-transform");
    await expectNotBuffered(app, [plain, zipped]);
    await using late = await StatusReader.open(origin, { caCert, lastEventId: plain.events[1]?.id ?? "" });
    await expect.poll(() => texts(late)).toEqual(["two", "three"]);
  });

  it("PROXY41 is limited by the visitor's own address, whatever that one claims", async () => {
    await using deployment = await startCareless(name);
    const { app, origin, certificate: { pem: caCert } } = deployment;
    await using readers = new AsyncDisposableStack();
    const open = async (options: StatusReaderOptions) =>
      readers.use(await StatusReader.open(origin, { caCert, ...options }));
    const { sse } = app.server;
    const one = "127.9.1.1";
    for (let count = 0; count < VISITORS_PER_ADDRESS_COUNT; count++) await open({ localAddress: one });
    await expect.poll(() => sse.visitorCount).toBe(VISITORS_PER_ADDRESS_COUNT);
    const forged = {
      "X-Forwarded-For": "203.0.113.9",
      "Forwarded": "for=203.0.113.9",
      "X-Real-IP": "203.0.113.9",
    };
    const extra = await open({ localAddress: one, headers: forged });
    await expect.poll(() => extra.isEnded).toBe(true);
    expect([extra.response.status, extra.names]).toEqual([200, ["snapshot"]]);
    expect(extra.retryMs).toBeGreaterThanOrEqual(FULL_RETRY_MS);
    const other = await open({ localAddress: "127.9.1.2" });
    await expect.poll(() => sse.visitorCount).toBe(VISITORS_PER_ADDRESS_COUNT + 1);
    await expect.poll(() => other.names).toEqual(["snapshot"]);
    expect(other.isEnded).toBe(false);
  });

  it("PROXY42 has pages and JSON that are asked for again by ETag", async () => {
    await using deployment = await startCareless(name);
    using client = Deno.createHttpClient({ caCerts: [deployment.certificate.pem] });
    for (const path of ["/status", "/api/v2/summary.json", "/status/feed.atom"]) {
      for (const encoding of ["identity", "gzip", "br"]) {
        const ask = async (headers: Record<string, string>) => {
          const response = await fetch(`${deployment.origin}${path}`, {
            client,
            headers: { "accept": "text/html", "accept-encoding": encoding, ...headers },
          } as RequestInit);
          return { response, text: await response.text() };
        };
        const { response, text } = await ask({});
        expect([path, encoding, response.status]).toEqual([path, encoding, 200]);
        expect(text).toContain("Parley");
        expect(response.headers.get("vary")).toContain("Accept-Encoding");
        const again = await ask({ "if-none-match": response.headers.get("etag") ?? "" });
        expect([path, encoding, again.response.status]).toEqual([path, encoding, 304]);
      }
    }
  });
});

describe.skipIf(!areProxies)("a browser's EventSource", () => {
  it.each(CARELESS_NAMES)("PROXY44 hears at once through a careless %s", async (name) => {
    await using deployment = await startCareless(name);
    await using browser = await openBrowser();
    await using profile = await browser.openProfile({ ignoreHTTPSErrors: true });
    const page = await profile.openPage(`${deployment.origin}/status`);
    await page.evaluate(() => {
      const heard: string[] = [];
      Reflect.set(globalThis, "heard", heard);
      const source = new EventSource("/status/events");
      source.addEventListener("snapshot", () => heard.push("snapshot"));
      source.addEventListener("announcement", ({ data }) => heard.push(JSON.parse(data).text));
    });
    const heard = () => page.evaluate(() => Reflect.get(globalThis, "heard") as string[]);
    await expect.poll(heard).toEqual(["snapshot"]);
    const { app } = deployment;
    const startedAt = performance.now();
    await app.services.status.announcements.announce({ text: "one", level: "info" }, app.owner.id);
    await expect.poll(heard).toEqual(["snapshot", "one"]);
    expect(performance.now() - startedAt).toBeLessThan(NOT_BUFFERED_MS);
  });
});

describe.skipIf(!isPossible).each(PROXIES)("the public status through %s as in server/deploy", (name) => {
  it("PROXY43 arrives at once from both instances, and readers go on at the other one", async () => {
    await using deployment = await Deployment.start(name);
    const { origin, pair, certificate: { pem: caCert } } = deployment;
    await using first = await StatusReader.open(origin, { caCert });
    await using second = await StatusReader.open(origin, { caCert });
    for (const reader of [first, second]) await expect.poll(() => reader.names).toEqual(["snapshot"]);
    const counts = () => [pair.app.server.sse.visitorCount, pair.b.sse.visitorCount];
    expect(counts()).toEqual([1, 1]);
    const sent = await expectNotBuffered(pair.app, [first, second]);
    const lastEventId = first.events[1]?.id ?? "";
    for (let count = 0; count < 2; count++) {
      await using late = await StatusReader.open(origin, { caCert, lastEventId });
      await expect.poll(() => texts(late)).toEqual(sent.slice(1));
    }
  });
});
