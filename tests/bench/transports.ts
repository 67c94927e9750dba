/**
 * The same chat over each transport: what a message costs on the wire and on the server, how long it takes, and what
 * an open tab asks for. Each transport has a server of its own, and all run side by side in real time.
 * `deno task bench transports FILE` also writes the chart to FILE.
 */
import { Random } from "../chaos/random.ts";
import { cpuMicros, delay } from "./process.ts";
import { percentile, printTable, printVerdicts } from "./stats.ts";
import { CONTENDERS, openMembers } from "./transport_members.ts";
import type { Contender, Members } from "./transport_members.ts";
import { drawTransports } from "./transports_chart.ts";
import { tabulateTransports } from "./transports_table.ts";
import type { Figures } from "./transports_table.ts";

const MEMBER_COUNT = 20;
const PHASE_MS = 60_000;
const QUIET_RATE = 1;
const BUSY_RATE = 20;
const MINUTE_MS = 60_000;
const WARM_UP_COUNT = 3;
const TEXT = "The tide tables are on the board; the second column was an hour off, please look again.";

interface Phase {
  readonly messageCount: number;
  readonly byteCount: number;
  readonly requestCount: number;
  readonly cpuMicros: number;
  readonly delaysMs: readonly number[];
}

/** Runs the benchmark; false when a budget is missed. */
export async function transports(file?: string): Promise<boolean> {
  const figures = await Promise.all(CONTENDERS.map(measure));
  printTable(
    `${MEMBER_COUNT} people in one room, ${
      PHASE_MS / 1_000
    } s idle, at ${QUIET_RATE} and at ${BUSY_RATE} messages a minute`,
    tabulateTransports(figures),
  );
  if (file !== undefined) await Deno.writeTextFile(file, drawTransports(figures));
  const [socket, , , short] = figures;
  if (socket === undefined || short === undefined) throw new Error("A contender is missing");
  return printVerdicts([
    {
      what: "WebSocket beside short polling, delay p50",
      measured: socket.busy.delayMs.p50 / short.busy.delayMs.p50,
      budget: 0.1,
      rule: "at most",
      unit: "×",
    },
    {
      what: "WebSocket beside short polling, bytes of a message at 20 a minute",
      measured: socket.busy.bytesPerMessage / short.busy.bytesPerMessage,
      budget: 0.5,
      rule: "at most",
      unit: "×",
    },
    {
      what: "WebSocket beside short polling, server CPU of a message at 20 a minute",
      measured: socket.busy.cpuMicrosPerMessage / short.busy.cpuMicrosPerMessage,
      budget: 0.5,
      rule: "at most",
      unit: "×",
    },
  ]);
}

async function measure(contender: Contender): Promise<Figures> {
  await using members = await openMembers(contender, MEMBER_COUNT);
  for (let index = 0; index < WARM_UP_COUNT; index++) await members.send(`Warm-up ${index}`);
  const idle = await runPhase(members, 0);
  const quiet = await runPhase(members, QUIET_RATE);
  const busy = await runPhase(members, BUSY_RATE);
  const requests = ({ requestCount }: Phase) => requestCount / MEMBER_COUNT / (PHASE_MS / MINUTE_MS);
  const costs = ({ byteCount, cpuMicros, messageCount, delaysMs }: Phase) => ({
    bytesPerMessage: byteCount / messageCount / MEMBER_COUNT,
    cpuMicrosPerMessage: cpuMicros / messageCount / MEMBER_COUNT,
    delayMs: { p50: percentile(delaysMs, 50), p99: percentile(delaysMs, 99) },
  });
  return {
    name: contender.name,
    idle: { requestsPerMinute: requests(idle), bytesPerMinute: idle.byteCount / MEMBER_COUNT },
    quiet: { requestsPerMinute: requests(quiet), ...costs(quiet) },
    busy: { requestsPerMinute: requests(busy), ...costs(busy) },
  };
}

/** Sends messages at random moments, so that they do not keep step with polls. */
async function runPhase(members: Members, rate: number): Promise<Phase> {
  const random = new Random(rate);
  const messageCount = rate * PHASE_MS / MINUTE_MS;
  const startedAt = performance.now();
  const before = {
    bytes: members.byteCount(),
    requests: members.requestCount(),
    cpu: await cpuMicros(members.pid),
  };
  const until = (ms: number) => delay(Math.max(0, startedAt + ms - performance.now()));
  const delaysMs: number[] = [];
  const slotMs = PHASE_MS / Math.max(1, messageCount);
  for (let index = 0; index < messageCount; index++) {
    // What is sent last arrives within the phase.
    await until((index + random.next() * (index === messageCount - 1 ? 0.5 : 1)) * slotMs);
    void members.send(`${TEXT} ${rate}.${index}`).then((all) => delaysMs.push(...all));
  }
  await until(PHASE_MS);
  const expected = messageCount * (members.count - 1);
  for (let tries = 0; delaysMs.length < expected && tries < 100; tries++) await delay(50);
  if (delaysMs.length < expected) throw new Error(`${delaysMs.length} of ${expected} deliveries arrived`);
  return {
    messageCount,
    byteCount: members.byteCount() - before.bytes,
    requestCount: members.requestCount() - before.requests,
    cpuMicros: await cpuMicros(members.pid) - before.cpu,
    delaysMs,
  };
}
