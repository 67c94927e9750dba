/**
 * Durable sends: the event log beside bare commits, acknowledgements over the wire at 500 messages a second, and
 * the CPU of one durable post to 1000 connected members beside a raw loop that only sends the frames.
 */
import { measureAcks } from "./acks.ts";
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
const TIMEOUT_MS = 60_000;

/** Runs the benchmark; false when a budget is missed. */
export async function send(): Promise<boolean> {
  const verdicts = [...await benchLog(), ...await benchAcks(), ...await benchPosts()];
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
  for (let round = 0; round <= ROUNDS; round++) {
    const own = await cpuOf(parley, load, () => post(), text.length);
    const reference = await cpuOf(raw, rawLoad, () => void raw.ask({ text, burst: 1 }), text.length);
    // The first round warms up.
    if (round === 0) continue;
    rounds.push(own / reference);
    figures.push([own, reference]);
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
  return [{
    what: "durable post beside a raw broadcast",
    measured: ratio,
    budget: 1.4,
    rule: "at most",
    unit: "×",
  }];
}

/** CPU in µs of the server's process for one post, frames to everybody included. */
async function cpuOf(target: Target, load: Load, post: () => void, bytesEach: number): Promise<number> {
  await settle(target.pid);
  load.reset();
  const before = await cpuMicros(target.pid);
  for (let index = 0; index < POST_COUNT; index++) {
    post();
    await delay(POST_PAUSE_MS);
  }
  await load.received(POST_COUNT * MEMBER_COUNT * bytesEach * 0.9, TIMEOUT_MS);
  await settle(target.pid);
  return (await cpuMicros(target.pid) - before) / POST_COUNT;
}
