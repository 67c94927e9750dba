import { isDeepStrictEqual } from "node:util";
import { describe, expect, it } from "vitest";
import { parseTurnServer } from "../../server/net/turn_server.ts";
import type { RunningServer } from "../../server/server.ts";
import { SLOW_MS } from "../../server/status/probes/probe.ts";
import { hasCoturn, startCoturn } from "../support/coturn.ts";
import { hasDenokv, startDenokv } from "../support/denokv.ts";
import { freePort } from "../support/free_port.ts";
import { startServerProcess } from "../support/server_process.ts";
import { beatsOf } from "../support/status_beats.ts";
import { StatusReader } from "../support/status_reader.ts";
import { temporaryFolder } from "../support/temporary_folder.ts";
import { testApp } from "../support/test_app.ts";
import { twoInstances } from "../support/two_instances.ts";
import { GREEN_PLACES_COUNT, greenPlaces, look } from "../support/visitor.ts";

const hasStorage = await hasDenokv();
const hasRelay = await hasCoturn();
const SECRET = "secret-of-the-relays";
/** For what others do, on a busy machine; visitors may look only so often. */
const PATIENT = { timeout: 60_000, interval: 500 };
/** More than enough to have some quick ones in a row. */
const ROUNDS_MAX_COUNT = 40;

interface Outage {
  /** Where visitors look. */
  readonly servers: readonly RunningServer[];
  /** Lets time pass until the next round of probes. */
  readonly pass: () => void;
  readonly begin: () => unknown;
  readonly end: () => unknown;
  /** What fails, by the component's id. */
  readonly fails: Readonly<Record<string, string>>;
  /** What an instance has measured reaches the others a round later. */
  readonly isMeasuredByMany?: boolean;
}

async function statesAt(url: string): Promise<Record<string, string>> {
  const { components } = await (await fetch(`${url}/api/v2/components.json`)).json() as {
    components: { id: string; x_status: string }[];
  };
  return Object.fromEntries(components.map(({ id, x_status }) => [id, x_status]));
}

/** What a reader believes of the components that an outage is about. */
function believed(reader: StatusReader, ids: readonly string[]): Record<string, string> {
  const states = new Map<string, string>();
  for (const { event, data } of reader.events) {
    const value = JSON.parse(data);
    const components = event === "snapshot" ? value.components : event === "component" ? [value] : [];
    for (const { id, state } of components) states.set(id, state);
  }
  return Object.fromEntries(ids.map((id) => [id, states.get(id) ?? ""]));
}

/** Everybody is told within two rounds that something fails, nobody that all is well, and then that it works. */
async function isTold(
  { servers, pass, begin, end, fails, isMeasuredByMany }: Outage,
): Promise<void> {
  using _beats = beatsOf(servers);
  const urls = servers.map(({ url }) => url);
  const rounds = async (count: number) => {
    for (let round = 0; round < count; round++) {
      pass();
      await Promise.all(servers.map(({ monitor }) => monitor.tick()));
    }
  };
  // What works, but slowly, is not well: on a busy machine only quick rounds in a row show that it is.
  const quickRounds = async (count: number) => {
    for (let quick = 0, all = 0; quick < count; all++) {
      if (all === ROUNDS_MAX_COUNT) throw new Error("This machine is too slow for probes");
      const startedAt = performance.now();
      await rounds(1);
      quick = performance.now() - startedAt < SLOW_MS ? quick + 1 : 0;
    }
  };
  // What comes from other instances may be late, and is looked at in the next round.
  const expectGreen = async () => {
    for (const url of urls) {
      await expect.poll(async () => {
        const { length } = greenPlaces(await look(url));
        if (length < GREEN_PLACES_COUNT) await rounds(1);
        return length;
      }, { ...PATIENT, message: url }).toBe(GREEN_PLACES_COUNT);
    }
  };
  const expectBelieved = async (reader: StatusReader, states: Record<string, string>) => {
    await expect.poll(async () => {
      const now = believed(reader, ids);
      if (!isDeepStrictEqual(now, states)) await rounds(1);
      return now;
    }, { ...PATIENT, message: reader.names.join() }).toEqual(states);
  };
  const ids = Object.keys(fails);
  await quickRounds(3);
  await expectGreen();
  await using readers = new AsyncDisposableStack();
  const all: StatusReader[] = [];
  for (const url of urls) all.push(readers.use(await StatusReader.open(url)));
  const well = Object.fromEntries(ids.map((id) => [id, "operational"]));
  for (const reader of all) await expectBelieved(reader, well);

  await begin();
  await rounds(2);
  for (let round = 0; round < 2; round++) {
    for (const url of urls) {
      expect(greenPlaces(await look(url)), url).toEqual([]);
      expect(await statesAt(url)).toMatchObject(fails);
    }
    for (const reader of all) {
      await expect.poll(() => believed(reader, ids), PATIENT).toEqual(fails);
    }
    await rounds(1);
  }

  await end();
  await quickRounds(isMeasuredByMany === true ? 3 : 2);
  await expectGreen();
  for (const reader of all) await expectBelieved(reader, well);
}

