import type { Socket } from "node:net";
import { maskedFrame, openSocket } from "../bench/load_client.ts";
import { delay } from "../bench/process.ts";
import type { AttackOrder } from "./attack.ts";
import type { Joined } from "../../shared/call/call_types.ts";
import { MEDIA, TAB_ID } from "./rows.ts";
import type { AbuseRow, LiveCall, World } from "./rows.ts";

const SOCKET_COUNT = 10;
/** How many sockets never read an answer. */
const DEAF_COUNT = 3;
const REQUESTS_PER_FRAME = 20;
/** Frames written before yielding to others. */
const FRAMES_PER_TURN = 5;
/** A larger frame would close the socket, and a larger body be refused, which an attacker knows. */
const FRAME_BYTES = 60_000;
/** What each request needs beside its input, at most. */
const OVERHEAD_BYTES = 100;
const REQUESTS_AT_ONCE_COUNT = 8;
const BATCH_COUNT = 20;
const URL_MAX_LENGTH = 12_000;

/** Abuses a procedure with all that one account may use. */
export class CallAttack {
  /** Requests sent so far. */
  requestCount = 0;
  readonly #order: AttackOrder;
  readonly #row: AbuseRow;
  #world: World;
  #endsAt = 0;
  readonly #headers: Record<string, string>;
  readonly #client: Deno.HttpClient;
  #inputCount = 0;

  constructor(order: AttackOrder, row: AbuseRow) {
    this.#order = order;
    this.#row = row;
    this.#world = order.world;
    this.#headers = { Cookie: `sid=${order.session}`, Origin: order.url };
    this.#client = Deno.createHttpClient({ localAddress: order.address } as Deno.CreateHttpClientOptions);
  }

  /** Attacks until the time is over. */
  async run(): Promise<void> {
    const { batchesAtOnceCount, isInCall } = this.#row;
    if (isInCall) this.#world = { ...this.#world, call: await this.#startCall() };
    this.#endsAt = performance.now() + this.#order.attackMs;
    const socketCount = batchesAtOnceCount === undefined ? SOCKET_COUNT : 0;
    const requestsAtOnceCount = batchesAtOnceCount ?? REQUESTS_AT_ONCE_COUNT;
    await Promise.all([
      ...Array.from({ length: socketCount }, (_, index) => this.#attackBySocket(index < DEAF_COUNT)),
      ...Array.from({ length: requestsAtOnceCount }, () => this.#attackByHttp()),
    ]);
    this.#client.close();
  }

  /** Starts a call in the attacker's own room, which somebody else joins. */
  async #startCall(): Promise<LiveCall> {
    const { session, world: { ownRoomId, peerSession } } = this.#order;
    const device = { tabId: TAB_ID, media: MEDIA };
    const { call: { callId }, participantId } = await this.#mutate(session, "calls.start", {
      ...device,
      roomId: ownRoomId,
    });
    const { participantId: peerId } = await this.#mutate(peerSession, "calls.join", { ...device, callId });
    return { callId, participantId, peerId };
  }

  async #mutate(session: string, path: string, input: unknown): Promise<Joined> {
    const { url } = this.#order;
    const init = {
      client: this.#client,
      method: "POST",
      headers: { Cookie: `sid=${session}`, Origin: url, "Content-Type": "application/json" },
      body: JSON.stringify(input),
    };
    const response = await fetch(`${url}/trpc/${path}`, init);
    const answer = await response.json();
    if (!response.ok) throw new Error(`${path} was refused: ${JSON.stringify(answer)}`);
    return answer.result.data;
  }

  get #isOver(): boolean {
    return performance.now() >= this.#endsAt;
  }

  #nextInput(): unknown {
    return this.#row.input(this.#world, this.#inputCount++);
  }

  /** Connects, sends until it is disconnected, and connects again. */
  async #attackBySocket(isDeaf: boolean): Promise<void> {
    const { url, address } = this.#order;
    while (!this.#isOver) {
      let socket: Socket;
      try {
        socket = await openSocket({
          port: Number(new URL(url).port),
          path: "/trpc",
          headers: this.#headers,
          localAddress: address,
          texts: [],
        });
      } catch {
        await delay(50);
        continue;
      }
      if (!isDeaf) socket.resume();
      await this.#flood(socket);
      socket.destroy();
    }
  }

  async #flood(socket: Socket): Promise<void> {
    let isCut = false;
    let wake = () => {};
    socket.on("close", () => {
      isCut = true;
      wake();
    });
    socket.on("drain", () => wake());
    for (let id = 1; !isCut && !this.#isOver;) {
      let isTaken = true;
      for (let count = 0; count < FRAMES_PER_TURN && isTaken && !isCut; count++) {
        const frame = this.#frame(id);
        id += frame.length;
        this.requestCount += frame.length;
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

  /** As many requests as fit into a frame, with ids from `id` on. */
  #frame(id: number): string[] {
    const { path, type: method } = this.#order;
    return this.#inputs(REQUESTS_PER_FRAME).map((input, index) =>
      JSON.stringify({ id: id + index, method, params: { path, input } })
    );
  }

  /** As many inputs as one frame or body takes. */
  #inputs(maxCount: number): unknown[] {
    const inputs: unknown[] = [];
    for (let size = 0; inputs.length < maxCount;) {
      const input = this.#nextInput();
      size += OVERHEAD_BYTES + new TextEncoder().encode(JSON.stringify(input) ?? "").length;
      if (size > FRAME_BYTES && inputs.length > 0) break;
      inputs.push(input);
    }
    return inputs;
  }

  /** Sends batches of up to twenty, or one stream after the other. */
  async #attackByHttp(): Promise<void> {
    while (!this.#isOver) {
      try {
        const response = await this.#ask();
        this.requestCount++;
        await response.body?.cancel();
        if (!response.ok) await delay(5);
      } catch {
        await delay(20);
      }
    }
  }

  #ask(): Promise<Response> {
    const { path, type } = this.#order;
    const url = `${this.#order.url}/trpc/`;
    const headers = this.#headers;
    const next = () => this.#nextInput() ?? null;
    const signal = AbortSignal.timeout(Math.max(1, this.#endsAt - performance.now()));
    const init = { client: this.#client, signal };
    if (type === "subscription") {
      const input = encodeURIComponent(JSON.stringify(next()));
      return fetch(`${url}${path}?input=${input}`, {
        ...init,
        headers: { ...headers, Accept: "text/event-stream" },
      });
    }
    const batch = this.#inputs(BATCH_COUNT).map((input) => input ?? null);
    const inputs = Object.fromEntries(batch.entries());
    const paths = batch.map(() => path).join(",");
    if (type === "mutation") {
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
    return fetch(`${url}${path}?input=${input}`, { ...init, headers });
  }
}
