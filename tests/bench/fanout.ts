/**
 * Server CPU per delivery: one room, many subscribers, single messages and bursts, beside a raw Deno loop and
 * stock tRPC in the same run. The figures that count are the ratios; the machine's speed drifts.
 */
import { cpuMicros, delay, settle, startTarget } from "./process.ts";
import type { Target } from "./process.ts";
import { openLoad } from "./load_client.ts";
import type { Dial, Load } from "./load_client.ts";
import { median, printTable, printVerdicts } from "./stats.ts";

const SUBSCRIBER_COUNT = 1_000;
const BURST_COUNT = 16;
const ROUNDS = 3;
/** Deliveries a round: enough that neither the clock ticks of /proc (10 ms) nor pings in the pauses matter. */
const SINGLE_MESSAGE_COUNT = 200;
const BURSTS = 50;
/** So that the flush of one message has gone out before the next is published. */
const PAUSE_MS = 12;
const TIMEOUT_MS = 60_000;

interface Contender {
  readonly name: string;
  readonly target: Target;
  readonly load: Load;
  /** One published message as bytes on the wire of one subscriber. */
  readonly bytesPerDelivery: number;
  readonly publish: (burst: number) => Promise<unknown>;
}

/** Runs the benchmark; false when a budget is missed. */
export async function fanout(): Promise<boolean> {
  await using raw = await startTarget("./targets/raw_deno.ts");
  await using stock = await startTarget("./targets/stock_trpc.ts");
  await using parley = await startTarget("./targets/parley.ts", { args: [String(SUBSCRIBER_COUNT)] });
  const event = parley.hello["event"];
  const text = String(parley.hello["text"]);
  const position = String(parley.hello["position"]);
  const subscribe = JSON.stringify({ id: 1, method: "subscription", params: { path: "messages.onEvent" } });
  const contenders: Contender[] = [
    await contender("raw Deno loop", raw, [], (burst) => raw.ask({ text, burst })),
    await contender("stock tRPC", stock, [subscribe], (burst) => stock.ask({ event, position, burst })),
    await contender(
      "Parley",
      parley,
      [String(parley.hello["subscribe"])],
      (burst) => parley.ask({ publish: burst }),
    ),
  ];
  const single = new Map<string, number[]>();
  const burst = new Map<string, number[]>();
  try {
    for (let round = 0; round < ROUNDS; round++) {
      for (const one of contenders) {
        push(single, one.name, await measure(one, SINGLE_MESSAGE_COUNT, 1));
        push(burst, one.name, await measure(one, BURSTS, BURST_COUNT));
      }
    }
  } finally {
    for (const one of contenders) one.load[Symbol.dispose]();
  }
  const [r, s, p] = contenders.map(({ name }) =>
    [median(single.get(name) ?? []), median(burst.get(name) ?? [])] as const
  );
  if (!r || !s || !p) throw new Error("A contender has no figures");
  const row = (name: string, [one, many]: readonly [number, number]) => [
    name,
    one.toFixed(2),
    (one / r[0]).toFixed(2),
    many.toFixed(2),
    (many / r[1]).toFixed(2),
  ];
  printTable(
    `Server CPU per delivery, ${SUBSCRIBER_COUNT} subscribers, ${text.length} bytes, median of ${ROUNDS} rounds`,
    [
      ["", "single µs", "× raw", `burst ${BURST_COUNT} µs`, "× raw"],
      row("raw Deno loop", r),
      row("stock tRPC", s),
      row("Parley", p),
    ],
  );
  return printVerdicts([
    { what: "single, beside the raw loop", measured: p[0] / r[0], budget: 1.1, rule: "at most", unit: "×" },
    { what: "burst, beside the raw loop", measured: p[1] / r[1], budget: 0.1, rule: "at most", unit: "×" },
    { what: "single, beside stock tRPC", measured: p[0] / s[0], budget: 0.25, rule: "at most", unit: "×" },
    { what: "burst, beside stock tRPC", measured: p[1] / s[1], budget: 0.03, rule: "at most", unit: "×" },
  ]);
}

async function contender(
  name: string,
  target: Target,
  texts: string[],
  publish: (burst: number) => Promise<unknown>,
): Promise<Contender> {
  const people = (target.hello["people"] ?? []) as { cookie: string; address: string }[];
  const dials = Array.from({ length: SUBSCRIBER_COUNT }, (_, index): Dial => {
    const person = people[index];
    const base = { port: target.hello.port, path: "/trpc", texts };
    return person === undefined ? base : {
      ...base,
      headers: { Cookie: person.cookie, Origin: `http://127.0.0.1:${target.hello.port}` },
      localAddress: person.address,
    };
  });
  const load = await openLoad(dials);
  await load.quiet();
  // Warm: code compiled, buffers grown. The second message tells the size on the wire.
  for (let index = 0; index < 20; index++) await publish(1);
  await load.quiet();
  load.reset();
  await publish(1);
  await load.quiet();
  const bytesPerDelivery = load.receivedBytes() / SUBSCRIBER_COUNT;
  if (bytesPerDelivery < String(JSON.stringify(target.hello["event"] ?? "")).length) {
    throw new Error(
      `${name} delivered ${bytesPerDelivery} bytes to each subscriber: not every one is subscribed`,
    );
  }
  return { name, target, load, publish, bytesPerDelivery };
}

/** CPU in µs of the server's process for one delivery. */
async function measure(one: Contender, times: number, burst: number): Promise<number> {
  await settle(one.target.pid);
  one.load.reset();
  const before = await cpuMicros(one.target.pid);
  for (let index = 0; index < times; index++) {
    await one.publish(burst);
    await delay(PAUSE_MS);
  }
  const deliveries = times * burst * SUBSCRIBER_COUNT;
  // Bursts may be batched on the wire (tRPC's data lists), never lost: at least the raw text of each must come.
  await one.load.received(Math.floor(deliveries * one.bytesPerDelivery * 0.99), TIMEOUT_MS).catch((cause) => {
    throw new Error(`${one.name} did not deliver`, { cause });
  });
  await settle(one.target.pid);
  return (await cpuMicros(one.target.pid) - before) / deliveries;
}

function push(into: Map<string, number[]>, name: string, value: number): void {
  into.set(name, [...into.get(name) ?? [], value]);
}
