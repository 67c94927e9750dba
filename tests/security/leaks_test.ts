import { createServer } from "node:http";
import type { ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
// @ts-types="npm:@types/ws@8.18.2"
import { WebSocketServer } from "ws";
import type { RoomId } from "../../shared/ids.ts";
import { openBrowser } from "../support/browser.ts";
import { eventSourceOver } from "../support/event_source.ts";
import { RawClient, rawFrame } from "../support/raw_client.ts";
import { Device } from "../support/test_clients.ts";
import { waitFor } from "../support/wait.ts";
import { Party } from "../wire/stock_clients.ts";
import type { Runtime } from "../wire/stock_clients.ts";

const SECRET = "passwordHash";
const ROOM_ID = "AAAAAAAAAAAAAAAA" as RoomId;
const TYPING = { userId: "AAAAAAAAAAAAAAAA", isTyping: true, [SECRET]: "x" };
const USERS = { items: [], cursor: null, [SECRET]: "x" };
const QUERY = "/trpc/users.list";
const STREAM = "/trpc/typing.onTyping";

function stream(response: ServerResponse): void {
  response.writeHead(200, { "Content-Type": "text/event-stream" });
  response.write("event: connected\ndata: {}\n\n");
  response.write(`data: ${JSON.stringify(TYPING)}\n\n`);
}

/** A server whose answers all have an extra field. */
async function leakyServer() {
  const server = createServer((request, response) => {
    if (request.url?.startsWith(STREAM)) return stream(response);
    const isJson = request.url?.startsWith("/trpc/") ?? false;
    response.writeHead(200, { "Content-Type": isJson ? "application/json" : "text/html" });
    response.end(isJson ? JSON.stringify({ result: { data: USERS } }) : "<!doctype html><title>Leak</title>");
  });
  const sockets = new WebSocketServer({ server, perMessageDeflate: false });
  sockets.on("connection", (socket) => {
    socket.on("message", (data) => {
      const { id } = JSON.parse(String(data)) as { id: number };
      socket.send(JSON.stringify({ id, result: { type: "data", data: TYPING } }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const client of sockets.clients) client.terminate();
      sockets.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

const runtime: Runtime = {
  socketWith: () => WebSocket,
  eventSourceOver: (fetch) => eventSourceOver(fetch as typeof globalThis.fetch) as never,
  settled: async () => {},
};

/** Resolves when the subscription has received something. */
function heard(client: ReturnType<Device["client"]>): Promise<void> {
  return new Promise((resolve, reject) => {
    const subscription = client.typing.onTyping.subscribe({ roomId: ROOM_ID }, {
      onData() {
        subscription.unsubscribe();
        resolve();
      },
      onError: reject,
    });
  });
}

/** What each kind of client does, and how it ends. */
const CLIENTS: Readonly<Record<string, (port: number) => Promise<unknown>>> = {
  async "a device over HTTP"(port) {
    await using device = new Device(`http://127.0.0.1:${port}`, "127.1.0.1");
    await device.client("http").users.list.query();
  },
  async "a device over a stream"(port) {
    await using device = new Device(`http://127.0.0.1:${port}`, "127.1.0.1");
    await heard(device.client("sse"));
  },
  async "a device over a WebSocket"(port) {
    await using device = new Device(`http://127.0.0.1:${port}`, "127.1.0.1");
    await heard(device.client("ws"));
  },
  async "bytes over HTTP"(port) {
    await using client = await RawClient.dial(port);
    client.request([`GET ${QUERY} HTTP/1.1`, "Host: 127.0.0.1"]);
    await waitFor(() => client.text.includes(SECRET));
  },
  async "bytes over a stream"(port) {
    await using client = await RawClient.dial(port);
    client.request([`GET ${STREAM} HTTP/1.1`, "Host: 127.0.0.1"]);
    await waitFor(() => client.text.includes(SECRET));
  },
  async "bytes over a WebSocket"(port) {
    await using client = await RawClient.dial(port);
    await client.upgrade();
    const request = { id: 1, method: "subscription", params: { path: "typing.onTyping" } };
    client.write(rawFrame(JSON.stringify(request)));
    await waitFor(() => client.text.includes(SECRET));
  },
  async "a stock client over HTTP"(port) {
    const party = new Party(runtime, `http://127.0.0.1:${port}`);
    await party.http().auth.me.query();
    await party.close();
  },
  async "a stock client over a stream"(port) {
    const party = new Party(runtime, `http://127.0.0.1:${port}`);
    await heard(party.client("sse+cookie"));
    await party.close();
  },
  async "a stock client over a WebSocket"(port) {
    const party = new Party(runtime, `http://127.0.0.1:${port}`);
    await heard(party.client("ws+cookie"));
    await party.close();
  },
  async "a browser over HTTP"(port) {
    await using browser = await openBrowser();
    await using profile = await browser.openProfile();
    const page = await profile.openPage(`http://127.0.0.1:${port}/`);
    await page.evaluate(async (url) => await (await fetch(url)).text(), QUERY);
    // The browser tells the test of its answers a little later than the page.
    await waitFor(() => profile.problems.length > 0);
  },
  async "a browser over a stream"(port) {
    await using browser = await openBrowser();
    await using profile = await browser.openProfile();
    const page = await profile.openPage(`http://127.0.0.1:${port}/`);
    await page.evaluate((url) => {
      const events = new EventSource(url);
      return new Promise<void>((resolve) => events.onmessage = () => resolve());
    }, STREAM);
    await waitFor(() => profile.problems.length > 0);
  },
};

describe("an answer with an extra field", () => {
  let server: Awaited<ReturnType<typeof leakyServer>>;

  beforeAll(async () => {
    server = await leakyServer();
  });
  afterAll(() => server.close());

  it.each(Object.keys(CLIENTS))("T08 fails a test that received it with %s", async (name) => {
    await expect(CLIENTS[name]?.(server.port)).rejects.toThrow(SECRET);
  });
});
