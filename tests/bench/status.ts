/**
 * The public status under load: 1,000 page views a second with ETags while things change, and how soon visitors of one
 * instance see what was announced on another.
 */
import * as http from "node:http";
import * as net from "node:net";
import { VISITORS_PER_ADDRESS_COUNT } from "../../server/status/status_sse.ts";
import { startDenokv } from "../support/denokv.ts";
import { cpuMicros, delay, settle, startTarget } from "./process.ts";
import type { Target } from "./process.ts";
import { percentile, printTable, printVerdicts } from "./stats.ts";
import type { Verdict } from "./stats.ts";

const VIEWS_PER_SECOND = 1_000;
const VIEW_SECONDS = 10;
/** Pages that are open; each asks for itself once a second, with the ETag of its last answer. */
const PAGE_COUNT = 1_000;
/** Limits go by address: only so many pages, of which each asks once a second, are behind one. */
const PAGES_PER_ADDRESS_COUNT = 5;
const CHANGES_PER_SECOND = 0.2;
const READER_COUNT = 200;
const ANNOUNCEMENT_COUNT = 100;
/** Between two announcements, so that each is a delivery of its own. */
const PAUSE_MS = 50;
const FIRST_BYTES_MS = 10_000;

/** Runs the benchmark; false when a budget is missed. */
export async function status(): Promise<boolean> {
  return printVerdicts([...await benchViews(), ...await benchAnnouncements()]);
}

/** Pages are asked for at a rate, whether or not the last answers have come. */
async function benchViews(): Promise<Verdict[]> {
  await using target = await startTarget("./targets/status.ts");
  const { pid } = target;
  // Connections are kept for each address.
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const etags = new Map<number, string>();
  const view = (page: number) => viewPage(target, { agent, page, etags });
  for (let page = 0; page < PAGE_COUNT; page++) await view(page);
  await settle(pid);
  const before = await cpuMicros(pid);
  const startedAt = performance.now();
  const views: Promise<View>[] = [];
  let changeCount = 0;
  for (let elapsed = 0; elapsed < VIEW_SECONDS * 1_000;) {
    const due = Math.floor(elapsed * VIEWS_PER_SECOND / 1_000);
    while (views.length < due) views.push(view(views.length % PAGE_COUNT));
    if (changeCount < elapsed * CHANGES_PER_SECOND / 1_000) {
      changeCount++;
      await target.ask({});
    }
    await delay(1);
    elapsed = performance.now() - startedAt;
  }
  const done = await Promise.all(views);
  const cpu = await cpuMicros(pid) - before;
  agent.destroy();
  const whole = done.filter(({ code }) => code === 200).length;
  const times = done.map(({ ms }) => ms);
  printTable(`${VIEWS_PER_SECOND} page views a second for ${VIEW_SECONDS} s, ${PAGE_COUNT} pages open`, [
    ["", "p50", "p99", "max"],
    ["answered in ms", ...[50, 99, 100].map((percent) => percentile(times, percent).toFixed(1))],
    ["whole pages, the rest 304", `${whole} of ${done.length}`, "", ""],
    ["server CPU a view", `${(cpu / done.length).toFixed(0)} µs`, "", ""],
  ]);
  return [{
    what: "page views a second that one core carries",
    measured: 1_000_000 / (cpu / done.length),
    budget: VIEWS_PER_SECOND,
    rule: "at least",
    unit: "",
  }];
}

interface View {
  readonly code: number;
  readonly ms: number;
}

function viewPage(
  { hello: { port } }: Target,
  { agent, page, etags }: {
    readonly agent: http.Agent;
    readonly page: number;
    readonly etags: Map<number, string>;
  },
): Promise<View> {
  const { promise, resolve, reject } = Promise.withResolvers<View>();
  const startedAt = performance.now();
  const headers = {
    "accept": "text/html",
    "accept-encoding": "br",
    ...(etags.has(page) ? { "if-none-match": etags.get(page) } : {}),
  };
  const localAddress = `127.1.2.${1 + Math.floor(page / PAGES_PER_ADDRESS_COUNT)}`;
  const from = { host: "127.0.0.1", port, localAddress };
  const request = http.get({ ...from, path: "/status", agent, headers }, (answer) => {
    const { statusCode: code = 0 } = answer;
    if (code !== 200 && code !== 304) return reject(new Error(`Got ${code}`));
    etags.set(page, answer.headers.etag ?? "");
    answer.resume();
    answer.on("end", () => resolve({ code, ms: performance.now() - startedAt }));
  });
  request.on("error", reject);
  return promise;
}

/** Announced on one instance, read by visitors of the other. */
async function benchAnnouncements(): Promise<Verdict[]> {
  await using kv = await startDenokv();
  await using a = await startTarget("./targets/status.ts", { args: [kv.url] });
  await using b = await startTarget("./targets/status.ts", { args: [kv.url] });
  const seen: number[] = [];
  const readers: net.Socket[] = [];
  for (let index = 0; index < READER_COUNT; index++) readers.push(await openReader(b, index, seen));
  for (let count = 0; count < 20; count++) await a.ask({});
  await delay(FIRST_BYTES_MS / 10);
  seen.length = 0;
  for (let count = 0; count < ANNOUNCEMENT_COUNT; count++) {
    await a.ask({});
    await delay(PAUSE_MS);
  }
  const wanted = READER_COUNT * ANNOUNCEMENT_COUNT;
  for (const until = Date.now() + FIRST_BYTES_MS; seen.length < wanted && Date.now() < until;) {
    await delay(10);
  }
  for (const reader of readers) reader.destroy();
  if (seen.length !== wanted) throw new Error(`${wanted} were to be seen, ${seen.length} were`);
  printTable(`Announced on one instance, read by ${READER_COUNT} visitors of another, ms`, [
    ["", "p50", "p99", "max"],
    ["seen", ...[50, 99, 100].map((percent) => percentile(seen, percent).toFixed(1))],
  ]);
  return [{
    what: "announcement to visitors of another instance, p99",
    measured: percentile(seen, 99),
    budget: 100,
    rule: "at most",
    unit: " ms",
  }];
}

/** Opens one stream, and notes for each announcement how old it is. */
function openReader({ hello: { port } }: Target, index: number, seen: number[]): Promise<net.Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<net.Socket>();
  const localAddress = `127.1.1.${1 + Math.floor(index / VISITORS_PER_ADDRESS_COUNT)}`;
  const socket = net.connect({ port, host: "127.0.0.1", localAddress });
  socket.setNoDelay(true);
  socket.setEncoding("utf8");
  socket.once("error", reject);
  let rest = "";
  socket.on("data", (text: string) => {
    const now = performance.timeOrigin + performance.now();
    const lines = `${rest}${text}`.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const announced = /^data: .*"text":"(\d+\.\d+) Calls.*"retractedAt":null/.exec(line);
      if (announced !== null) seen.push(now - Number(announced[1]));
    }
    resolve(socket);
  });
  socket.write(`GET /status/events HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`);
  return promise;
}
