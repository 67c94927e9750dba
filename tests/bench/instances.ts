/**
 * Several instances on one denokv: from a send on one to its delivery on the other, two writers of one room, and what
 * one denokv carries. The stores are called directly, so that no limit of a person or a room is in the way.
 */
import { startDenokv } from "../support/denokv.ts";
import type { Denokv } from "../support/denokv.ts";
import { cpuMicros, delay, startTarget } from "./process.ts";
import type { Target } from "./process.ts";
import { percentile, printTable, printVerdicts } from "./stats.ts";
import type { Verdict } from "./stats.ts";

const SECONDS = 8;
const THROUGHPUT_SECONDS = 5;
const ROOM_COUNT = 24;
const IN_FLIGHT_COUNT = 64;
const SETTLE_MS = 2_500;

interface World {
  readonly kv: Denokv;
  readonly instances: readonly Target[];
  readonly roomIds: readonly string[];
  readonly userIds: readonly string[];
}

/** Runs the benchmark; false when a budget is missed. */
export async function instances(): Promise<boolean> {
  await using kv = await startDenokv();
  await using a = await startTarget("./targets/instance.ts", { args: [kv.url] });
  await using b = await startTarget("./targets/instance.ts", { args: [kv.url] });
  await using c = await startTarget("./targets/instance.ts", { args: [kv.url] });
  const { roomIds, userIds } = await a.ask({ prepare: ROOM_COUNT }) as unknown as World;
  const world: World = { kv, instances: [a, b, c], roomIds, userIds };
  return printVerdicts([
    ...await benchLatency(world, 200),
    ...await benchLatency(world, 1_000),
    ...await benchOneRoom(world),
    ...await benchThroughput(world),
  ]);
}

/** Sends at a rate on the first and times when the second has heard of it. */
async function benchLatency({ kv, instances: [a, b], roomIds, userIds }: World, perSecond: number) {
  if (a === undefined || b === undefined) throw new Error("Two instances are needed");
  await warm(a, b, { roomIds, userIds });
  const before = await cpuMicros(kv.pid);
  const { acks } = await a.ask({ send: { roomIds, userIds, seconds: SECONDS, perSecond } }) as Acks;
  const cpu = (await cpuMicros(kv.pid) - before) / acks.length;
  await delay(SETTLE_MS);
  const { seen } = await b.ask({}) as { seen: number[] };
  printTable(`Send on one, seen on another, ${perSecond}/s in ${roomIds.length} rooms`, [
    ["", "p50", "p99", "max"],
    ["acknowledged", ...rowOf(acks)],
    ["seen", ...rowOf(seen)],
    ["count", String(acks.length), String(seen.length), ""],
    ["denokv CPU a message", `${cpu.toFixed(0)} µs`, "", ""],
  ]);
  if (seen.length !== acks.length) throw new Error(`${acks.length} were sent, ${seen.length} were seen`);
  const verdicts: Verdict[] = [{
    what: `send to seen elsewhere, p50 at ${perSecond}/s`,
    measured: percentile(seen, 50),
    budget: perSecond === 200 ? 6 : 30,
    rule: "at most",
    unit: " ms",
  }];
  if (perSecond === 200) {
    verdicts.push({
      what: `send to seen elsewhere, p99 at ${perSecond}/s`,
      measured: percentile(seen, 99),
      budget: 50,
      rule: "at most",
      unit: " ms",
    });
  }
  return verdicts;
}

/** Two instances write to one room, 50 messages a second each. */
async function benchOneRoom({ instances: [a, b], roomIds, userIds }: World): Promise<Verdict[]> {
  if (a === undefined || b === undefined) throw new Error("Two instances are needed");
  const order = { roomIds: roomIds.slice(0, 1), seconds: SECONDS, perSecond: 50 };
  const half = userIds.length / 2;
  const results = await Promise.all([
    a.ask({ send: { ...order, userIds: userIds.slice(0, half) } }) as Promise<Acks>,
    b.ask({ send: { ...order, userIds: userIds.slice(half) } }) as Promise<Acks>,
  ]);
  printTable("Two instances write to one room, 50/s each", [
    ["", "p50", "p99", "max", "count"],
    ...results.map(({ acks }, index) => ["ab"[index] ?? "", ...rowOf(acks), String(acks.length)]),
  ]);
  const acks = results.flatMap((result) => result.acks);
  return [{
    what: "two writers of one room, acknowledgement p99",
    measured: percentile(acks, 99),
    budget: 50,
    rule: "at most",
    unit: " ms",
  }];
}

/** As much as one, two and three instances get through one denokv. */
async function benchThroughput({ kv, instances, roomIds, userIds }: World): Promise<Verdict[]> {
  const rows: string[][] = [[
    "instances",
    "messages/s",
    "ack p50",
    "ack p99",
    "denokv cores",
    "instance cores",
  ]];
  for (let count = 1; count <= instances.length; count++) {
    const used = instances.slice(0, count);
    const share = Math.floor(roomIds.length / count);
    const [before, ownBefore] = [await cpuMicros(kv.pid), await cpuOf(used)];
    const results = await Promise.all(used.map((instance, index) =>
      instance.ask({
        send: {
          roomIds: roomIds.slice(index * share, (index + 1) * share),
          userIds,
          seconds: THROUGHPUT_SECONDS,
          inFlight: IN_FLIGHT_COUNT,
        },
      }) as Promise<Acks>
    ));
    const acks = results.flatMap((result) => result.acks);
    const cores = (micros: number) => (micros / (THROUGHPUT_SECONDS * 1_000_000)).toFixed(2);
    rows.push([
      String(count),
      (acks.length / THROUGHPUT_SECONDS).toFixed(0),
      ms(percentile(acks, 50)),
      ms(percentile(acks, 99)),
      cores(await cpuMicros(kv.pid) - before),
      cores((await cpuOf(used) - ownBefore) / count),
    ]);
    await delay(SETTLE_MS);
  }
  printTable(`Throughput of one denokv, ${IN_FLIGHT_COUNT} in flight an instance`, rows);
  return [];
}

interface Acks {
  readonly acks: number[];
  readonly [key: string]: unknown;
}

/** The first message of a room reads what later ones find in memory. */
async function warm(a: Target, b: Target, order: Pick<World, "roomIds" | "userIds">): Promise<void> {
  await a.ask({ send: { ...order, seconds: 2, perSecond: 100 } });
  await delay(SETTLE_MS);
  await b.ask({});
}

async function cpuOf(targets: readonly Target[]): Promise<number> {
  let sum = 0;
  for (const { pid } of targets) sum += await cpuMicros(pid);
  return sum;
}

function rowOf(values: readonly number[]): string[] {
  return [ms(percentile(values, 50)), ms(percentile(values, 99)), ms(Math.max(...values))];
}

function ms(value: number): string {
  return `${value.toFixed(1)} ms`;
}
