import { createTRPCClient, wsLink } from "@trpc/client";
import { describe, expect, it } from "vitest";
import type { AppRouter } from "../../server/router.ts";
import type { RoomEvent, StreamControl } from "../../shared/event.ts";
import type { RoomId } from "../../shared/ids.ts";
import { hasDenokv, startDenokv } from "../support/denokv.ts";
import { seedShared } from "../support/seed.ts";
import { freePort } from "../support/free_port.ts";
import { startServerProcess } from "../support/server_process.ts";
import type { ServerProcess } from "../support/server_process.ts";
import { Device } from "../support/test_clients.ts";
import { waitFor } from "../support/wait.ts";

const isPossible = await hasDenokv();
const CLIENT_COUNT = 200;
const SENDS_PER_SECOND = 50;
/** What a graceful stop may take, from the signal to the exit. */
const STOP_WITHIN_MS = 10_000;

/** Instances behind a balancer that asks each whether it is ready. */
class Fleet {
  readonly #ports: number[];
  readonly #ready: boolean[];
  readonly #timer: ReturnType<typeof setInterval>;
  #turn = 0;

  constructor(ports: number[]) {
    this.#ports = ports;
    this.#ready = ports.map(() => true);
    this.#timer = setInterval(() => void this.#look(), 100);
  }

  /** The port of the next one that is ready. */
  pick(): number {
    for (let tries = 0; tries < this.#ports.length; tries++) {
      const index = this.#turn++ % this.#ports.length;
      if (this.#ready[index]) return this.#ports[index] as number;
    }
    return this.#ports[0] as number;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    for (const [index, port] of this.#ports.entries()) {
      const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null);
      await answer?.body?.cancel();
      this.#ready[index] = answer?.status === 200;
    }
  }
}

/** A program that follows a room through the balancer. */
class Client extends Device {
  readonly events: (RoomEvent | StreamControl)[] = [];
  readonly errors: unknown[] = [];
  openCount = 0;
  isConnected = false;
  readonly api;
  readonly #fleet: Fleet;

  constructor(fleet: Fleet, token: string | null, index: number, roomId: RoomId) {
    super(`http://127.0.0.1:${fleet.pick()}`, `127.4.${index >> 8}.${(index & 255) + 1}`);
    this.#fleet = fleet;
    this.token = token;
    this.api = createTRPCClient<AppRouter>({ links: [wsLink({ client: this.wsClient() })] });
    const subscription = this.api.messages.onEvent.subscribe({ roomId }, {
      onData: ({ data }) => void this.events.push(data),
      onError: (error) => void this.errors.push(error),
    });
    this.stop = () => subscription.unsubscribe();
  }

  readonly stop: () => void;

  override dial(url: string): ReturnType<Device["dial"]> {
    const target = new URL(url);
    target.port = String(this.#fleet.pick());
    const socket = super.dial(target.href);
    socket.on("open", () => {
      this.openCount++;
      this.isConnected = true;
    });
    socket.on("close", () => void (this.isConnected = false));
    return socket;
  }
}

describe.skipIf(!isPossible)("a rolling restart", () => {
  it(
    `INST16 F4 with ${CLIENT_COUNT} clients and ${SENDS_PER_SECOND} messages per second loses and duplicates nothing`,
    async () => {
      await using kv = await startDenokv();
      const names = Array.from({ length: CLIENT_COUNT }, (_, index) => `Person ${index}`);
      const { people, roomIds } = await seedShared(kv.url, { names, rooms: ["Deck"] });
      const roomId = roomIds[0] as RoomId;
      const ports = [freePort(), freePort()];
      const env = { KV_URL: kv.url, DENO_KV_ACCESS_TOKEN: kv.token };
      const start = (port: number | undefined) => startServerProcess({ port: port ?? 0, env });
      const servers: ServerProcess[] = [];
      for (const port of ports) servers.push(await start(port));
      const fleet = new Fleet(ports);
      try {
        const clients = people.map(({ token }, index) => new Client(fleet, token, index, roomId));
        await waitFor(() => clients.every(({ events }) => events.length > 0), { timeoutMs: 30_000 });
        const startsAt = Math.max(...clients.map(({ events }) => events[0]?.offset ?? 0));

        const acknowledged = new Map<string, number>();
        const sending = new Set<Promise<void>>();
        let number = 0;
        const send = async (client: Client, text: string) => {
          while (!acknowledged.has(text)) {
            try {
              const message = { roomId, clientMessageId: text, text };
              acknowledged.set(text, (await client.api.messages.send.mutate(message)).offset);
            } catch {
              // The connection moved on with the answer outstanding; the id makes the retry safe.
              await waitFor(() => client.isConnected);
            }
          }
        };
        const timer = setInterval(() => {
          const client = clients[number % clients.length] as Client;
          const one = send(client, `n${number++}`).finally(() => sending.delete(one));
          sending.add(one);
        }, 1_000 / SENDS_PER_SECOND);

        for (const [index, server] of servers.entries()) {
          const before = clients.map(({ openCount }) => openCount);
          const sentBefore = number;
          const stoppedAt = performance.now();
          expect(await server.stop()).toBe(0);
          expect(performance.now() - stoppedAt).toBeLessThan(STOP_WITHIN_MS);
          const moved = clients.map(({ openCount }, at) => openCount - (before[at] ?? 0));
          // Who was there came back once, and the others stayed.
          expect(Math.max(...moved)).toBe(1);
          expect(moved.filter((count) => count === 1).length).toBeGreaterThan(CLIENT_COUNT / 3);
          expect(number - sentBefore).toBeGreaterThan(SENDS_PER_SECOND);
          servers[index] = await start(ports[index]);
        }
        clearInterval(timer);
        await Promise.all(sending);

        const last = Math.max(...acknowledged.values());
        await waitFor(() => clients.every(({ events }) => events.at(-1)?.offset === last));
        for (const { events, errors } of clients) {
          expect(errors).toEqual([]);
          const offsets = events.slice(1).map(({ offset }) => offset);
          const first = events[0]?.offset ?? 0;
          expect(first).toBeLessThanOrEqual(startsAt);
          expect(offsets).toEqual(Array.from({ length: last - first }, (_, index) => first + 1 + index));
        }
        const seen = clients[0]?.events.flatMap((event) =>
          event.type === "message_sent" ? [[event.message.text, event.offset] as const] : []
        );
        expect(acknowledged.size).toBe(number);
        expect(new Map(seen)).toEqual(acknowledged);
        for (const client of clients) client.stop();
        for (const client of clients) await client[Symbol.asyncDispose]();
      } finally {
        fleet.stop();
        for (const server of servers) await server.kill();
      }
    },
    120_000,
  );
});
