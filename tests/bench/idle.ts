/**
 * What a server takes that has nothing to do: from the start to the first answer, memory alone and with people
 * connected, and memory of a connection beside Deno's own WebSocket.
 */
import { startServerProcess } from "../support/server_process.ts";
import { openLoad } from "./load_client.ts";
import type { Dial } from "./load_client.ts";
import { delay, rssKib, settle, startTarget } from "./process.ts";
import type { Target } from "./process.ts";
import { median, printTable, printVerdicts } from "./stats.ts";

const START_COUNT = 5;
const CONNECTION_COUNT = 1_000;
/** Garbage of the start and of the dials is gone by then. */
const REST_MS = 5_000;

/** Runs the benchmark; false when a budget is missed. */
export async function idle(): Promise<boolean> {
  const starts: number[] = [];
  const alone: number[] = [];
  for (let count = 0; count <= START_COUNT; count++) {
    const { startMs, rssMb } = await measureStart();
    // The first one may have built the client.
    if (count === 0) continue;
    starts.push(startMs);
    alone.push(rssMb);
  }
  await using raw = await startTarget("./targets/raw_deno.ts");
  const dial: Dial = { port: raw.hello.port, path: "/", texts: [] };
  const reference = await measureConnections(raw, Array.from({ length: CONNECTION_COUNT }, () => dial));
  const own = await measureParley(() => []);
  const subscribed = await measureParley(({ hello }) => [String(hello["subscribe"])]);
  printTable("At rest", [
    ["start to first answer", `${median(starts).toFixed(0)} ms`],
    ["memory alone", `${median(alone).toFixed(0)} MB`],
    [`memory with ${CONNECTION_COUNT} connected`, `${own.totalMb.toFixed(0)} MB`],
    [`memory with ${CONNECTION_COUNT} who follow a room`, `${subscribed.totalMb.toFixed(0)} MB`],
    ["a connection", `${own.eachKib.toFixed(1)} KiB`],
    ["a connection that follows a room", `${subscribed.eachKib.toFixed(1)} KiB`],
    ["a connection of a raw Deno WebSocket", `${reference.eachKib.toFixed(1)} KiB`],
  ]);
  return printVerdicts([
    { what: "start to first answer", measured: median(starts), budget: 500, rule: "at most", unit: " ms" },
    { what: "memory alone", measured: median(alone), budget: 90, rule: "at most", unit: " MB" },
    {
      what: `memory with ${CONNECTION_COUNT} who follow a room`,
      measured: subscribed.totalMb,
      budget: 200,
      rule: "at most",
      unit: " MB",
    },
    {
      what: "a connection beside a raw Deno WebSocket",
      measured: own.eachKib / reference.eachKib,
      budget: 1.5,
      rule: "at most",
      unit: "×",
    },
  ]);
}

async function measureStart(): Promise<{ startMs: number; rssMb: number }> {
  const dataDir = await Deno.makeTempDir({ prefix: "parley-bench-" });
  try {
    const startedAt = performance.now();
    await using server = await startServerProcess({ dataDir });
    const startMs = performance.now() - startedAt;
    await delay(REST_MS / 5);
    return { startMs, rssMb: await rssKib(server.pid) / 1_000 };
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
}

/** Connects everybody to a server of their own, each of whom says some texts. */
async function measureParley(textsFor: (parley: Target) => string[]) {
  await using parley = await startTarget("./targets/parley.ts", { args: [String(CONNECTION_COUNT)] });
  const people = parley.hello["people"] as { cookie: string; address: string }[];
  const { port } = parley.hello;
  return await measureConnections(
    parley,
    people.map(({ cookie, address }): Dial => ({
      port,
      path: "/trpc",
      headers: { Cookie: cookie, Origin: `http://127.0.0.1:${port}` },
      localAddress: address,
      texts: textsFor(parley),
    })),
  );
}

async function measureConnections(
  target: Target,
  dials: readonly Dial[],
): Promise<{ totalMb: number; eachKib: number }> {
  await settle(target.pid);
  await delay(REST_MS);
  const before = await rssKib(target.pid);
  using load = await openLoad([...dials]);
  await load.quiet();
  await delay(REST_MS);
  const after = await rssKib(target.pid);
  return { totalMb: after / 1_000, eachKib: (after - before) / dials.length };
}
