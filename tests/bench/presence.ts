/**
 * Presence of many: what each costs who subscribes while all the others are there, and what each is sent when all come
 * at once. The shape that counts is the one from 1,000 to 3,000 people: for each of them it should stay the same.
 */
import { openLoad } from "./load_client.ts";
import type { Dial, Load } from "./load_client.ts";
import { cpuMicros, delay, settle, startTarget } from "./process.ts";
import type { Target } from "./process.ts";
import { printTable, printVerdicts } from "./stats.ts";

const PEOPLE_COUNTS = [1_000, 2_000, 3_000] as const;
/** All of them come within this. */
const STORM_MS = 10_000;
const STEP_MS = 20;
/** Leaving is told 5 s late, and the longest pause between two batches is 3 s. */
const GONE_MS = 10_000;
const TOLD_MS = 4_000;

const SUBSCRIBE = request(1, "subscription", "presence.onPresence");
const SET_ONLINE = request(2, "mutation", "presence.set", { status: "online" });

interface Figures {
  readonly cpuMicrosEach: number;
  /** Bytes for each, divided by the people online. */
  readonly bytesPerPair: number;
}

interface Row {
  readonly count: number;
  readonly subscribing: Figures;
  readonly coming: Figures;
}

/** Runs the benchmark; false when a budget is missed. */
export async function presence(): Promise<boolean> {
  const rows: Row[] = [];
  for (const count of PEOPLE_COUNTS) rows.push(await measureWith(count));
  printTable(
    `Presence, everybody within ${STORM_MS / 1_000} s: server CPU for each, bytes for each by people online`,
    [
      ["", "subscribe µs", "bytes ÷ people", "come and subscribe µs", "bytes ÷ people"],
      ...rows.map(({ count, subscribing, coming }) => [
        `${count} people`,
        subscribing.cpuMicrosEach.toFixed(0),
        subscribing.bytesPerPair.toFixed(1),
        coming.cpuMicrosEach.toFixed(0),
        coming.bytesPerPair.toFixed(1),
      ]),
    ],
  );
  const [first, last] = [rows[0], rows.at(-1)];
  if (first === undefined || last === undefined) throw new Error("There are no figures");
  const growth = (of: (row: Row) => Figures) => of(last).cpuMicrosEach / of(first).cpuMicrosEach;
  const most = (of: (row: Row) => Figures) => Math.max(...rows.map((row) => of(row).bytesPerPair));
  const range = `from ${first.count} to ${last.count} people`;
  return printVerdicts([
    {
      what: `CPU for each who subscribes, ${range}`,
      measured: growth(({ subscribing }) => subscribing),
      budget: 1.5,
      rule: "at most",
      unit: "×",
    },
    {
      what: `CPU for each when all come at once, ${range}`,
      measured: growth(({ coming }) => coming),
      budget: 1.5,
      rule: "at most",
      unit: "×",
    },
    {
      what: "bytes for each who subscribes, by people online",
      measured: most(({ subscribing }) => subscribing),
      budget: 25,
      rule: "at most",
      unit: "",
    },
    // One picture of those who are there, and about one more of those who come after: never 97, a state for each.
    {
      what: "bytes for each when all come at once, by people online",
      measured: most(({ coming }) => coming),
      budget: 50,
      rule: "at most",
      unit: "",
    },
  ]);
}

async function measureWith(count: number): Promise<Row> {
  await using target = await startTarget("./targets/parley.ts", { args: [String(count), ":memory:", "10"] });
  const people = target.hello["people"] as { cookie: string; address: string }[];
  const { port } = target.hello;
  const dials = people.map(({ cookie, address }): Dial => ({
    port,
    path: "/trpc",
    headers: { Cookie: cookie, Origin: `http://127.0.0.1:${port}` },
    localAddress: address,
    texts: [],
  }));
  const coming = await measureStorm(target, dials, [SUBSCRIBE, SET_ONLINE], []);
  await delay(GONE_MS);
  const subscribing = await measureStorm(target, dials, [SUBSCRIBE], [SET_ONLINE]);
  return { count, subscribing, coming };
}

/** Everybody is connected and has said `before`; then, one after the other, they say `texts`. */
async function measureStorm(
  target: Target,
  dials: readonly Dial[],
  texts: readonly string[],
  before: readonly string[],
): Promise<Figures> {
  using load = await openLoad(dials.map((dial) => ({ ...dial, texts: before })));
  await delay(TOLD_MS);
  await load.quiet();
  await settle(target.pid);
  load.reset();
  const cpuBefore = await cpuMicros(target.pid);
  await sayInTurn(load, dials.length, texts);
  await delay(TOLD_MS);
  await load.quiet();
  await settle(target.pid);
  const cpuEach = (await cpuMicros(target.pid) - cpuBefore) / dials.length;
  const bytesPerPair = load.receivedBytes() / dials.length / dials.length;
  // Less than an id for each means that not everybody was shown everybody.
  if (bytesPerPair < 19) {
    throw new Error(`Only ${bytesPerPair} bytes a pair came: somebody was not told of somebody`);
  }
  return { cpuMicrosEach: cpuEach, bytesPerPair };
}

async function sayInTurn(load: Load, count: number, texts: readonly string[]): Promise<void> {
  const startedAt = performance.now();
  for (let index = 0; index < count; await delay(STEP_MS)) {
    const due = Math.min(count, Math.ceil((performance.now() - startedAt) / STORM_MS * count));
    for (; index < due; index++) for (const text of texts) load.write(index, text);
  }
}

function request(id: number, method: string, path: string, input?: unknown): string {
  return JSON.stringify({ id, method, params: { path, input } });
}
