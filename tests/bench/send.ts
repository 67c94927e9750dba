/**
 * Durable sends: the event log beside bare commits, acknowledgements over the wire at 500 messages a second, and
 * the CPU of one durable post to 1000 connected members beside a raw loop that only sends the frames.
 */
import { measureAcks, measureSends } from "./acks.ts";
import { openLoad } from "./load_client.ts";
import type { Dial, Load } from "./load_client.ts";
import { cpuMicros, delay, settle, startTarget } from "./process.ts";
import type { Target } from "./process.ts";
import { median, percentile, printTable, printVerdicts } from "./stats.ts";
import type { Verdict } from "./stats.ts";

const ROUNDS = 3;
const MEMBER_COUNT = 1_000;
const POST_COUNT = 40;
const POST_PAUSE_MS = 60;
const BURST_COUNT = 16;
const BURST_TIMES = 20;
const BURST_PAUSE_MS = 120;
const ROOM_COUNT = 64;
const IN_FLIGHT_COUNT = 64;
/** Each sends less than its limit allows at once. */
const SENDER_COUNT = 640;
const SPREAD_SEND_COUNT = 6_400;
const TIMEOUT_MS = 60_000;
const PUSHED_PEOPLE_COUNT = 40;
const PUSHED_DEVICE_COUNT = 20;
const PUSHED = { perSecond: 5, seconds: 5 } as const;

/** Runs the benchmark; false when a budget is missed. */
export async function send(): Promise<boolean> {
  const verdicts = [...await benchLog(), ...await benchAcks(), ...await benchPushes(), ...await benchPosts()];
  await benchSpread();
  return printVerdicts(verdicts);
}

async function benchLog(): Promise<Verdict[]> {
  await using target = await startTarget("./targets/append.ts");
  const rounds: { bare: number; one: number; many: number }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    rounds.push(await target.ask({}) as unknown as typeof rounds[number]);
  }
  await target.ask({ end: true });
  const bare = median(rounds.map((round) => round.bare));
  const one = median(rounds.map((round) => round.one / round.bare));
  const many = median(rounds.map((round) => round.many / round.bare));
  printTable(`Durable appends a second on a file, median of ${ROUNDS} rounds`, [
    ["", "a second", "× bare"],
    ["bare commit of the same rows", bare.toFixed(0), "1.00"],
    ["append, one at a time", (one * bare).toFixed(0), one.toFixed(2)],
    ["append, 64 in flight", (many * bare).toFixed(0), many.toFixed(2)],
  ]);
  return [
    {
      what: "append, one at a time, beside a bare commit",
      measured: one,
      budget: 0.8,
      rule: "at least",
      unit: "×",
    },
    {
      what: "append, 64 in flight, beside a bare commit",
      measured: many,
      budget: 4,
      rule: "at least",
      unit: "×",
    },
  ];
}

