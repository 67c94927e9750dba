import type { AddressInfo, Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { Log } from "../../../server/log.ts";
import { AddressRanges } from "../../../server/net/address.ts";
import { ConnectionShare } from "../../../server/net/connection_share.ts";
import { createHttpServer } from "../../../server/net/http_server.ts";
import type { MessagePage } from "../../../server/messages/message_reader_store.ts";
import { securityHeaders } from "../../../server/net/security_headers.ts";
import { RawClient } from "../../support/raw_client.ts";
import { StatusReader } from "../../support/status_reader.ts";
import { testApp } from "../../support/test_app.ts";
import type { TestApp } from "../../support/test_app.ts";
import { waitFor } from "../../support/wait.ts";

/** Headers that may differ between answers; all others must always be the same. */
const VARYING = new Set([
  "allow",
  "cache-control",
  "clear-site-data",
  "connection",
  "content-encoding",
  "content-length",
  "content-type",
  "date",
  "etag",
  "keep-alive",
  "retry-after",
  "set-cookie",
  "transfer-encoding",
  "vary",
  "x-accel-buffering",
]);

async function ask(app: TestApp, lines: readonly string[], body = ""): Promise<RawClient> {
  const client = await RawClient.dial(app.port, app.device().address);
  client.request([...lines, "Host: 127.0.0.1"], body);
  await client.answered();
  await client[Symbol.asyncDispose]();
  return client;
}

const CSP = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; " +
  "media-src 'self' blob:; connect-src 'self'; font-src 'self'; manifest-src 'self'; worker-src 'self'; " +
  "base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; " +
  "trusted-types parley";

describe("security headers", () => {
  it("T13 are on every answer, including refusals by the parser and of upgrades", async () => {
    await using app = await testApp();
    const json = "Content-Type: application/json";
    const answers: Record<string, [number, RawClient]> = {
      alive: [200, await ask(app, ["GET /healthz HTTP/1.1"])],
      ready: [200, await ask(app, ["GET /readyz HTTP/1.1"])],
      api: [200, await ask(app, ["GET /trpc/auth.me HTTP/1.1"])],
      nothing: [404, await ask(app, ["GET /deno.json HTTP/1.1"])],
      noProcedure: [404, await ask(app, ["GET /trpc/no.such HTTP/1.1"])],
      noMethod: [405, await ask(app, ["PUT /trpc/auth.me HTTP/1.1"])],
      notOurs: [404, await ask(app, ["DELETE / HTTP/1.1"])],
      foreign: [
        403,
        await ask(app, ["POST /trpc/auth.signOut HTTP/1.1", "Origin: https://evil.example", json]),
      ],
      unknownType: [415, await ask(app, ["POST /trpc/auth.signOut HTTP/1.1", "Content-Length: 1"], "x")],
      tooLarge: [413, await ask(app, ["POST /trpc/auth.signOut HTTP/1.1", "Content-Length: 65537"])],
      headersTooLarge: [431, await ask(app, ["GET / HTTP/1.1", `X: ${"x".repeat(17 * 1024)}`])],
      expectation: [417, await ask(app, ["GET /healthz HTTP/1.1", "Expect: the-best"])],
      garbage: [400, await ask(app, ["\u0016\u0003 HTTP/1.1"])],
      noHost: [400, await ask(app, ["GET / HTTP/1.1", "Host: twice"])],
      badHost: [400, await ask(app, ["GET / HTTP/1.0\r\nHost: a b\r\nX: y"])],
      upgrade: [404, await ask(app, ["GET /x HTTP/1.1", "Connection: Upgrade", "Upgrade: websocket"])],
    };
    for (const [name, [status, client]] of Object.entries(answers)) {
      expect([name, client.status]).toEqual([name, status]);
      for (const [header, value] of securityHeaders({ isHttps: false })) {
        if (header === "Cache-Control") continue;
        expect([name, header, client.headers.get(header.toLowerCase())]).toEqual([name, header, value]);
      }
      expect([name, client.headers.get("cache-control")]).toEqual([name, "no-store"]);
      const others = [...client.headers.keys()].filter((header) => !VARYING.has(header)).sort();
      const fixed = securityHeaders({ isHttps: false }).map(([header]) => header.toLowerCase());
      expect([name, others]).toEqual([name, fixed.filter((header) => header !== "cache-control").sort()]);
      // T43: nothing reveals the software or its location.
      expect(client.text).not.toMatch(/deno|hono|node|\.ts\b|\/work|stack/i);
    }
    expect(answers["alive"]?.[1].headers.get("content-security-policy")).toBe(CSP);
  });

  it("let pages connect to the LiveKit server that is configured, and change in nothing else", async () => {
    const secret = "thirty-two-characters-or-more-of-it";
    const liveKit = { url: "wss://livekit.example.org", key: "parley", secret };
    await using app = await testApp({ config: { liveKit } });
    const { headers } = await ask(app, ["GET /healthz HTTP/1.1"]);
    expect(headers.get("content-security-policy")).toBe(
      CSP.replace(
        "connect-src 'self'",
        "connect-src 'self' wss://livekit.example.org https://livekit.example.org",
      ),
    );
  });

  it("tell browsers to stay on https, but only if people use https", () => {
    const names = (isHttps: boolean) => securityHeaders({ isHttps }).map(([name]) => name);
    expect(names(true)).toContain("Strict-Transport-Security");
    expect(names(false)).not.toContain("Strict-Transport-Security");
  });

  it("T14 come with a session cookie that no script and no other site can read", async () => {
    const cookieOf = async (publicUrl: string | null) => {
      await using app = await testApp({ config: { publicUrl } });
      const input = { name: "Ana", password: app.owner.password };
      const response = await app.device().fetch("/trpc/auth.signIn", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(input),
      });
      await response.body?.cancel();
      return response.headers.get("set-cookie") ?? "";
    };
    expect(await cookieOf("https://chat.example.org")).toMatch(
      /^__Host-sid=[A-Za-z0-9_-]{43}; Max-Age=7776000; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
    );
    // Browsers refuse Secure cookies over plain http, which is only used on loopback.
    expect(await cookieOf(null)).toMatch(
      /^sid=[A-Za-z0-9_-]{43}; Max-Age=7776000; Path=\/; HttpOnly; SameSite=Strict$/,
    );
  });
});

