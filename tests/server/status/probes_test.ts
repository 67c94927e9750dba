import { describe, expect, it } from "vitest";
import { EventsProbe } from "../../../server/status/probes/dial_probes.ts";
import { keys } from "../../../server/kv/keys.ts";
import { StatusReader } from "../../support/status_reader.ts";
import { testApp } from "../../support/test_app.ts";
import type { TestApp } from "../../support/test_app.ts";

async function rounds(app: TestApp, clock: { now: number }, count: number): Promise<void> {
  for (let round = 0; round < count; round++) {
    clock.now += 20_000;
    await app.server.monitor.tick();
  }
}

async function states(app: TestApp): Promise<Record<string, string>> {
  const response = await fetch(`${app.url}/api/v2/components.json`);
  const { components } = await response.json() as { components: { id: string; x_status: string }[] };
  return Object.fromEntries(components.map(({ id, x_status }) => [id, x_status]));
}

describe("probes of a real server", () => {
  it("find everything working, and say how fast messages are", async () => {
    const clock = { now: Date.now() };
    await using app = await testApp({ now: () => clock.now });
    expect(Object.values(await states(app))).toEqual(Array(5).fill("unknown"));
    await rounds(app, clock, 2);
    expect(await states(app)).toEqual({
      messages: "operational",
      live: "operational",
      events: "operational",
      storage: "operational",
      calls: "operational",
    });
    const { deliveredMs } = app.services.status.board.metrics;
    expect(deliveredMs?.p50).toBeGreaterThan(0);
    // Nothing stays open, and old synthetic messages go.
    await expect.poll(() => [app.server.sse.visitorCount, app.services.connections.count]).toEqual([0, 0]);
    expect((await app.services.db.list(keys.probeEvents("instance"), { limit: 10 })).length).toBe(1);
  });

  it("see that the hub delivers nothing, tell readers, and see when it does again", async () => {
    const clock = { now: Date.now() };
    await using app = await testApp({ now: () => clock.now });
    await rounds(app, clock, 2);
    await using reader = await StatusReader.open(app.url);
    const { hub } = app.services;
    const publish = hub.publish.bind(hub);
    hub.publish = (topic, item) => topic.startsWith("probe:") ? undefined : publish(topic, item);
    await rounds(app, clock, 2);
    expect(await states(app)).toMatchObject({ messages: "major_outage", storage: "operational" });
    await expect.poll(() => reader.names).toEqual(["snapshot", "component"]);
    expect(JSON.parse(reader.events.at(-1)?.data ?? "")).toMatchObject({
      id: "messages",
      state: "major_outage",
    });
    const badge = await fetch(`${app.url}/status/badge.svg`);
    expect(await badge.text()).toContain("major outage");
    hub.publish = publish;
    await rounds(app, clock, 2);
    expect(await states(app)).toMatchObject({ messages: "operational" });
    await expect.poll(() => reader.names).toEqual(["snapshot", "component", "component"]);
  }, 60_000);

  it("are unknown again when nobody has measured for two intervals", async () => {
    const clock = { now: Date.now() };
    await using app = await testApp({ now: () => clock.now });
    await rounds(app, clock, 2);
    clock.now += 60_000;
    const response = await fetch(`${app.url}/api/v2/status.json`);
    const { status } = await response.json() as { status: Record<string, string> };
    expect(status).toMatchObject({ indicator: "minor", x_status: "unknown" });
  });

  it("dial the public address, and our own port with a note where that leads nowhere", async () => {
    const clock = { now: Date.now() };
    await using app = await testApp({ now: () => clock.now, config: { publicUrl: "http://127.0.0.1:9" } });
    await rounds(app, clock, 2);
    const live = app.services.status.board.components().find(({ id }) => id === "live");
    expect(live).toMatchObject({
      state: "operational",
      note: expect.stringContaining("at the server itself"),
    });
  });

  it("watch the other instances that are configured", async () => {
    const clock = { now: Date.now() };
    const other = await testApp();
    await using app = await testApp({ now: () => clock.now, config: { peerUrls: [other.url] } });
    await rounds(app, clock, 2);
    expect((await states(app))["instances"]).toBe("operational");
    await other[Symbol.asyncDispose]();
    await rounds(app, clock, 2);
    expect((await states(app))["instances"]).toBe("partial_outage");
  });
});

describe("the probe of the status feed", () => {
  /** A server whose stream begins with `text`, and then says nothing or ends. */
  function feedOf(text: string, isEnding: boolean): Deno.HttpServer<Deno.NetAddr> {
    const answer = () => {
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          controller.enqueue(new TextEncoder().encode(text));
          if (isEnding) controller.close();
        },
      });
      return new Response(body, { headers: { "content-type": "text/event-stream" } });
    };
    return Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, answer);
  }

  async function run(text: string, isEnding: boolean): Promise<unknown> {
    await using server = feedOf(text, isEnding);
    const probe = new EventsProbe({ publicUrl: null, localUrl: `http://127.0.0.1:${server.addr.port}` });
    return await probe.run(AbortSignal.timeout(500)).catch((error) => error);
  }

  it("is content only with a snapshot, not with the bytes before it", async () => {
    expect(await run("retry: 2000\n\nevent: snapshot\ndata: {}\n\n", false)).toEqual({});
    expect(await run("retry: 2000\n\n", true)).toMatchObject({
      message: "The stream of events gave no snapshot",
    });
    expect(await run("retry: 2000\n\n", false)).toMatchObject({ name: "TimeoutError" });
  });
});
