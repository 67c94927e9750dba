import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { Log } from "../../../server/log.ts";
import { AddressRanges } from "../../../server/net/address.ts";
import { ConnectionShare } from "../../../server/net/connection_share.ts";
import { createHttpServer } from "../../../server/net/http_server.ts";
import { RawClient } from "../../support/raw_client.ts";
import { testApp } from "../../support/test_app.ts";

/** A server that reports which requests have begun and answers each on demand. */
async function heldServer() {
  const begun: string[] = [];
  const held = new Map<string, ServerResponse>();
  let upgradeCount = 0;
  const server = createHttpServer({
    log: new Log({ level: "error", format: "text", write: () => {} }),
    share: new ConnectionShare({ trusted: new AddressRanges() }),
    silenceMs: 10_000,
    headers: [],
    handlers: () => ({
      subjectOf: () => "somebody",
      admit: ({ url = "" }: IncomingMessage) => Promise.resolve(void begun.push(url)),
      serve: ({ url = "" }, response) => Promise.resolve(held.set(url, response)),
      upgrade: () => upgradeCount++,
    }),
  });
  let parsedCount = 0;
  server.prependListener("request", () => parsedCount++);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    begun,
    upgradeCount: () => upgradeCount,
    parsedCount: () => parsedCount,
    async answer(path: string) {
      await expect.poll(() => held.has(path)).toBe(true);
      held.get(path)?.end(`answer to ${path}`);
    },
    [Symbol.asyncDispose]: () => {
      server.closeAllConnections();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

const get = (path: string, ...headers: string[]) =>
  ["GET " + path + " HTTP/1.1", "Host: x", ...headers, "", ""].join("\r\n");

describe("requests sent before the previous answer", () => {
  it("wait if there is one", async () => {
    await using server = await heldServer();
    await using client = await RawClient.dial(server.port);
    client.write(get("/1") + get("/2"));
    await expect.poll(() => server.begun).toEqual(["/1"]);
    // Other connections are still served.
    await using other = await RawClient.dial(server.port);
    other.write(get("/other"));
    await server.answer("/other");
    await other.answered();
    expect(server.begun).toEqual(["/1", "/other"]);
    await server.answer("/1");
    await server.answer("/2");
    await expect.poll(() => client.text).toContain("answer to /2");
    expect(client.text.indexOf("answer to /1")).toBeLessThan(client.text.indexOf("answer to /2"));
    client.write(get("/3"));
    await server.answer("/3");
    await expect.poll(() => client.text).toContain("answer to /3");
  });

  it("close the connection if there are more, and none of them begins", async () => {
    await using server = await heldServer();
    await using client = await RawClient.dial(server.port);
    client.write(get("/1"));
    await expect.poll(() => server.begun).toEqual(["/1"]);
    client.write(get("/more").repeat(1_000));
    await client.closed();
    expect(server.begun).toEqual(["/1"]);
    // Requests after the one too many are not even parsed.
    expect(server.parsedCount()).toBe(3);
  });

  it("close it even if they ask for an upgrade", async () => {
    await using server = await heldServer();
    await using client = await RawClient.dial(server.port);
    client.write(get("/1") + get("/trpc", "Connection: Upgrade", "Upgrade: websocket"));
    await client.closed();
    expect(server.upgradeCount()).toBe(0);
  });

  it("are not kept in memory, however many connections send them and leave the answers unread", async () => {
    await using app = await testApp();
    const { address } = app.device();
    const clients = await Promise.all(Array.from({ length: 20 }, () => RawClient.dial(app.port, address)));
    for (const client of clients) {
      client.stopReading();
      client.write(get("/healthz").repeat(2_000));
    }
    await using honest = await RawClient.dial(app.port);
    honest.write(get("/healthz"));
    await honest.answered();
    for (const client of clients) client.readOn();
    for (const client of clients) await client.closed();
    for (const client of clients) await client[Symbol.asyncDispose]();
  });
});