async function benchAcks(): Promise<Verdict[]> {
  const folder = await Deno.makeTempDir({ prefix: "parley-bench-" });
  try {
    await using target = await startTarget("./targets/parley.ts", { args: ["125", folder, "5"] });
    const delays = await measureAcks(target, { perSecond: 500, seconds: 10 });
    const p99 = percentile(delays, 99);
    printTable(
      `Send to acknowledgement over WebSocket, 500/s from 125 people in 5 rooms, ${delays.length} messages`,
      [
        ["p50", `${percentile(delays, 50).toFixed(2)} ms`],
        ["p99", `${p99.toFixed(2)} ms`],
        ["max", `${Math.max(...delays).toFixed(2)} ms`],
      ],
    );
    return [{
      what: "acknowledgement p99 at 500/s",
      measured: p99,
      budget: 10,
      rule: "at most",
      unit: " ms",
    }];
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Whether whoever sends waits for push notifications. */
async function benchPushes(): Promise<Verdict[]> {
  const times = new Map<number, number[]>([[0, []], [PUSHED_DEVICE_COUNT, []]]);
  let pushCount = 0;
  for (let round = 0; round < ROUNDS; round++) {
    for (const [deviceCount, medians] of times) {
      const folder = await Deno.makeTempDir({ prefix: "parley-bench-" });
      try {
        await using target = await startTarget("./targets/parley.ts", {
          args: [String(PUSHED_PEOPLE_COUNT), folder, "1", String(deviceCount)],
        });
        await settle(target.pid);
        medians.push(percentile(await measureAcks(target, PUSHED), 50));
        pushCount += Number((await target.ask({ pushes: true })).sentCount);
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    }
  }
  const [without = 0, withDevices = 0] = [...times.values()].map(median);
  printTable(`Send to acknowledgement at ${PUSHED.perSecond}/s in one room, medians of ${ROUNDS} rounds`, [
    ["nobody has push notifications on", `${without.toFixed(2)} ms`],
    [`${PUSHED_DEVICE_COUNT} devices, ${pushCount} pushes in all`, `${withDevices.toFixed(2)} ms`],
  ]);
  return [{
    what: `acknowledgement p50 with ${PUSHED_DEVICE_COUNT} devices to push to, beside none`,
    measured: withDevices / without,
    budget: 1.5,
    rule: "at most",
    unit: "×",
  }];
}

/** Sends over the wire that are spread over rooms, so that no room's own grouping helps. */
async function benchSpread(): Promise<void> {
  const rounds: { perSecond: number; cpu: number }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const folder = await Deno.makeTempDir({ prefix: "parley-bench-" });
    try {
      await using target = await startTarget("./targets/parley.ts", {
        args: [String(SENDER_COUNT), folder, String(ROOM_COUNT)],
      });
      await settle(target.pid);
      const before = await cpuMicros(target.pid);
      const perSecond = await measureSends(target, {
        total: SPREAD_SEND_COUNT,
        inFlightCount: IN_FLIGHT_COUNT,
      });
      rounds.push({ perSecond, cpu: (await cpuMicros(target.pid) - before) / SPREAD_SEND_COUNT });
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  }
  printTable(`${IN_FLIGHT_COUNT} sends in flight on a file, median of ${ROUNDS} rounds`, [
    ["", "a second", "CPU of one"],
    [
      `over the wire, ${ROOM_COUNT} rooms`,
      median(rounds.map(({ perSecond }) => perSecond)).toFixed(0),
      `${(median(rounds.map(({ cpu }) => cpu)) / 1_000).toFixed(2)} ms`,
    ],
  ]);
}

async function benchPosts(): Promise<Verdict[]> {
  await using raw = await startTarget("./targets/raw_deno.ts");
  await using parley = await startTarget("./targets/parley.ts", { args: [String(MEMBER_COUNT)] });
  const people = parley.hello["people"] as { cookie: string; address: string; roomId: string }[];
  const Origin = `http://127.0.0.1:${parley.hello.port}`;
  const dials = people.map(({ cookie, address }): Dial => ({
    port: parley.hello.port,
    path: "/trpc",
    headers: { Cookie: cookie, Origin },
    localAddress: address,
    texts: [String(parley.hello["subscribe"])],
  }));
  using load = await openLoad(dials);
  using rawLoad = await openLoad(dials.map(() => ({ port: raw.hello.port, path: "/", texts: [] })));
  await Promise.all([load.quiet(), rawLoad.quiet()]);
  const text = String(parley.hello["text"]);
  let sender = 0;
  const post = () => {
    const index = sender++ % people.length;
    const input = { roomId: people[index]?.roomId, clientMessageId: `bench-${sender}`, text: "x".repeat(90) };
    load.write(
      index,
      JSON.stringify({ id: 2, method: "mutation", params: { path: "messages.send", input } }),
    );
  };
  const rounds: number[] = [];
  const figures: [number, number][] = [];
  const bursts: { ratio: number; writes: number }[] = [];
  const single = { times: POST_COUNT, pauseMs: POST_PAUSE_MS, bytes: MEMBER_COUNT * text.length };
  const many = { times: BURST_TIMES, pauseMs: BURST_PAUSE_MS, bytes: BURST_COUNT * single.bytes };
  const postMany = () => {
    for (let index = 0; index < BURST_COUNT; index++) post();
  };
  for (let round = 0; round <= ROUNDS; round++) {
    const own = await cpuOf(parley, load, { ...single, act: post });
    const reference = await cpuOf(raw, rawLoad, { ...single, act: () => void raw.ask({ text, burst: 1 }) });
    const before = Number((await parley.ask({})).writes);
    const ownBurst = await cpuOf(parley, load, { ...many, act: postMany });
    const writes = (Number((await parley.ask({})).writes) - before) / (BURST_TIMES * MEMBER_COUNT);
    const rawBurst = () => void raw.ask({ text, burst: BURST_COUNT });
    const referenceBurst = await cpuOf(raw, rawLoad, { ...many, act: rawBurst });
    // The first round warms up.
    if (round === 0) continue;
    rounds.push(own / reference);
    figures.push([own, reference]);
    bursts.push({ ratio: ownBurst / referenceBurst, writes });
  }
  const ratio = median(rounds);
  printTable(
    `Server CPU of one durable post to ${MEMBER_COUNT} connected members, median of ${ROUNDS} rounds`,
    [
      [
        "raw Deno loop, frames only",
        `${(median(figures.map(([, reference]) => reference)) / 1_000).toFixed(2)} ms`,
      ],
      [
        "Parley, limits, storage and fan-out",
        `${(median(figures.map(([own]) => own)) / 1_000).toFixed(2)} ms`,
      ],
    ],
  );
  printTable(`${BURST_COUNT} durable posts at once to ${MEMBER_COUNT} connected members`, [
    ["", "× raw loop", "writes a socket"],
    [
      `burst of ${BURST_COUNT}, all in`,
      median(bursts.map((burst) => burst.ratio)).toFixed(2),
      median(bursts.map((burst) => burst.writes)).toFixed(2),
    ],
  ]);
  return [{
    what: "durable post beside a raw broadcast",
    measured: ratio,
    budget: 1.4,
    rule: "at most",
    unit: "×",
  }];
}

interface Acts {
  readonly act: () => void;
  readonly times: number;
  readonly pauseMs: number;
  /** What all sockets together receive of one act. */
  readonly bytes: number;
}

/** CPU in µs of the server's process for one act, frames to everybody included. */
async function cpuOf(target: Target, load: Load, { act, times, pauseMs, bytes }: Acts): Promise<number> {
  await settle(target.pid);
  load.reset();
  const before = await cpuMicros(target.pid);
  for (let index = 0; index < times; index++) {
    act();
    await delay(pauseMs);
  }
  await load.received(times * bytes * 0.9, TIMEOUT_MS);
  await settle(target.pid);
  return (await cpuMicros(target.pid) - before) / times;
}
