/**
 * One attacker, in its own process: ten sockets that send as fast as the server accepts it, some of which read
 * nothing, and HTTP as well, or only HTTP batches. Reads its instructions as one line of JSON, and leaves after two seconds.
 */
import type { Socket } from "node:net";
import { maskedFrame, openSocket } from "../bench/load_client.ts";
import { delay } from "../bench/process.ts";
import { ATTACK_ROWS } from "./rows.ts";
import { READY } from "./attack.ts";
import type { AttackOrder } from "./attack.ts";

const SOCKET_COUNT = 10;
/** How many sockets never read an answer. */
const DEAF_COUNT = 3;
const REQUESTS_PER_FRAME = 20;
/** Frames written before yielding to others. */
const FRAMES_PER_TURN = 5;
/** A larger frame would close the socket, which an attacker knows. */
const FRAME_BYTES = 60_000;
const REQUESTS_AT_ONCE_COUNT = 8;
const BATCH_COUNT = 20;
const URL_MAX_LENGTH = 12_000;

console.log(READY);
const order = JSON.parse(await firstLine()) as AttackOrder;
const row = ATTACK_ROWS[order.name];
if (row === undefined) throw new RangeError(`There is no row for ${order.name}`);
const socketCount = row.batchesAtOnceCount === undefined ? SOCKET_COUNT : 0;
const requestsAtOnceCount = row.batchesAtOnceCount ?? REQUESTS_AT_ONCE_COUNT;
const endsAt = performance.now() + order.attackMs;
const headers = { Cookie: `sid=${order.session}`, Origin: order.url };
const client = Deno.createHttpClient({ localAddress: order.address } as Deno.CreateHttpClientOptions);
let inputCount = 0;
let requestCount = 0;
let refusedDialCount = 0;

await Promise.all([
  ...Array.from({ length: socketCount }, (_, index) => attackBySocket(index < DEAF_COUNT)),
  ...Array.from({ length: requestsAtOnceCount }, () => attackByHttp()),
]);
client.close();
console.log(JSON.stringify({ requestCount, refusedDialCount }));
Deno.exit(0);

function isOver(): boolean {
  return performance.now() >= endsAt;
}

/** Connects, sends until it is disconnected, and connects again. */
async function attackBySocket(isDeaf: boolean): Promise<void> {
  while (!isOver()) {
    let socket: Socket;
    try {
      socket = await openSocket({
        port: Number(new URL(order.url).port),
        path: "/trpc",
        headers,
        localAddress: order.address,
        texts: [],
      });
    } catch {
      refusedDialCount++;
      await delay(50);
      continue;
    }
    if (!isDeaf) socket.resume();
    await flood(socket);
    socket.destroy();
  }
}

async function flood(socket: Socket): Promise<void> {
  let isCut = false;
  let wake = () => {};
  socket.on("close", () => {
    isCut = true;
    wake();
  });
  socket.on("drain", () => wake());
  for (let id = 1; !isCut && !isOver();) {
    let isTaken = true;
    for (let count = 0; count < FRAMES_PER_TURN && isTaken && !isCut; count++) {
      const frame: string[] = [];
      for (let size = 0; frame.length < REQUESTS_PER_FRAME;) {
        const params = { path: order.path, input: row?.input(order.world, inputCount++) };
        const request = JSON.stringify({ id: id++, method: order.type, params });
        size += new TextEncoder().encode(request).length + 1;
        if (size > FRAME_BYTES && frame.length > 0) break;
        frame.push(request);
      }
      requestCount += frame.length;
      isTaken = socket.write(maskedFrame(`[${frame.join(",")}]`));
    }
    if (isTaken) await delay(0);
    else {
      const { promise, resolve } = Promise.withResolvers<void>();
      wake = resolve;
      if (!isCut) await Promise.race([promise, delay(100)]);
    }
  }
}

/** Sends batches of twenty, or one stream after the other. */
async function attackByHttp(): Promise<void> {
  while (!isOver()) {
    try {
      const response = await ask();
      requestCount++;
      await response.body?.cancel();
      if (!response.ok) await delay(5);
    } catch {
      await delay(20);
    }
  }
}

function ask(): Promise<Response> {
  const url = `${order.url}/trpc/`;
  const next = () => row?.input(order.world, inputCount++) ?? null;
  const init = { client, signal: AbortSignal.timeout(Math.max(1, endsAt - performance.now())) };
  if (order.type === "subscription") {
    const input = encodeURIComponent(JSON.stringify(next()));
    return fetch(`${url}${order.path}?input=${input}`, {
      ...init,
      headers: { ...headers, Accept: "text/event-stream" },
    });
  }
  const inputs = Object.fromEntries(Array.from({ length: BATCH_COUNT }, (_, index) => [index, next()]));
  const paths = Array.from({ length: BATCH_COUNT }, () => order.path).join(",");
  if (order.type === "mutation") {
    return fetch(`${url}${paths}?batch=1`, {
      ...init,
      method: "POST",
      headers: { ...headers, "Content-Type": "application/json" },
      body: JSON.stringify(inputs),
    });
  }
  const query = encodeURIComponent(JSON.stringify(inputs));
  if (query.length < URL_MAX_LENGTH) {
    return fetch(`${url}${paths}?batch=1&input=${query}`, { ...init, headers });
  }
  const input = encodeURIComponent(JSON.stringify(next()));
  return fetch(`${url}${order.path}?input=${input}`, { ...init, headers });
}

async function firstLine(): Promise<string> {
  let text = "";
  for await (const part of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
    text += part;
    if (text.includes("\n")) break;
  }
  return text.slice(0, text.indexOf("\n"));
}
