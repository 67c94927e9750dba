import { describe, expect, it } from "vitest";
import { RawClient } from "../../support/raw_client.ts";
import { testApp } from "../../support/test_app.ts";

const PUBLIC_URL = "https://chat.example.org";

describe("origin of an upgrade", () => {
  it("T12 refuses every origin but our own before anything else, with an answer that says so", async () => {
    await using app = await testApp({ config: { publicUrl: PUBLIC_URL } });
    const foreign = [
      "https://evil.example",
      "null",
      "https://chat.example.org.evil.example",
      "http://chat.example.org",
      "https://chat.example.org:8443",
      "HTTPS://CHAT.EXAMPLE.ORG",
      "https://chat.example.org/",
      "https://chat.example.org, https://chat.example.org",
      "",
    ];
    for (const origin of foreign) {
      await using client = await RawClient.dial(app.port, app.device().address);
      await client.upgrade({ Origin: origin, Authorization: "Bearer anything" });
      expect([origin, client.status, JSON.parse(client.body).error.data.appCode]).toEqual([
        origin,
        403,
        "origin_refused",
      ]);
      expect(client.headers.get("content-security-policy")).toContain("default-src 'none'");
      await client.closed();
    }
    await using own = await RawClient.dial(app.port, app.device().address);
    await own.upgrade({ Origin: PUBLIC_URL });
    expect(own.status).toBe(101);
  });

  it("T12 refuses two Origin headers and a cookie without any", async () => {
    await using app = await testApp();
    const own = app.url;
    const cookie = app.owner.device.cookie ?? "";
    await using twice = await RawClient.dial(app.port);
    await twice.upgrade({ "Origin": own, "origin": own });
    expect(twice.status).toBe(403);
    await using nameless = await RawClient.dial(app.port);
    await nameless.upgrade({ Cookie: cookie });
    expect(nameless.status).toBe(403);
    await using signedIn = await RawClient.dial(app.port);
    await signedIn.upgrade({ Origin: own, Cookie: cookie });
    expect(signedIn.status).toBe(101);
  });

  it("accepts the three names of loopback while PUBLIC_URL is unset, and no other port", async () => {
    await using app = await testApp();
    const statuses = new Map<string, number>();
    for (const host of ["127.0.0.1", "localhost", "[::1]", "127.0.0.2"]) {
      for (const port of [app.port, app.port + 1]) {
        await using client = await RawClient.dial(app.port, app.device().address);
        await client.upgrade({ Origin: `http://${host}:${port}` });
        statuses.set(`${host} ${port === app.port}`, client.status);
      }
    }
    expect([...statuses].filter(([, status]) => status === 101).map(([name]) => name)).toEqual([
      "127.0.0.1 true",
      "localhost true",
      "[::1] true",
    ]);
  });

  it("accepts a token without an origin, and refuses a revoked one with 401", async () => {
    await using app = await testApp();
    const { token } = await app.owner.api.tokens.create.mutate({ label: "Bot" });
    await using alive = await RawClient.dial(app.port);
    await alive.upgrade({ Authorization: `Bearer ${token}` });
    expect(alive.status).toBe(101);
    await using dead = await RawClient.dial(app.port);
    await dead.upgrade({ Authorization: "Bearer of-bad-news" });
    expect([dead.status, JSON.parse(dead.body).error.data.appCode]).toEqual([401, "unauthenticated"]);
  });

  it("T38 only exists at /trpc", async () => {
    await using app = await testApp();
    for (const path of ["/", "/trpc/", "/trpcx", "/status", "//trpc", "/TRPC"]) {
      await using client = await RawClient.dial(app.port, app.device().address);
      await client.upgrade({ Origin: app.url }, path);
      expect([path, client.status]).toEqual([path, path.startsWith("//") ? 400 : 404]);
    }
  });
});

describe("origin of a POST", () => {
  it("T15 refuses what another site's page can send, whatever its type", async () => {
    await using app = await testApp();
    const cookie = app.owner.device.cookie ?? "";
    const post = async (headers: Record<string, string>, path = "/trpc/auth.signOut") => {
      const client = await RawClient.dial(app.port, app.device().address);
      const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
      client.request([`POST ${path} HTTP/1.1`, "Host: 127.0.0.1", "Content-Length: 2", ...lines], "{}");
      await client.answered();
      await client[Symbol.asyncDispose]();
      return client.status;
    };
    for (
      const type of [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "application/json",
      ]
    ) {
      expect(await post({ "Origin": "https://evil.example", "Cookie": cookie, "Content-Type": type })).toBe(
        403,
      );
      expect(await post({ "Cookie": cookie, "Content-Type": type })).toBe(403);
      expect(await post({ "Sec-Fetch-Site": "cross-site", "Content-Type": type })).toBe(403);
    }
    expect(await post({ "Origin": "https://evil.example" }, "/healthz")).toBe(403);
    // Even our own page may only send JSON.
    expect(await post({ "Origin": app.url, "Cookie": cookie, "Content-Type": "text/plain" })).toBe(415);
    expect(await app.owner.api.auth.me.query()).not.toBeNull();
    expect(await post({ "Origin": app.url, "Cookie": cookie, "Content-Type": "application/json" })).toBe(200);
    expect(await app.owner.api.auth.me.query()).toBeNull();
  });

  it("gives a foreign origin no right to read: no CORS header anywhere", async () => {
    await using app = await testApp();
    for (const path of ["/trpc/auth.me", "/healthz", "/nothing"]) {
      const response = await app.device().fetch(path, { headers: { origin: "https://evil.example" } });
      expect(response.headers.get("access-control-allow-origin")).toBeNull();
      await response.body?.cancel();
    }
  });
});
