import { describe, expect, it } from "vitest";
import { hasDenokv } from "../support/denokv.ts";
import { hasProxies, PROXIES } from "../support/proxies.ts";
import { Device } from "../support/test_clients.ts";
import type { Client, Transport } from "../support/test_clients.ts";
import { waitFor } from "../support/wait.ts";
import { CARELESS_NAMES, startCareless } from "./careless_proxy.ts";
import { Deployment, Follower } from "./deployment.ts";

const areProxies = await hasProxies();
const isPossible = await hasDenokv() && areProxies;
/** An event that a proxy buffers arrives with the next ping, after 15 s. */
const NOT_BUFFERED_MS = 3_000;
const POLL_MS = 3_000;

describe.skipIf(!isPossible).each(PROXIES)("a stock client through %s", (name) => {
  for (const transport of ["ws", "sse"] satisfies Transport[]) {
    it(`PROXY1 sends, receives immediately and resumes over ${transport}`, async () => {
      await using deployment = await Deployment.start(name);
      const { pair } = deployment;
      const roomId = await deployment.room();
      const ben = await pair.app.person("Ben");
      const anas = deployment.client(pair.app.owner, transport);
      const bens = deployment.client(ben, transport);
      using heard = new Follower(bens, roomId);
      using own = new Follower(anas, roomId);
      await waitFor(() => heard.isReady && own.isReady);
      const texts: string[] = [];
      const send = async (client: Client, text: string) => {
        texts.push(text);
        await client.messages.send.mutate({ roomId, clientMessageId: `m${texts.length}`, text });
      };
      for (const text of ["one", "two", "three"]) {
        const startedAt = performance.now();
        await send(anas, text);
        await waitFor(() => heard.texts.includes(text) && own.texts.includes(text));
        expect(performance.now() - startedAt).toBeLessThan(NOT_BUFFERED_MS);
      }
      for (const services of [pair.app.services, pair.b.services]) {
        for (const connection of services.connections.all()) connection.terminate();
        for (const stream of services.connections.streams()) stream.end();
      }
      // A request on a connection that was just cut fails, and the sender has to repeat it.
      const api = deployment.client(pair.app.owner, "http");
      for (const text of ["while away", "and after"]) await send(api, text);
      await waitFor(() => heard.texts.length === texts.length && own.texts.length === texts.length);
      expect([heard.texts, own.texts]).toEqual([texts, texts]);
      expect([...heard.errors, ...own.errors]).toEqual([]);
    });
  }

  it("PROXY2 long polls over plain HTTP, with and without a new message", async () => {
    await using deployment = await Deployment.start(name);
    const roomId = await deployment.room();
    const { owner } = deployment.pair.app;
    const client = deployment.client(owner, "http");
    const { position } = await client.messages.list.query({ roomId });
    const startedAt = performance.now();
    expect(await client.messages.since.query({ roomId, position, waitMs: POLL_MS }))
      .toEqual({ events: [], position, resync: false });
    expect(performance.now() - startedAt).toBeGreaterThan(POLL_MS - 100);
    const polled = client.messages.since.query({ roomId, position, waitMs: 25_000 });
    await owner.api.messages.send.mutate({ roomId, clientMessageId: "1", text: "here" });
    const { events } = await polled;
    expect(events.map(({ type }) => type)).toEqual(["message_sent"]);
  });

  it("PROXY3 reaches both instances in turn, also with a batch", async () => {
    await using deployment = await Deployment.start(name);
    const { pair } = deployment;
    const roomId = await deployment.room();
    const clients = Array.from({ length: 4 }, () => deployment.client(pair.app.owner, "ws"));
    const followers = clients.map((client) => new Follower(client, roomId));
    await waitFor(() => followers.every(({ isReady }) => isReady));
    expect([pair.app.services.connections.count, pair.b.services.connections.count]).toEqual([2, 2]);
    const batching = deployment.client(pair.app.owner, "sse");
    const [me, rooms] = await Promise.all([batching.auth.me.query(), batching.rooms.list.query()]);
    expect([me?.name, rooms.length]).toEqual(["Ana", 1]);
    for (const follower of followers) follower[Symbol.dispose]();
  });
});

describe.skipIf(!areProxies).each(CARELESS_NAMES)("a subscription over sse through a careless %s", (name) => {
  it("PROXY45 arrives at once, also where everything else is buffered and compressed", async () => {
    await using deployment = await startCareless(name);
    const { app, origin, certificate } = deployment;
    await using device = new Device(origin, app.device().address, { caCert: certificate.pem });
    const aborter = new AbortController();
    // Its first event is so long that Caddy begins to compress.
    const response = await device.fetch("/trpc/status.onChange", {
      signal: aborter.signal,
      headers: { "accept": "text/event-stream", "accept-encoding": "gzip" },
    });
    let heard = "";
    const reading = (async () => {
      for await (const text of response.body?.pipeThrough(new TextDecoderStream()) ?? []) heard += text;
    })().catch(() => {});
    await waitFor(() => heard.includes('"snapshot"'));
    for (const text of ["number one", "number two", "number three"]) {
      const startedAt = performance.now();
      await app.services.status.announcements.announce({ text, level: "info" }, app.owner.id);
      await waitFor(() => heard.includes(text));
      expect(performance.now() - startedAt).toBeLessThan(NOT_BUFFERED_MS);
    }
    aborter.abort();
    await reading;
  });
});
