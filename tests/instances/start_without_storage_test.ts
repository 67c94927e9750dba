import { describe, expect, it } from "vitest";
import type { RunningServer, ServerOverrides } from "../../server/server.ts";
import type { Status } from "../../shared/status/status.ts";
import { hasDenokv, startDenokv } from "../support/denokv.ts";
import type { Denokv } from "../support/denokv.ts";
import { freePort } from "../support/free_port.ts";
import { startServerProcess } from "../support/server_process.ts";
import { StatusReader } from "../support/status_reader.ts";
import { temporaryFolder } from "../support/temporary_folder.ts";
import { startTestServer, testApp } from "../support/test_app.ts";
import { GREEN_PLACES_COUNT, greenPlaces, look } from "../support/visitor.ts";
import type { Config } from "../../server/config.ts";

const isPossible = await hasDenokv();
const ROUND_MS = 20_000;
const PATIENT = { timeout: 30_000 };

/** A start that waits for its storage. */
class WaitingStart implements AsyncDisposable {
  readonly url: string;
  readonly logs: string[] = [];
  readonly whole: Promise<RunningServer>;
  readonly #stopping = new AbortController();

  constructor(kv: Denokv, config: Partial<Config>, overrides: ServerOverrides) {
    const port = freePort();
    this.url = `http://127.0.0.1:${port}`;
    this.whole = startTestServer({ kvUrl: kv.url, instanceId: "a", ...config, port }, {
      logs: this.logs,
      overrides: { signal: this.#stopping.signal, ...overrides },
    });
    // Nobody awaits it yet.
    this.whole.catch(() => {});
  }

  /** Resolves when the server answers. */
  async listens(): Promise<void> {
    await expect.poll(() => this.statusOf("/healthz").catch(() => 0), PATIENT).toBe(200);
  }

  async statusOf(path: string, init: RequestInit = {}): Promise<number> {
    const response = await fetch(this.url + path, init);
    await response.body?.cancel();
    return response.status;
  }

  /** Ends the wait, or stops what has become whole. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    const server = await this.whole.catch(() => null);
    await server?.stop({ spreadMs: 0 });
  }
}

/** Lines of a log that contain a text. */
function linesWith(logs: readonly string[], text: string): string[] {
  return logs.filter((line) => line.includes(text));
}

async function json(url: string, path: string) {
  return await (await fetch(`${url}/api/v2/${path}`)).json();
}

async function textOf(url: string, path: string, accept = "*/*"): Promise<string> {
  return await (await fetch(url + path, { headers: { accept } })).text();
}

function lastSnapshot(reader: StatusReader): Status {
  return JSON.parse(reader.events.findLast(({ event }) => event === "snapshot")?.data ?? "null");
}

async function rounds(server: RunningServer, clock: { now: number }, count: number): Promise<void> {
  for (let round = 0; round < count; round++) {
    clock.now += ROUND_MS;
    await server.monitor.tick();
  }
}

/** A server that has lived, with something on its status page, and has stopped; its storage is gone since. */
async function formerLife(kv: Denokv, dataDir: string, clock: { now: number }): Promise<void> {
  await using app = await testApp({
    now: () => clock.now,
    config: { kvUrl: kv.url, dataDir, instanceId: "a" },
  });
  const { status, workspace } = app.owner.api;
  await workspace.update.mutate({ name: "Harbour" });
  await status.setComponent.mutate({ id: "live", name: "Phones", hidden: false });
  await status.setComponent.mutate({ id: "events", hidden: true });
  await status.openIncident.mutate({
    title: "Mail is slow",
    text: "We <b>look</b> into *it*.",
    components: [{ id: "messages", status: "partial_outage" }],
  });
  await status.announce.mutate({ text: "Use the phone", level: "warning" });
  await status.planMaintenance.mutate({
    title: "New disks",
    text: "Short.",
    components: ["storage"],
    startsAt: new Date(clock.now + 86_400_000).toISOString(),
    endsAt: new Date(clock.now + 90_000_000).toISOString(),
  });
  await app.services.status.refresh();
  await rounds(app.server, clock, 3);
  const { components } = app.services.status.board.current();
  expect(components.map(({ state }) => state)).toEqual([
    "partial_outage",
    "operational",
    "operational",
    "operational",
  ]);
}

describe.skipIf(!isPossible)("a start while storage does not answer", () => {
  it("shows what was known last as unknown, refuses calls, and becomes whole by itself", async () => {
    const clock = { now: Date.now() };
    await using folder = await temporaryFolder();
    await using kv = await startDenokv();
    await formerLife(kv, folder.path, clock);
    await kv.kill();
    await using start = new WaitingStart(kv, { dataDir: folder.path }, { now: () => clock.now });
    await start.listens();
    expect(await start.statusOf("/readyz")).toBe(503);
    expect(await start.statusOf("/readyz/pages")).toBe(200);
    const { url } = start;

    const seen = await look(url);
    expect(greenPlaces(seen)).toEqual([]);
    for (const text of ["Harbour", "Mail is slow", "New disks", "Use the phone", "Phones"]) {
      expect(seen.page).toContain(text);
    }
    expect(seen.page).toContain("We &lt;b>look&lt;/b> into <em>it</em>.");
    expect(seen.page).not.toContain("Status feed");
    expect(seen.page).toMatch(/<p [^>]*>[^<]*Last known state, \d+ \w+ 20\d\d, \d\d:\d\d UTC\.</);
    expect(seen.page).not.toContain("Checked");
    expect(JSON.parse(seen.summary).status.x_status).toBe("partial_outage");
    const { components } = await json(url, "components.json");
    expect(components.map((one: { id: string; x_status: string }) => [one.id, one.x_status])).toEqual([
      ["messages", "partial_outage"],
      ["live", "unknown"],
      ["storage", "unknown"],
      ["calls", "unknown"],
    ]);
    expect(await textOf(url, "/status/badge.svg?component=live")).toContain("Phones: unknown");
    expect(await textOf(url, "/status/feed.atom")).toContain("Mail is slow");
    expect(await textOf(url, "/status/feed.rss")).toContain("Mail is slow");
    expect(await textOf(url, "/status/maintenance.ics")).toContain("New disks");
    const [incident] = (await json(url, "incidents.json")).incidents;
    expect(await textOf(url, `/status/incidents/${incident.id}`, "text/html")).toContain("Mail is slow");
    await using reader = await StatusReader.open(url);
    await expect.poll(() => reader.names, PATIENT).toEqual(["snapshot"]);
    expect(reader.lastId).toBe("");
    expect(lastSnapshot(reader).components.map(({ state }) => state)).toEqual(
      ["partial_outage", "unknown", "unknown", "unknown"],
    );

    await kv.restart();
    const server = await start.whole;
    expect(server.url).toBe(url);
    expect(await start.statusOf("/readyz")).toBe(200);
    await expect.poll(() => reader.isEnded, PATIENT).toBe(true);
    // Soon, since everything is there.
    expect(reader.retryMs).toBeLessThanOrEqual(3_000);
    await using again = await StatusReader.open(url);
    await expect.poll(() => again.lastId, PATIENT).not.toBe("");
    await rounds(server, clock, 2);
    await expect.poll(async () => {
      const { status: { x_status: state } } = await json(url, "summary.json");
      return [state, lastSnapshotOrComponent(again, "storage")];
    }, PATIENT).toEqual(["partial_outage", "operational"]);
    expect(linesWith(start.logs, "Waiting for the database to answer")).toHaveLength(1);
    expect(linesWith(start.logs, "The database answers")).toHaveLength(1);
    expect(linesWith(start.logs, "Listening on")).toHaveLength(1);
    expect(start.logs.filter((line) => /Z error /.test(line))).toEqual([]);
  }, 120_000);

  it("refuses calls on every way in the shape of tRPC, but not those about the public status", async () => {
    await using kv = await startDenokv();
    await kv.kill();
    await using start = new WaitingStart(kv, {}, {});
    await start.listens();
    const { url } = start;
    const cookie = { cookie: "parley_session=abcdefghijklmnopqrstuvwxyz" };
    const post = { method: "POST", headers: { "content-type": "application/json" }, body: "{}" };
    for (
      const [path, init] of [
        ["/trpc/auth.me", {}],
        ["/trpc/auth.me", { headers: cookie }],
        ["/trpc/auth.signIn", post],
        ["/trpc/status.current,auth.me?batch=1", {}],
        ["/trpc/rooms.onChange", { headers: cookie }],
      ] as const
    ) {
      const response = await fetch(url + path, init);
      expect([path, response.status, response.headers.get("retry-after")]).toEqual([path, 503, "2"]);
      const { error } = await response.json();
      expect(error.data).toMatchObject({
        code: "SERVICE_UNAVAILABLE",
        httpStatus: 503,
        appCode: "storage_unavailable",
        retryAfterMs: 2_000,
      });
    }
    const upgrade = await fetch(`${url}/trpc`, {
      headers: { connection: "upgrade", upgrade: "websocket", origin: url, ...cookie },
    });
    expect(upgrade.status).toBe(503);
    await upgrade.body?.cancel();
    const foreign = { ...post, headers: { ...post.headers, origin: "https://evil.example" } };
    expect(await start.statusOf("/trpc/auth.signIn", foreign)).toBe(403);
    const { result } = await (await fetch(`${url}/trpc/status.current`, { headers: cookie })).json();
    expect(result.data).toMatchObject({ state: "unknown", sentence: "The current state is unknown." });
  }, 60_000);

  it("says that nothing is known where there is no copy, or one that cannot be read", async () => {
    await using kv = await startDenokv();
    await kv.kill();
    await using folder = await temporaryFolder();
    await Deno.mkdir(`${folder.path}/status`);
    await Deno.writeTextFile(`${folder.path}/status/last.json`, `{"name": "Harbour", "incidents": [`);
    for (const config of [{}, { dataDir: folder.path }]) {
      await using start = new WaitingStart(kv, config, {});
      await start.listens();
      const seen = await look(start.url);
      expect(greenPlaces(seen)).toEqual([]);
      expect(seen.page).toContain("The current state is unknown");
      expect(seen.page).not.toContain("Harbour");
      expect(JSON.parse(seen.summary).status).toMatchObject({ indicator: "minor", x_status: "unknown" });
    }
  }, 60_000);

  it("ends with a reason where waiting would not help: a wrong token, and what is no database", async () => {
    await using kv = await startDenokv();
    const config = { kvUrl: kv.url, instanceId: "a" };
    const start = (changes: Partial<Config>) =>
      startTestServer({ ...config, ...changes }, { logs: [], overrides: {} });
    await expect(start({ kvUrl: `${kv.url}/elsewhere` })).rejects.toThrow(/404.*Check KV_URL/);
    await using page = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      () => new Response("<!doctype html>"),
    );
    await expect(start({ kvUrl: `http://127.0.0.1:${page.addr.port}/` })).rejects.toThrow(
      /not a valid KV Connect endpoint.*Check KV_URL/,
    );
    Deno.env.set("DENO_KV_ACCESS_TOKEN", "not-the-right-token");
    try {
      await expect(start({})).rejects.toThrow(/401.*DENO_KV_ACCESS_TOKEN/);
    } finally {
      Deno.env.set("DENO_KV_ACCESS_TOKEN", kv.token);
    }
  }, 60_000);

  it("also ends when the database turns out to be a wrong one while it waits", async () => {
    await using kv = await startDenokv();
    await kv.kill();
    await using start = new WaitingStart(kv, {}, {});
    await start.listens();
    const port = Number(new URL(kv.url).port);
    await using _other = Deno.serve(
      { hostname: "127.0.0.1", port, onListen: () => {} },
      () => new Response("No such thing", { status: 404 }),
    );
    await expect(start.whole).rejects.toThrow(/404.*Check KV_URL/);
    await expect(start.statusOf("/healthz")).rejects.toThrow();
  }, 60_000);

  it("waits for storage that is frozen, and stops on a signal with code 0", async () => {
    await using kv = await startDenokv();
    kv.signal("SIGSTOP");
    const env = { KV_URL: kv.url, DENO_KV_ACCESS_TOKEN: kv.token };
    await using server = await startServerProcess({ env, isWaiting: true });
    await using reader = await StatusReader.open(server.url);
    await expect.poll(() => reader.names, PATIENT).toEqual(["snapshot"]);
    expect(await server.stop()).toBe(0);
    expect(reader.isEnded).toBe(true);
    await using next = await startServerProcess({ env, isWaiting: true });
    kv.signal("SIGCONT");
    await expect.poll(async () => {
      const response = await fetch(`${next.url}/readyz`);
      await response.body?.cancel();
      return response.status;
    }, PATIENT).toBe(200);
    expect(next.output()).toContain("/setup#");
    expect(await next.stop()).toBe(0);
  }, 120_000);

  it("waits again when storage goes away in the middle of it", async () => {
    await using kv = await startDenokv();
    let isOpen = false;
    const now = () => {
      // Nothing asks for the time before storage is open.
      if (!isOpen) kv.signal("SIGSTOP");
      isOpen = true;
      return Date.now();
    };
    await using start = new WaitingStart(kv, {}, { now });
    await start.listens();
    expect(await start.statusOf("/readyz")).toBe(503);
    expect(linesWith(start.logs, "Storage went away during the start")).toHaveLength(1);
    kv.signal("SIGCONT");
    await start.whole;
    expect(await start.statusOf("/readyz")).toBe(200);
  }, 60_000);

  it("becomes whole at the same port as an ordinary server", async () => {
    const clock = { now: Date.now() };
    await using kv = await startDenokv();
    await kv.kill();
    await using start = new WaitingStart(kv, {}, { now: () => clock.now });
    await start.listens();
    await kv.restart();
    const server = await start.whole;
    await rounds(server, clock, 2);
    await expect.poll(async () => greenPlaces(await look(start.url)).length, PATIENT).toBe(
      GREEN_PLACES_COUNT,
    );
  }, 60_000);
});

/** What a reader was told of a component last. */
function lastSnapshotOrComponent(reader: StatusReader, id: string): string | undefined {
  let state: string | undefined;
  for (const { event, data } of reader.events) {
    const value = JSON.parse(data);
    const components = event === "snapshot" ? value.components : event === "component" ? [value] : [];
    for (const one of components) if (one.id === id) state = one.state;
  }
  return state;
}
