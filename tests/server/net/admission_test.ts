import { describe, expect, it } from "vitest";
import { AddressRanges } from "../../../server/net/address.ts";
import {
  HTTP_RATE_ACCOUNT,
  HTTP_RATE_ADDRESS,
  STATUS_RATE_ADDRESS,
  STATUS_STREAM_RATE_ADDRESS,
} from "../../../shared/limits.ts";
import { RawSocket } from "../../support/raw_socket.ts";
import { testApp } from "../../support/test_app.ts";
import type { TestApp } from "../../support/test_app.ts";
import type { Device } from "../../support/test_clients.ts";

const FORWARDED = { "x-forwarded-for": "203.0.113.7" };

/** A server whose clock stands still, so that no bucket refills on a slow machine. */
function frozenApp(): Promise<TestApp> {
  const startedAt = Date.now();
  return testApp({ now: () => startedAt });
}

/** Counts lookups of credentials from now on. */
function countLookups(app: TestApp): () => number {
  let count = 0;
  const { accounts } = app.services;
  const login = accounts.login.bind(accounts);
  accounts.login = (credentials) => {
    count++;
    return login(credentials);
  };
  return () => count;
}

async function statusOf(device: Device, headers: Record<string, string> = {}): Promise<number> {
  const response = await device.fetch("/trpc/auth.me", { headers });
  await response.body?.cancel();
  return response.status;
}

describe("a credential", () => {
  it("that is invalid is not even looked up once its address is over the limit", async () => {
    await using app = await frozenApp();
    const lookups = countLookups(app);
    const device = app.device();
    const statuses: number[] = [];
    for (let round = 0; round < 30; round++) {
      statuses.push(
        ...await Promise.all(Array.from({ length: 10 }, (_, index) => {
          return statusOf(device, { authorization: `Bearer ${"x".repeat(30)}${round}-${index}` });
        })),
      );
    }
    const servedCount = statuses.filter((status) => status === 200).length;
    expect(servedCount).toBe(HTTP_RATE_ADDRESS.burst);
    expect(lookups()).toBe(servedCount);
  });

  it("that is valid works next to strangers at the same address, and does not use up their limit", async () => {
    await using app = await frozenApp();
    const { device } = app.owner;
    for (let count = 0; count < HTTP_RATE_ADDRESS.burst; count++) expect(await statusOf(device)).toBe(200);
    const strangers: number[] = [];
    for (let count = 0; count <= HTTP_RATE_ADDRESS.burst; count++) {
      strangers.push(await statusOf(device, { cookie: "sid=no" }));
    }
    // Setup itself was one request without a session.
    expect(strangers.filter((status) => status === 200).length).toBe(HTTP_RATE_ADDRESS.burst - 1);
    expect(strangers.at(-1)).toBe(429);
    expect(await statusOf(device)).toBe(200);
  });

  it("of one account has one limit, however many sessions there are", async () => {
    await using app = await frozenApp();
    const devices = [app.device(), app.device(), app.device(), app.device()];
    for (const device of devices) {
      await device.client("http").auth.signIn.mutate({ name: "Ana", password: app.owner.password ?? "" });
    }
    const askAll = () => Promise.all(devices.map((device) => statusOf(device)));
    const statuses: number[] = [];
    while (statuses.length < HTTP_RATE_ACCOUNT.burst) statuses.push(...await askAll());
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(new Set(await askAll())).toEqual(new Set([429]));
  });
});

describe("the public status", () => {
  const PATHS = [
    "/status",
    "/status.md",
    "/status/history",
    "/status/feed.atom",
    "/api/v2/summary.json",
    "/status/x",
  ];
  const ask = async (device: Device, path: string) => {
    const response = await device.fetch(path);
    await response.body?.cancel();
    return response;
  };

  it("has a limit for each address, apart from the chat and from files", async () => {
    await using app = await frozenApp();
    const device = app.device();
    for (let count = 0; count < STATUS_RATE_ADDRESS.burst; count++) {
      expect((await ask(device, PATHS[count % PATHS.length] ?? "")).status).not.toBe(429);
    }
    for (const path of PATHS) {
      const { status, headers } = await ask(device, path);
      expect([path, status, headers.get("retry-after")]).toEqual([path, 429, "1"]);
    }
    expect((await ask(device, "/nothing")).status).toBe(404);
    expect(await statusOf(device)).toBe(200);
    expect((await ask(app.device(), "/status")).status).toBe(200);
  });

  it("answers its stream with 200 over the limit too: when to come again, and the end", async () => {
    await using app = await frozenApp();
    const device = app.device();
    for (let count = 0; count < STATUS_STREAM_RATE_ADDRESS.burst; count++) {
      await ask(device, "/status/events");
    }
    const response = await device.fetch("/status/events?since=epoch.0");
    expect(response.status).toBe(200);
    expect(await response.text()).toMatch(/^retry: \d{5}\n\n$/);
    expect((await ask(device, "/status")).status).toBe(200);
  });
});

describe("X-Forwarded-For from an untrusted peer", () => {
  const warnings = (app: TestApp) => app.logs.filter((line) => line.includes("TRUST_PROXY"));

  it("is logged once", async () => {
    await using app = await testApp();
    const device = app.device();
    await statusOf(device);
    expect(warnings(app)).toEqual([]);
    for (let count = 0; count < 3; count++) await statusOf(device, FORWARDED);
    expect(warnings(app)).toHaveLength(1);
    expect(warnings(app)[0]).toContain(`proxy="${device.address}"`);
  });

  it("is shown in the workspace settings to admins who use it, over HTTP and WebSocket", async () => {
    await using app = await testApp();
    const ben = await app.person("Ben");
    const read = async (device: Device, headers: Record<string, string>) => {
      const response = await device.fetch("/trpc/workspace.get", { headers });
      return (await response.json()).result.data.untrustedProxy;
    };
    const { device } = app.owner;
    // Forged addresses of a stranger do not affect others.
    await statusOf(app.device(), FORWARDED);
    expect(await read(device, {})).toBeUndefined();
    expect(await read(device, FORWARDED)).toBe(device.address);
    expect(await read(ben.device, FORWARDED)).toBeUndefined();

    const headers = device.headers.bind(device);
    device.headers = () => ({ ...headers(), ...FORWARDED });
    const socket = await RawSocket.open(device);
    expect(await socket.call("query", "workspace.get", undefined)).toMatchObject({
      result: { data: { untrustedProxy: device.address } },
    });
  });

  it("is not mentioned if the peer is trusted", async () => {
    const trustProxy = new AddressRanges();
    trustProxy.add("127.0.0.0/8");
    await using app = await testApp({ config: { trustProxy } });
    await statusOf(app.device(), FORWARDED);
    expect(warnings(app)).toEqual([]);
  });
});
