import { describe, expect, it, vi } from "vitest";
import { RawClient, rawFrame } from "../support/raw_client.ts";
import { testApp } from "../support/test_app.ts";
import { waitFor } from "../support/wait.ts";

describe("stopping", () => {
  it("refuses new connections, asks each client to reconnect at a different moment, answers pending calls, closes with 1012", async () => {
    await using app = await testApp();
    const clients: RawClient[] = [];
    for (const name of ["Ben", "Cleo", "Dan", "Eve", "Fay"]) {
      const { device } = await app.person(name);
      const client = await RawClient.dial(app.port, device.address);
      await client.upgrade({ Origin: app.url, Cookie: device.cookie ?? "" });
      clients.push(client);
    }
    const askedAt = new Map<RawClient, number>();
    const stopped = app.server.stop({ spreadMs: 400 });
    const device = app.device();
    const ready = await device.fetch("/readyz");
    expect([ready.status, await ready.text()]).toEqual([503, "draining\n"]);
    const pages = await device.fetch("/readyz/pages");
    expect([pages.status, await pages.text()]).toEqual([503, "draining\n"]);
    await using late = await RawClient.dial(app.port, device.address);
    await late.upgrade({ Origin: app.url });
    expect([late.status, JSON.parse(late.body).error.data.appCode]).toEqual([503, "draining"]);
    await waitFor(() => {
      for (const client of clients) {
        const isAsked = client.text.includes('{"id":null,"method":"reconnect"}');
        if (isAsked && !askedAt.has(client)) askedAt.set(client, performance.now());
      }
      return askedAt.size === clients.length;
    });
    expect(new Set(askedAt.values()).size).toBeGreaterThan(1);
    for (const client of clients) {
      client.write(rawFrame(JSON.stringify({ id: 7, method: "query", params: { path: "auth.me" } })));
    }
    await waitFor(() => clients.every((client) => client.closeCode === 1012));
    expect(clients.every((client) => client.text.includes('{"id":7,"result"'))).toBe(true);
    await stopped;
    for (const client of clients) await client[Symbol.asyncDispose]();
    await expect(RawClient.dial(app.port)).rejects.toThrow();
  });

  it("ends HTTP streams too, and is immediate without clients", async () => {
    await using app = await testApp();
    await using stream = await RawClient.dial(app.port, app.owner.device.address);
    stream.request([
      "GET /trpc/presence.onPresence HTTP/1.1",
      "Host: 127.0.0.1",
      `Cookie: ${app.owner.device.cookie}`,
    ]);
    await waitFor(() => stream.text.includes('"snapshot"'));
    await app.server.stop({ spreadMs: 50 });
    await stream.closed();
    await using empty = await testApp();
    const startedAt = performance.now();
    await empty.server.stop();
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });

  it("answers long polls immediately", async () => {
    await using app = await testApp();
    const [room] = await app.owner.api.rooms.list.query();
    const roomId = room?.id ?? "" as never;
    const { position } = await app.owner.api.messages.list.query({ roomId });
    using opened = vi.spyOn(app.services.hub, "open");
    const answer = app.owner.api.messages.since.query({ roomId, position, waitMs: 25_000 });
    await waitFor(() => opened.mock.calls.length > 0);
    const startedAt = performance.now();
    await app.server.stop({ spreadMs: 0 });
    expect(await answer).toEqual({ events: [], position, resync: false });
    expect(performance.now() - startedAt).toBeLessThan(900);
  });

  it("is awaited by later calls, such as a signal during a restart", async () => {
    await using app = await testApp();
    await using socket = await RawClient.dial(app.port, app.owner.device.address);
    await socket.upgrade({ Origin: app.url, Cookie: app.owner.device.cookie ?? "" });
    const first = app.server.stop({ spreadMs: 50 });
    await app.server.stop();
    expect(app.services.connections.count).toBe(0);
    await first;
  });

  it("lets stock clients reconnect by themselves after a restart, and receive what they missed", async () => {
    await using app = await testApp({ file: true });
    const ben = await app.person("Ben");
    const [room] = await ben.api.rooms.list.query();
    const roomId = room?.id ?? "" as never;
    const offsets: number[] = [];
    let isSubscribed = false;
    const client = app.clientFor(ben, "ws");
    const subscription = client.messages.onEvent.subscribe({ roomId }, {
      onData: ({ data }) => {
        if (data.type === "subscribed") isSubscribed = true;
        if (data.type === "message_sent") offsets.push(data.offset);
      },
    });
    await waitFor(() => isSubscribed);
    await ben.api.messages.send.mutate({ roomId, clientMessageId: "1", text: "before" });
    await waitFor(() => offsets.length === 1);
    await app.restart();
    await app.owner.api.messages.send.mutate({ roomId, clientMessageId: "2", text: "while away" });
    await waitFor(() => offsets.length === 2);
    subscription.unsubscribe();
    expect((offsets[1] ?? 0) - (offsets[0] ?? 0)).toBe(1);
  });
});