describe("limits of HTTP", () => {
  it("T41 refuse a body above 64 KiB, announced or not, in tRPC's format, and close the connection", async () => {
    await using app = await testApp();
    const head = ["POST /trpc/auth.signOut HTTP/1.1", "Host: x", "Content-Type: application/json"];
    await using announced = await RawClient.dial(app.port);
    announced.request([...head, "Content-Length: 65537"], "x".repeat(100));
    await announced.closed();
    await using chunked = await RawClient.dial(app.port);
    chunked.request([...head, "Transfer-Encoding: chunked"]);
    for (let sent = 0; sent < 70 * 1024; sent += 1024) chunked.write(`400\r\n${"x".repeat(1024)}\r\n`);
    await chunked.closed();
    await using elsewhere = await RawClient.dial(app.port);
    elsewhere.request(["GET /healthz HTTP/1.1", "Host: x", "Content-Length: 99999999999"]);
    await elsewhere.closed();
    for (const client of [announced, chunked, elsewhere]) {
      expect(client.status).toBe(413);
      expect(JSON.parse(client.body)).toMatchObject({
        error: { code: -32013, data: { code: "PAYLOAD_TOO_LARGE", httpStatus: 413, appCode: "too_large" } },
      });
    }
    await using exact = await RawClient.dial(app.port);
    exact.request([...head, "Content-Length: 65536"], "x".repeat(65536));
    await exact.answered();
    expect(exact.status).not.toBe(413);
  });

  it("T41 refuse a request with both Content-Length and Transfer-Encoding", async () => {
    await using app = await testApp();
    const lines = ["POST /trpc/auth.signOut HTTP/1.1", "Content-Length: 4", "Transfer-Encoding: chunked"];
    expect((await ask(app, lines, "0\r\n\r\n")).status).toBe(400);
  });

  it("T35 refuse a batch of 21 before tRPC, and accept one of 20, however its path is written", async () => {
    await using app = await testApp();
    const batch = async (count: number, separator: string) => {
      const path = Array<string>(count).fill("auth.me").join(separator);
      const response = await app.device().fetch(`/trpc/${path}?batch=1&input={}`);
      return { status: response.status, body: await response.json() };
    };
    expect((await batch(20, ",")).status).toBe(200);
    for (const separator of [",", "%2C"]) {
      const refused = await batch(21, separator);
      expect(refused).toMatchObject({ status: 413, body: { error: { data: { appCode: "too_large" } } } });
    }
  });

  it("answer 429 with Retry-After to an address without a session, but not to signed-in people there", async () => {
    await using app = await testApp();
    const { device } = app.owner;
    expect(await app.owner.api.auth.me.query()).toMatchObject({ name: "Ana" });
    const anonymous = async () => {
      const response = await device.fetch("/trpc/auth.me", { headers: { cookie: "sid=none" } });
      return { response, body: await response.json() };
    };
    // All at once: one after the other, a slow machine would ask no faster than the limit allows.
    const answers = await Promise.all(Array.from({ length: 250 }, anonymous));
    const refused = answers.find(({ response }) => response.status === 429);
    if (refused === undefined) throw new Error("Nothing was refused");
    expect(refused.body.error.data).toMatchObject({ code: "TOO_MANY_REQUESTS", appCode: "rate_limited" });
    expect(refused.body.error.data.retryAfterMs).toBeGreaterThan(0);
    expect(Number(refused.response.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
    expect(await app.owner.api.auth.me.query()).toMatchObject({ name: "Ana" });
  });

  it("T28 use the peer's address, and a forwarded one only if the peer is trusted", async () => {
    await using app = await testApp();
    const { device } = app.owner;
    const ask = async (index: number) => {
      const headers = { "x-forwarded-for": `203.0.113.${index}`, "cookie": "sid=none" };
      const response = await device.fetch("/trpc/auth.me", { headers });
      await response.body?.cancel();
      return response.status;
    };
    const statuses = await Promise.all(Array.from({ length: 250 }, (_, index) => ask(index)));
    expect(statuses).toContain(429);
  });

  it("do not interrupt an answer that takes longer than the request timeout", async () => {
    await using app = await testApp();
    await using client = await RawClient.dial(app.port, app.device().address);
    const input = encodeURIComponent("{}");
    client.request([
      `GET /trpc/presence.onPresence?input=${input} HTTP/1.1`,
      "Host: x",
      `Cookie: ${app.owner.device.cookie}`,
      "Accept: text/event-stream",
    ]);
    await client.answered();
    expect([client.status, client.headers.get("content-type")]).toEqual([200, "text/event-stream"]);
    expect(client.headers.get("cache-control")).toBe("no-store, no-transform");
    expect(client.body).toContain("retry: 1000\n");
  });
});

describe("a body", () => {
  it("that is cut off logs no error", async () => {
    const logs: string[] = [];
    const log = new Log({ level: "info", format: "text", write: (line) => void logs.push(line) });
    let admittedCount = 0;
    let isServed = false;
    const server = createHttpServer({
      log,
      share: new ConnectionShare({ trusted: new AddressRanges() }),
      silenceMs: 1_000,
      headers: [],
      handlers: () => ({
        subjectOf: () => "somebody",
        admit: () => Promise.resolve(void admittedCount++),
        serve: () => Promise.resolve(isServed = true),
        upgrade: () => {},
      }),
    });
    let endedCount = 0;
    server.on("connection", (socket: Socket) => socket.on("close", () => endedCount++));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    for (const framing of ["Content-Length: 1000", "Transfer-Encoding: chunked"]) {
      await using client = await RawClient.dial(port);
      client.request(["POST / HTTP/1.1", "Host: x", framing], "1\r\n{");
      await expect.poll(() => admittedCount).toBe(endedCount + 1);
    }
    await expect.poll(() => endedCount).toBe(2);
    await new Promise<void>((resolve) => server.close(() => resolve()));
    expect([isServed, logs]).toEqual([false, []]);
  });

  it("T41 is read for 256 KiB and no more when it is refused, however fast it comes", async () => {
    const server = createHttpServer({
      log: new Log({ level: "info", format: "text", write: () => {} }),
      share: new ConnectionShare({ trusted: new AddressRanges() }),
      silenceMs: 30_000,
      headers: [],
      handlers: () => ({
        subjectOf: () => "somebody",
        admit: () => Promise.resolve(),
        serve: () => Promise.resolve(),
        upgrade: () => {},
      }),
    });
    let readBytes = 0;
    server.on("connection", (socket: Socket) => socket.on("close", () => readBytes = socket.bytesRead));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    await using client = await RawClient.dial((server.address() as AddressInfo).port);
    client.request(["POST / HTTP/1.1", "Host: x", `Content-Length: ${1024 ** 3}`]);
    client.write(new Uint8Array(8 * 1024 * 1024));
    await client.closed(30_000);
    expect(client.status).toBe(413);
    await expect.poll(() => readBytes, { timeout: 30_000 }).toBeGreaterThan(0);
    // What was under way when it stopped counts too.
    expect(readBytes).toBeLessThan(1024 * 1024);
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });

  it("is requested only after its head is admitted", async () => {
    await using app = await testApp();
    const ask = async (lines: readonly string[]) => {
      await using client = await RawClient.dial(app.port, app.device().address);
      const type = "Content-Type: application/json";
      client.request([...lines, "Host: x", type, "Content-Length: 2", "Expect: 100-continue"]);
      await client.answered();
      return client.status;
    };
    expect(await ask(["POST /trpc/auth.signOut HTTP/1.1"])).toBe(100);
    expect(await ask(["POST /trpc/auth.signOut HTTP/1.1", "Origin: https://evil.example"])).toBe(403);
    expect(await ask(["POST /x/../trpc/auth.signOut HTTP/1.1"])).toBe(400);
  });
});

describe("/metrics", () => {
  it("reports the size, lookups and reads of each cache", async () => {
    await using app = await testApp();
    await app.owner.api.rooms.list.query();
    const text = await (await fetch(`${app.url}/metrics`)).text();
    const figure = (name: string, cache: string) =>
      Number(new RegExp(`^parley_cache_${name}{cache="${cache}"} (\\d+)$`, "m").exec(text)?.[1]);
    for (const cache of Object.keys(app.services.caches)) expect(figure("hits_total", cache)).not.toBeNaN();
    expect(figure("entries", "credentials")).toBe(1);
    expect(figure("reads_total", "logins")).toBeGreaterThan(0);
  });

  it("tells how many read the status feed", async () => {
    await using app = await testApp();
    const count = async () =>
      /^parley_status_visitors (\d+)$/m.exec(await (await fetch(`${app.url}/metrics`)).text())?.[1];
    expect(await count()).toBe("0");
    await using reader = await StatusReader.open(app.url);
    await expect.poll(() => reader.names).toEqual(["snapshot"]);
    expect(await count()).toBe("1");
  });

  it("tells how many calls and hashes wait and were refused", async () => {
    await using app = await testApp({ passwordCost: { logN: 15, r: 8, p: 1 } });
    const { hasher } = app.services;
    const figure = async (name: string) => {
      const text = await (await fetch(`${app.url}/metrics`)).text();
      return Number(new RegExp(`^parley_queue_${name} (\\d+)$`, "m").exec(text)?.[1]);
    };
    const hashes = Array.from({ length: 60 }, (_, index) => hasher.hash("nine blue kettles", [`${index}`]));
    const results = Promise.allSettled(hashes);
    expect(await figure('waiting{queue="passwords"}')).toBeGreaterThan(0);
    expect(await figure('refused_total{queue="passwords"}')).toBe(hasher.refusedCount);
    expect(hasher.refusedCount).toBeGreaterThan(0);
    await results;
    expect(await figure('waiting{queue="passwords"}')).toBe(0);
    const pages = Promise.withResolvers<MessagePage>();
    app.services.messageReader.page = () => pages.promise;
    const roomId = (await app.owner.api.rooms.list.query())[0]?.id ?? "" as never;
    const lists = Array.from({ length: 5 }, () => app.owner.api.messages.list.query({ roomId }));
    await waitFor(async () => await figure('waiting{queue="work"}') === 3);
    expect(await figure('refused_total{queue="work"}')).toBe(0);
    pages.resolve({ messages: [], hasOlder: false, hasNewer: false });
    await Promise.all(lists);
  }, 120_000);

  it("is for programs on this machine, or with PUBLIC_URL only with the token", async () => {
    const metricsToken = "0123456789abcdef";
    const ask = async (app: TestApp, headers: Record<string, string>) => {
      const response = await fetch(`${app.url}/metrics`, { headers });
      await response.body?.cancel();
      return response.status;
    };
    const right = { authorization: `Bearer ${metricsToken}` };
    {
      await using app = await testApp();
      expect([await ask(app, {}), await ask(app, right)]).toEqual([200, 404]);
      expect(await ask(app, { "x-forwarded-for": "203.0.113.9" })).toBe(404);
    }
    await using bare = await testApp({ config: { publicUrl: "https://chat.example.org" } });
    expect([await ask(bare, {}), await ask(bare, right)]).toEqual([404, 404]);
    await using app = await testApp({ config: { publicUrl: "https://chat.example.org", metricsToken } });
    expect([await ask(app, {}), await ask(app, right)]).toEqual([404, 200]);
    expect(await ask(app, { authorization: "Bearer 0123456789abcdeg" })).toBe(404);
  });
});
