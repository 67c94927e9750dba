import { describe, expect, it } from "vitest";
import type { StatusId } from "../../../shared/ids.ts";
import { AddressRanges } from "../../../server/net/address.ts";
import { VISITORS_MAX_COUNT, VISITORS_PER_ADDRESS_COUNT } from "../../../server/status/status_sse.ts";
import { openCutProxy } from "../../support/cut_proxy.ts";
import { eventSourceOver } from "../../support/event_source.ts";
import { StatusReader } from "../../support/status_reader.ts";
import { testApp } from "../../support/test_app.ts";
import type { TestApp } from "../../support/test_app.ts";
import { NASTY_TEXTS } from "../../client/ui/nasty_texts.ts";

const DRAIN_SPREAD_MS = 2_000;

function announce(app: TestApp, text: string): Promise<StatusId> {
  return app.services.status.announcements.announce({ text, level: "info" }, app.owner.id);
}

function offsets(reader: StatusReader): number[] {
  return reader.events.flatMap(({ id }) => id === undefined ? [] : [Number(id.split(".")[1])]);
}

function texts(reader: StatusReader): string[] {
  return reader.events.filter(({ event }) => event === "announcement").map(({ data }) =>
    JSON.parse(data).text
  );
}

describe("/status/events", () => {
  it("gives a snapshot, then what happens, with headers that keep proxies out of it", async () => {
    await using app = await testApp();
    await using reader = await StatusReader.open(app.url);
    const { headers, status } = reader.response;
    expect([status, headers.get("content-type")]).toEqual([200, "text/event-stream"]);
    expect(headers.get("cache-control")).toBe("no-store, no-transform");
    expect(headers.get("x-accel-buffering")).toBe("no");
    expect(headers.get("access-control-allow-origin")).toBe("*");
    expect(headers.get("cross-origin-resource-policy")).toBe("cross-origin");
    expect([headers.get("content-encoding"), headers.get("set-cookie")]).toEqual([null, null]);
    await expect.poll(() => reader.names).toEqual(["snapshot"]);
    expect(reader.retryMs).toBeGreaterThan(0);
    const id = await announce(app, "one");
    app.services.status.publicFeed.tell({
      type: "metrics",
      metrics: { deliveredMs: null, measuredAt: null },
    });
    await app.services.status.announcements.retract(id, app.owner.id);
    await expect.poll(() => reader.names).toEqual(["snapshot", "announcement", "announcement"]);
    expect(JSON.parse(reader.events[0]?.data ?? "")).toMatchObject({
      state: "unknown",
      components: expect.any(Array),
    });
    const metrics = reader.events.find(({ event }) => event === "metrics");
    expect([metrics?.id, metrics?.data]).toEqual([undefined, '{"deliveredMs":null,"measuredAt":null}']);
    expect(JSON.parse(reader.events.at(-1)?.data ?? "")).toMatchObject({
      id,
      retractedAt: expect.any(String),
    });
  });

  it("carries hostile texts in one line of JSON", async () => {
    await using app = await testApp();
    await using reader = await StatusReader.open(app.url);
    const sent = NASTY_TEXTS.map((text) => `:${text}\r\nid: 9\n\ndata: x\u2028`).slice(0, 15);
    const ids: StatusId[] = [];
    for (const text of sent) {
      const id = await announce(app, text);
      ids.push(id);
      await app.services.status.announcements.retract(id, app.owner.id);
    }
    await expect.poll(() => texts(reader).length).toBe(2 * sent.length);
    expect(offsets(reader)).toEqual([0, ...Array.from({ length: 2 * sent.length }, (_, index) => index + 1)]);
    for (const line of reader.raw.split("\n")) {
      expect(line).toMatch(/^(?:event: \w+|id: \S+|data: [{].*[}]|retry: \d+|)$/);
    }
    expect(new Set(reader.events.map(({ event }) => event))).toEqual(new Set(["snapshot", "announcement"]));
  });

  it("goes on after the last event of a reader; the header comes before the query", async () => {
    await using app = await testApp();
    for (const text of ["one", "two", "three"]) await announce(app, text);
    const { epoch } = app.services.roomLog;
    await using byHeader = await StatusReader.open(app.url, {
      lastEventId: `${epoch}.1`,
      since: `${epoch}.2`,
    });
    await using byQuery = await StatusReader.open(app.url, { since: `${epoch}.2` });
    await using upToDate = await StatusReader.open(app.url, { since: `${epoch}.3` });
    await announce(app, "four");
    await expect.poll(() => texts(byHeader)).toEqual(["two", "three", "four"]);
    await expect.poll(() => texts(byQuery)).toEqual(["three", "four"]);
    await expect.poll(() => texts(upToDate)).toEqual(["four"]);
    expect(offsets(byHeader)).toEqual([2, 3, 4]);
  });

  it("gives one snapshot to ids that are foreign, from the future or hostile", async () => {
    await using app = await testApp();
    await announce(app, "one");
    const { epoch } = app.services.roomLog;
    for (
      const lastEventId of [
        "other.1",
        `${epoch}.99`,
        `${epoch}.-1`,
        "x".repeat(5_000),
        `${epoch}.1e0`,
        "%00",
        "",
      ]
    ) {
      await using reader = await StatusReader.open(app.url, { lastEventId });
      await expect.poll(() => reader.names).toEqual(["snapshot"]);
      expect(reader.lastId).toBe(`${epoch}.1`);
    }
  });

  it("misses and doubles nothing over restarts", async () => {
    await using app = await testApp({ file: true });
    const got: string[] = [];
    const sent: string[] = [];
    let lastEventId = `${app.services.roomLog.epoch}.0`;
    for (let round = 0; round < 3; round++) {
      await announce(app, `${round} before`);
      await using reader = await StatusReader.open(app.url, { lastEventId });
      await announce(app, `${round} while`);
      sent.push(`${round} before`, `${round} while`, `${round} after`);
      await expect.poll(() => texts(reader).at(-1)).toBe(`${round} while`);
      await app.restart();
      await expect.poll(() => reader.isEnded).toBe(true);
      got.push(...texts(reader));
      lastEventId = reader.lastId;
      await announce(app, `${round} after`);
      expect(reader.names).not.toContain("snapshot");
    }
    await using last = await StatusReader.open(app.url, { lastEventId });
    await expect.poll(() => texts(last).length).toBe(1);
    expect([...got, ...texts(last)]).toEqual(sent);
  });

  it("misses and doubles nothing when the line breaks, for the EventSource of programs", async () => {
    await using app = await testApp();
    const proxy = await openCutProxy(app.port);
    const Source = eventSourceOver(fetch);
    const source = new Source(`http://127.0.0.1:${proxy.port}/status/events`);
    const got: string[] = [];
    let snapshots = 0;
    source.addEventListener("snapshot", () => void snapshots++);
    source.addEventListener("announcement", ({ data }) => void got.push(JSON.parse(data).text));
    await expect.poll(() => snapshots).toBe(1);
    await announce(app, "before");
    await expect.poll(() => got).toEqual(["before"]);
    proxy.cut();
    await announce(app, "between");
    await expect.poll(() => got, { timeout: 20_000 }).toEqual(["before", "between"]);
    await announce(app, "after");
    await expect.poll(() => got).toEqual(["before", "between", "after"]);
    expect(snapshots).toBe(1);
    source.close();
    await proxy.close();
  }, 40_000);

  it("is readable with curl -N at once", async () => {
    await using app = await testApp();
    const curl = new Deno.Command("curl", {
      args: ["-sN", "--max-time", "30", `${app.url}/status/events`],
      stdout: "piped",
    }).spawn();
    let text = "";
    for await (const part of curl.stdout.pipeThrough(new TextDecoderStream())) {
      text += part;
      if (text.includes("event: snapshot") && text.endsWith("\n\n")) break;
    }
    expect(text).toMatch(/^retry: \d+\n\nevent: snapshot\nid: \S+\ndata: [{].*[}]\n\n$/);
    curl.kill();
    await curl.status;
  });

  it("answers 200 beyond its limits: the state, when to come again, and the end", async () => {
    await using app = await testApp();
    await using readers = new AsyncDisposableStack();
    for (let count = 0; count < VISITORS_PER_ADDRESS_COUNT; count++) {
      readers.use(await StatusReader.open(app.url));
    }
    await expect.poll(() => app.server.sse.visitorCount).toBe(VISITORS_PER_ADDRESS_COUNT);
    await using extra = await StatusReader.open(app.url);
    expect(extra.response.status).toBe(200);
    await expect.poll(() => extra.isEnded).toBe(true);
    expect(extra.names).toEqual(["snapshot"]);
    expect(extra.retryMs).toBeGreaterThanOrEqual(20_000);
    expect(extra.retryMs).toBeLessThanOrEqual(30_000);
    await using elsewhere = await StatusReader.open(app.url, { localAddress: "127.9.9.9" });
    await expect.poll(() => app.server.sse.visitorCount).toBe(VISITORS_PER_ADDRESS_COUNT + 1);
    expect(elsewhere.isEnded).toBe(false);
  });

  it("gives those who dial too often nothing but the time to come again", async () => {
    await using app = await testApp();
    await using readers = new AsyncDisposableStack();
    for (let count = 0; count < VISITORS_PER_ADDRESS_COUNT; count++) {
      readers.use(await StatusReader.open(app.url));
    }
    const dial = async () => await (await fetch(`${app.url}/status/events`)).text();
    expect(await dial()).toMatch(/^event: snapshot\n/);
    await expect.poll(() => Promise.all(Array.from({ length: 100 }, dial)), { timeout: 10_000 })
      .toContainEqual(expect.stringMatching(/^retry: \d+\n\n$/));
  });

  it("gives a place to the next visitor of an address when one has left", async () => {
    await using app = await testApp();
    await using readers = new AsyncDisposableStack();
    const leaver = await StatusReader.open(app.url);
    for (let count = 1; count < VISITORS_PER_ADDRESS_COUNT; count++) {
      readers.use(await StatusReader.open(app.url));
    }
    await expect.poll(() => app.server.sse.visitorCount).toBe(VISITORS_PER_ADDRESS_COUNT);
    await leaver[Symbol.asyncDispose]();
    await expect.poll(() => app.server.sse.visitorCount).toBe(VISITORS_PER_ADDRESS_COUNT - 1);
    await using next = await StatusReader.open(app.url);
    await expect.poll(() => next.names).toEqual(["snapshot"]);
    await expect.poll(() => app.server.sse.visitorCount).toBe(VISITORS_PER_ADDRESS_COUNT);
    await announce(app, "one");
    await expect.poll(() => next.names).toEqual(["snapshot", "announcement"]);
  });

  it("has room for so many visitors of all addresses", async () => {
    const trustProxy = new AddressRanges();
    trustProxy.add("127.0.0.0/8");
    await using app = await testApp({ config: { trustProxy } });
    using sockets = new DisposableStack();
    for (let count = 0; count < VISITORS_MAX_COUNT; count++) {
      const socket = sockets.use(await Deno.connect({ hostname: "127.0.0.1", port: app.port }));
      const address = `10.0.${count >> 8}.${count & 255}`;
      const head = `GET /status/events HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: ${address}\r\n\r\n`;
      await socket.write(new TextEncoder().encode(head));
    }
    await expect.poll(() => app.server.sse.visitorCount, { timeout: 20_000 }).toBe(VISITORS_MAX_COUNT);
    const headers = { "X-Forwarded-For": "10.1.0.0" };
    await using extra = await StatusReader.open(app.url, { headers });
    await expect.poll(() => extra.isEnded).toBe(true);
    expect(extra.names).toEqual(["snapshot"]);
    sockets.dispose();
    await expect.poll(() => app.server.sse.visitorCount, { timeout: 20_000 }).toBe(0);
    await using later = await StatusReader.open(app.url, { headers });
    await expect.poll(() => app.server.sse.visitorCount).toBe(1);
    expect(later.isEnded).toBe(false);
  }, 60_000);

  it("ends each stream with a time to come back when the server stops", async () => {
    await using app = await testApp({ file: true });
    await using reader = await StatusReader.open(app.url);
    await expect.poll(() => reader.names).toEqual(["snapshot"]);
    await app.restart();
    await expect.poll(() => reader.isEnded).toBe(true);
    expect(reader.retryMs).toBeGreaterThanOrEqual(20_000);
    expect(reader.names).toEqual(["snapshot"]);
  });

  it("ends streams one after another, each with another time to come again", async () => {
    await using app = await testApp();
    const { sse } = app.server;
    await using stack = new AsyncDisposableStack();
    const readers: StatusReader[] = [];
    for (let count = 0; count < 20; count++) readers.push(stack.use(await StatusReader.open(app.url)));
    await expect.poll(() => sse.visitorCount).toBe(readers.length);
    const startedAt = performance.now();
    const drained = sse.drain(DRAIN_SPREAD_MS);
    await expect.poll(() => sse.visitorCount, { interval: 5 }).toBeLessThan(readers.length);
    expect(sse.visitorCount).toBeGreaterThan(0);
    await drained;
    expect(performance.now() - startedAt).toBeGreaterThan(DRAIN_SPREAD_MS / 4);
    await expect.poll(() => readers.every(({ isEnded }) => isEnded)).toBe(true);
    const retries = readers.map(({ retryMs }) => retryMs ?? 0);
    expect(Math.min(...retries)).toBeGreaterThanOrEqual(20_000);
    expect(Math.max(...retries)).toBeLessThanOrEqual(30_000);
    expect(new Set(retries).size).toBeGreaterThan(1);
  });

  it("encodes an event once for all readers", async () => {
    await using app = await testApp();
    await using readers = new AsyncDisposableStack();
    const all: StatusReader[] = [];
    for (let count = 0; count < 20; count++) all.push(readers.use(await StatusReader.open(app.url)));
    await expect.poll(() => all.every(({ names }) => names.length === 1)).toBe(true);
    const before = app.server.sse.format.encodeCount;
    await announce(app, "one");
    await expect.poll(() => all.every(({ names }) => names.length === 2)).toBe(true);
    expect(app.server.sse.format.encodeCount - before).toBe(1);
  });
});
