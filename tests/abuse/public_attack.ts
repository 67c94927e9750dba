import * as net from "node:net";
import { delay } from "../bench/process.ts";
import type { AttackOrder } from "./attack.ts";
import type { PublicRow } from "./public_rows.ts";

const SOCKET_COUNT = 40;
/** A third that arrives before the first was answered would close the socket, which an attacker knows. */
const REQUESTS_AT_ONCE_COUNT = 2;
const ANSWER_PATTERN = /HTTP\/1\.1 \d{3} /g;

/** Whether a socket reads, never reads, or leaves as soon as something comes. */
type Manner = "reads" | "deaf" | "drops";

/** Abuses public routes from one address, over many sockets and without a session. */
export class PublicAttack {
  /** Requests sent so far. */
  requestCount = 0;
  readonly #order: AttackOrder;
  readonly #row: PublicRow;
  readonly #endsAt: number;

  constructor(order: AttackOrder, row: PublicRow) {
    this.#order = order;
    this.#row = row;
    this.#endsAt = performance.now() + order.attackMs;
  }

  /** Attacks until the time is over. */
  async run(): Promise<void> {
    await Promise.all(Array.from({ length: SOCKET_COUNT }, (_, index) => {
      if (index % 4 === 0) return this.#attack("deaf");
      return this.#attack(this.#row.isStream === true && index % 4 < 3 ? "drops" : "reads");
    }));
  }

  get #leftMs(): number {
    return this.#endsAt - performance.now();
  }

  /** Connects, asks until it is disconnected, and connects again. */
  async #attack(manner: Manner): Promise<void> {
    while (this.#leftMs > 0) {
      await this.#ask(manner);
      // Yields to others, and does not spin where nothing listens.
      await delay(1);
    }
  }

  /** Asks over one socket; resolves when it is closed or the time is over. */
  #ask(manner: Manner): Promise<void> {
    const { url, address } = this.#order;
    const { promise, resolve } = Promise.withResolvers<void>();
    const socket = net.connect({
      host: "127.0.0.1",
      port: Number(new URL(url).port),
      localAddress: address,
    });
    const timer = setTimeout(() => socket.destroy(), Math.max(0, this.#leftMs));
    socket.on("error", () => {});
    socket.once("close", () => {
      clearTimeout(timer);
      resolve();
    });
    socket.once("connect", () => {
      for (let count = 0; count < REQUESTS_AT_ONCE_COUNT; count++) this.#send(socket);
    });
    if (manner === "deaf") socket.pause();
    else {
      socket.on("data", (chunk: Uint8Array) => {
        if (manner === "drops" || this.#leftMs <= 0) return void socket.destroy();
        // An answer whose first line is cut in two is not seen: the socket asks less, no more.
        const answers = new TextDecoder("latin1").decode(chunk).match(ANSWER_PATTERN) ?? [];
        for (const _ of answers) this.#send(socket);
      });
    }
    return promise;
  }

  #send(socket: net.Socket): void {
    const { method = "GET", path, headers = {} } = this.#row.request(this.#order.world, this.requestCount++);
    const lines = Object.entries({ Host: new URL(this.#order.url).host, ...headers });
    const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("");
    socket.write(`${method} ${path} HTTP/1.1\r\n${head}\r\n`);
  }
}
