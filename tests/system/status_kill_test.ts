import { describe, expect, it } from "vitest";
import { eventSourceOver } from "../support/event_source.ts";
import { freePort } from "../support/free_port.ts";
import { openBrowser } from "../support/browser.ts";
import { startServerProcess } from "../support/server_process.ts";
import { temporaryFolder } from "../support/temporary_folder.ts";
import { Device } from "../support/test_clients.ts";
import type { Client } from "../support/test_clients.ts";
import { StatusReader } from "../support/status_reader.ts";

/** Changes of the public stream; figures have no id. */
const TYPES = ["snapshot", "component", "incident", "maintenance", "announcement"];
/** Kills, each in the middle of so many changes. */
const KILLS = 2;
const CHANGES_PER_KILL = 8;
const RETURN_TIMEOUT_MS = 30_000;

/** An event as a reader got it. */
interface Heard {
  readonly type: string;
  readonly id: string;
  readonly data: string;
}

interface Announced {
  readonly text: string;
}

interface Told {
  readonly id: string;
  readonly updates: readonly { readonly text: string }[];
}

/** Announces and updates in turn until it is told to stop; a change whose answer is lost is not repeated. */
class Publisher {
  /** Changes that the server has answered. */
  count = 0;
  readonly #api: Client;
  readonly #incidentId: string;
  #number = 0;

  constructor(api: Client, incidentId: string) {
    this.#api = api;
    this.#incidentId = incidentId;
  }

  /** Publishes until `count` more are answered, or one fails because the server is gone. */
  async publish(count: number): Promise<void> {
    for (const until = this.count + count; this.count < until; this.count++) {
      const text = `change ${this.#number++}`;
      const { status } = this.#api;
      if (this.#number % 2 === 0) await status.announce.mutate({ text, level: "info" });
      else await status.updateIncident.mutate({ id: this.#incidentId, state: "identified", text });
    }
  }
}

function parsed<T>(heard: readonly Heard[], type: string): T[] {
  return heard.filter((one) => one.type === type).map(({ data }) => JSON.parse(data) as T);
}

function offsetOf({ id }: { readonly id?: string | undefined }): number {
  return Number(id?.split(".").at(-1));
}

describe("readers of the public events", () => {
  it("miss and double nothing when the server is killed between and within changes", async () => {
    await using folder = await temporaryFolder();
    await using stack = new AsyncDisposableStack();
    const port = freePort();
    const start = () => startServerProcess({ dataDir: folder.path, port });
    let server = await start();
    stack.defer(() => server[Symbol.asyncDispose]());
    const device = stack.use(new Device(server.url, "127.0.0.1"));
    const api = device.client("http");
    await api.auth.setup.mutate({
      token: server.setupToken ?? "",
      name: "Ana",
      password: "seven green bicycles",
    });
    const { id: incidentId } = await api.status.openIncident.mutate({
      title: "Slow",
      text: "We look.",
      components: [],
    });

    const byProgram: Heard[] = [];
    const Source = eventSourceOver(fetch);
    const source = new Source(`${server.url}/status/events`);
    stack.defer(() => source.close());
    for (const type of TYPES) {
      source.addEventListener(type, ({ lastEventId: id, data }) => void byProgram.push({ type, id, data }));
    }
    // A page of another origin: nothing of it depends on our server.
    const elsewhere = stack.use(Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen: () => {} },
      () => new Response("<!doctype html><title>x</title>", { headers: { "content-type": "text/html" } }),
    ));
    const browser = stack.use(await openBrowser());
    const profile = stack.use(await browser.openProfile());
    // What a browser says about a server that is gone.
    profile.allowProblems(/ERR_|Failed to load resource|CORS/);
    const page = await profile.openPage(`http://127.0.0.1:${elsewhere.addr.port}`);
    await page.evaluate(([url, types]) => {
      const heard: object[] = [];
      Reflect.set(globalThis, "heard", heard);
      const stream = new EventSource(url);
      for (const type of types) {
        stream.addEventListener(type, ({ lastEventId: id, data }) => heard.push({ type, id, data }));
      }
    }, [`${server.url}/status/events`, TYPES] as const);
    const byBrowser = () => page.evaluate(() => Reflect.get(globalThis, "heard") as Heard[]);
    const counts = async () => [byProgram.length, (await byBrowser()).length].map((count) => count > 0);
    await expect.poll(counts, { timeout: RETURN_TIMEOUT_MS }).toEqual([true, true]);

    const publisher = new Publisher(api, incidentId);
    for (let kill = 0; kill < KILLS; kill++) {
      await publisher.publish(CHANGES_PER_KILL / 2);
      // Some are under way when it dies.
      const before = publisher.count;
      const rest = publisher.publish(CHANGES_PER_KILL).then(() => null, (error) => error);
      await expect.poll(() => publisher.count, { interval: 1, timeout: RETURN_TIMEOUT_MS }).toBeGreaterThan(
        before + 1,
      );
      await server.kill();
      await rest;
      server = await start();
      await publisher.publish(2);
    }

    await using last = await StatusReader.open(server.url);
    await expect.poll(() => last.names, { timeout: RETURN_TIMEOUT_MS }).toEqual(["snapshot"]);
    const truth = JSON.parse(last.events[0]?.data ?? "") as { announcements: Announced[]; incidents: Told[] };
    const head = offsetOf({ id: last.lastId });
    const announced = truth.announcements.map(({ text }) => text).toSorted();
    expect(announced.length).toBeGreaterThan(KILLS * 2);
    const reached = async () => [byProgram, await byBrowser()].map((heard) => offsetOf(heard.at(-1) ?? {}));
    await expect.poll(reached, { timeout: RETURN_TIMEOUT_MS }).toEqual([head, head]);
    for (const heard of [byProgram, await byBrowser()]) {
      // After a return only the last event about each thing comes, which has all that the earlier ones had.
      const offsets = heard.map(offsetOf);
      expect(offsets).toEqual([...new Set(offsets)].toSorted((a, b) => a - b));
      expect(heard.map(({ type }) => type).lastIndexOf("snapshot")).toBe(0);
      expect(parsed<Announced>(heard, "announcement").map(({ text }) => text).toSorted()).toEqual(announced);
      expect(parsed<Told>(heard, "incident").at(-1)?.updates).toEqual(truth.incidents[0]?.updates);
    }
  }, 120_000);
});
