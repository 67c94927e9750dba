/**
 * Server CPU per delivery of public events: a thousand visitors of `/status/events`, single events and bursts, beside
 * Hono's `streamSSE` in the same run.
 */
import * as net from "node:net";
import { VISITORS_PER_ADDRESS_COUNT } from "../../server/status/status_sse.ts";
import { cpuMicros, delay, settle, startTarget } from "./process.ts";
import type { Target } from "./process.ts";
import { median, printTable, printVerdicts } from "./stats.ts";

const VISITOR_COUNT = 1_000;
const DIAL_AT_ONCE_COUNT = 50;
const BURST_COUNT = 16;
const ROUNDS = 3;
const SINGLE_EVENT_COUNT = 100;
const BURSTS = 30;
/** So that one flush has gone out before the next event comes. */
const PAUSE_MS = 25;
const TIMEOUT_MS = 60_000;
/** What comes in one write needs fewer bytes around it. */
const LEAST_SHARE = 0.9;

interface Contender extends Disposable {
  readonly target: Target;
  readonly bytesPerDelivery: number;
  publish(burst: number): Promise<unknown>;
  /** Bytes that all visitors got so far. */
  received(): number;
}

/** Runs the benchmark; false when the budget is missed. */
export async function sse(): Promise<boolean> {
  await using parley = await startTarget("./targets/sse_parley.ts");
  await using hono = await startTarget("./targets/sse_hono.ts");
  const { data, id } = parley.hello;
  using ours = await contender(parley, (burst) => parley.ask({ burst }));
  using theirs = await contender(hono, (burst) => hono.ask({ burst, data, id }));
  const figures = { ours: { single: [], burst: [] }, theirs: { single: [], burst: [] } } as Record<
    "ours" | "theirs",
    { single: number[]; burst: number[] }
  >;
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, one] of [["ours", ours], ["theirs", theirs]] as const) {
      figures[name].single.push(await measure(one, SINGLE_EVENT_COUNT, 1));
      figures[name].burst.push(await measure(one, BURSTS, BURST_COUNT));
    }
  }
  const row = (name: string, { single, burst }: { single: number[]; burst: number[] }) => [
    name,
    median(single).toFixed(2),
    median(burst).toFixed(2),
  ];
  printTable(
    `Server CPU per delivery, ${VISITOR_COUNT} visitors, ${
      String(data).length
    } bytes, median of ${ROUNDS} rounds`,
    [
      ["", "single µs", `burst ${BURST_COUNT} µs`],
      row("Hono streamSSE", figures.theirs),
      row("Parley", figures.ours),
    ],
  );
  const ratio = (kind: "single" | "burst") => median(figures.ours[kind]) / median(figures.theirs[kind]);
  return printVerdicts([
    { what: "burst, beside streamSSE", measured: ratio("burst"), budget: 0.2, rule: "at most", unit: "×" },
  ]);
}

async function contender(target: Target, publish: Contender["publish"]): Promise<Contender> {
  let bytes = 0;
  const sockets: net.Socket[] = [];
  for (let from = 0; from < VISITOR_COUNT; from += DIAL_AT_ONCE_COUNT) {
    const opened = Array.from({ length: DIAL_AT_ONCE_COUNT }, (_, index) => open(target, from + index));
    for (const socket of await Promise.all(opened)) {
      socket.on("data", (chunk: Uint8Array) => void (bytes += chunk.length));
      sockets.push(socket);
    }
  }
  const quiet = async () => {
    for (let last = -1; last !== bytes;) {
      last = bytes;
      await delay(300);
    }
  };
  await quiet();
  // Warm: code compiled, buffers grown. The last event tells the size on the wire.
  for (let index = 0; index < 20; index++) await publish(1);
  await quiet();
  const before = bytes;
  await publish(1);
  await quiet();
  return {
    target,
    publish,
    bytesPerDelivery: (bytes - before) / VISITOR_COUNT,
    received: () => bytes,
    [Symbol.dispose]() {
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Opens one stream, and resolves with its first bytes. */
function open({ hello: { port } }: Target, index: number): Promise<net.Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<net.Socket>();
  const localAddress = `127.1.1.${1 + Math.floor(index / VISITORS_PER_ADDRESS_COUNT)}`;
  const socket = net.connect({ port, host: "127.0.0.1", localAddress });
  socket.setNoDelay(true);
  socket.once("error", reject);
  socket.once("data", () => {
    socket.off("error", reject);
    socket.on("error", () => {});
    resolve(socket);
  });
  socket.write(`GET /status/events HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`);
  return promise;
}

/** CPU in µs of the server's process for one delivery. */
async function measure(one: Contender, times: number, burst: number): Promise<number> {
  const { pid } = one.target;
  await settle(pid);
  const bytesBefore = one.received();
  const before = await cpuMicros(pid);
  for (let index = 0; index < times; index++) {
    await one.publish(burst);
    await delay(PAUSE_MS);
  }
  const deliveries = times * burst * VISITOR_COUNT;
  const wanted = bytesBefore + deliveries * one.bytesPerDelivery * LEAST_SHARE;
  for (const until = Date.now() + TIMEOUT_MS; one.received() < wanted;) {
    if (Date.now() > until) {
      throw new Error(`Got ${one.received() - bytesBefore} of ${wanted - bytesBefore} bytes`);
    }
    await delay(5);
  }
  await settle(pid);
  return (await cpuMicros(pid) - before) / deliveries;
}
