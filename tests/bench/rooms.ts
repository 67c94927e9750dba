/** `rooms.list` of people in 200 rooms over WebSockets, while others write, beside a page of messages in turn with it. */
// @ts-types="npm:@types/ws@8.18.2"
import { WebSocket } from "ws";
import { delay, settle, startTarget } from "./process.ts";
import type { Target } from "./process.ts";
import { median, percentile, printTable, printVerdicts } from "./stats.ts";

const ROOM_COUNT = 200;
const ROUND_COUNT = 100;
/** A list of 200 rooms is much work: one person alone would soon wait for their own allowance (`WORK_RATE`). */
const READER_COUNT = 8;
/** The first calls compile what the others run. */
const WARM_COUNT = 10;
/** Below what limits allow one socket. */
const PAUSE_MS = 30;

/** Runs the benchmark; false when a budget is missed. */
export async function rooms(): Promise<boolean> {
  const folder = await Deno.makeTempDir({ prefix: "parley-bench-" });
  try {
    await using target = await startTarget("./targets/rooms.ts", {
      args: [folder, String(ROOM_COUNT), String(READER_COUNT)],
    });
    return await measure(target);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function measure(target: Target): Promise<boolean> {
  await settle(target.pid);
  using opened = new DisposableStack();
  const callers: Caller[] = [];
  for (const cookie of target.hello["cookies"] as string[]) {
    callers.push(opened.use(await Caller.open(target, cookie)));
  }
  const lists: number[] = [];
  const pages: number[] = [];
  for (let round = -WARM_COUNT; round < ROUND_COUNT; round++) {
    const caller = callers[(round + WARM_COUNT) % callers.length] as Caller;
    const list = await caller.ask("rooms.list");
    const page = await caller.ask("messages.list", { roomId: target.hello["roomId"], limit: 50 });
    if (list.bytes < ROOM_COUNT * 100) {
      throw new Error(`A list of ${list.bytes} bytes is not that of ${ROOM_COUNT} rooms`);
    }
    if (round >= 0) {
      lists.push(list.ms);
      pages.push(page.ms);
    }
    await target.ask({ post: (round + WARM_COUNT) % ROOM_COUNT });
    await delay(PAUSE_MS);
  }
  const row = (name: string, values: readonly number[]) => [
    name,
    `${median(values).toFixed(2)} ms`,
    `${percentile(values, 99).toFixed(2)} ms`,
  ];
  printTable(`${ROUND_COUNT} rounds over ${READER_COUNT} people's WebSockets, a post between two rounds`, [
    ["", "p50", "p99"],
    row(`rooms.list, ${ROOM_COUNT} rooms`, lists),
    row("messages.list, 50 messages", pages),
  ]);
  return printVerdicts([
    {
      what: `rooms.list of ${ROOM_COUNT} rooms, p50`,
      measured: median(lists),
      budget: 8,
      rule: "at most",
      unit: " ms",
    },
    // A read for each room made it ten times a page.
    {
      what: "rooms.list beside a page of messages, p50",
      measured: median(lists) / median(pages),
      budget: 5,
      rule: "at most",
      unit: "×",
    },
  ]);
}

/** Asks one thing after the other and says how long the answer took. */
class Caller {
  readonly #socket: WebSocket;
  #nextId = 1;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  static async open({ hello }: Target, cookie: string): Promise<Caller> {
    const { port } = hello;
    const socket = new WebSocket(`ws://127.0.0.1:${port}/trpc`, {
      headers: { Cookie: cookie, Origin: `http://127.0.0.1:${port}` },
    });
    await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
    return new Caller(socket);
  }

  async ask(path: string, input?: unknown): Promise<{ ms: number; bytes: number }> {
    const id = this.#nextId++;
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    this.#socket.once("message", (data) => resolve(String(data)));
    this.#socket.once("close", reject);
    const startedAt = performance.now();
    this.#socket.send(JSON.stringify({ id, method: "query", params: { path, input } }));
    const text = await promise;
    const ms = performance.now() - startedAt;
    this.#socket.off("close", reject);
    if (!text.startsWith(`{"id":${id},"result"`)) {
      throw new Error(`${path} was refused: ${text.slice(0, 300)}`);
    }
    return { ms, bytes: text.length };
  }

  [Symbol.dispose](): void {
    this.#socket.terminate();
  }
}