describe("visitors are told of an outage, and when it is over:", () => {
  it("messages reach nobody", async () => {
    const clock = { now: Date.now() };
    await using app = await testApp({ now: () => clock.now });
    const { hub } = app.services;
    const publish = hub.publish.bind(hub);
    await isTold({
      servers: [app.server],
      pass: () => clock.now += 20_000,
      begin: () =>
        hub.publish = (topic, item) => topic.startsWith("probe:") ? undefined : publish(topic, item),
      end: () => hub.publish = publish,
      fails: { messages: "major_outage" },
    });
  }, 300_000);

  for (const way of ["frozen", "gone"] as const) {
    it.skipIf(!hasRelay)(`the relay for calls is ${way}`, async () => {
      const clock = { now: Date.now() };
      await using relays = new AsyncDisposableStack();
      const relay = relays.use(await startCoturn({ secret: SECRET }));
      const servers = [parseTurnServer(`turn:127.0.0.1:${relay.port}`) ?? []].flat();
      await using app = await testApp({
        now: () => clock.now,
        config: { turn: { servers, secret: SECRET } },
      });
      await isTold({
        servers: [app.server],
        pass: () => clock.now += 20_000,
        begin: () => way === "frozen" ? relay.signal("SIGSTOP") : relay[Symbol.asyncDispose](),
        end: async () => {
          if (way === "frozen") relay.signal("SIGCONT");
          else relays.use(await startCoturn({ secret: SECRET, port: relay.port }));
        },
        fails: { calls: "major_outage" },
      });
    }, 300_000);
  }

  for (const way of ["frozen", "gone"] as const) {
    it.skipIf(!hasStorage)(`storage is ${way}, on both instances`, async () => {
      const clock = { now: Date.now() };
      await using pair = await twoInstances({ now: () => clock.now });
      await isTold({
        servers: [pair.app.server, pair.b],
        pass: () => clock.now += 20_000,
        begin: () => way === "frozen" ? pair.kv.signal("SIGSTOP") : pair.kv.kill(),
        // At the same port, on the same file.
        end: () => way === "frozen" ? pair.kv.signal("SIGCONT") : pair.kv.restart(),
        fails: { messages: "major_outage", storage: "major_outage" },
        isMeasuredByMany: true,
      });
      await pair.settled();
    }, 300_000);
  }

  it.skipIf(!hasStorage)("another instance is killed, which told everybody before", async () => {
    await using kv = await startDenokv();
    await using folder = await temporaryFolder();
    const port = freePort();
    // The first of both by name does what has to be done once.
    const env = { KV_URL: kv.url, DENO_KV_ACCESS_TOKEN: kv.token, INSTANCE_ID: "a" };
    await using others = new AsyncDisposableStack();
    const other = others.use(await startServerProcess({ dataDir: folder.path, port, env }));
    let offset = 0;
    await using app = await testApp({
      // The other lives by the real clock.
      now: () => Date.now() + offset,
      config: { kvUrl: kv.url, instanceId: "b", peerUrls: [`http://127.0.0.1:${port}`] },
    });
    await isTold({
      servers: [app.server],
      pass: () => offset += 1_500,
      begin: () => other.kill(),
      end: async () => others.use(await startServerProcess({ dataDir: folder.path, port, env })),
      fails: { instances: "partial_outage" },
    });
  }, 300_000);
});
