import type { Socket } from "node:net";
import { maskedFrame, openSocket } from "../bench/load_client.ts";
import { delay, rssKib } from "../bench/process.ts";
import { seed } from "../support/seed.ts";
import type { Seeded, SeededPerson } from "../support/seed.ts";
import { startServerProcess } from "../support/server_process.ts";
import type { ServerProcess } from "../support/server_process.ts";
import { waitFor } from "../support/wait.ts";
import { floorOf, slopeOf } from "./slope.ts";

const ROOMS = ["Loud", "Quiet"];
const SUBSCRIPTIONS = ["rooms.onChange", "presence.onPresence", "messages.onEvent", "typing.onTyping"];
/** A pong unasked, so that the server hears of sockets that parse nothing (RFC 6455 §5.5.3). */
const EMPTY_PONG = Uint8Array.of(0x8a, 0x80, 0, 0, 0, 0);
const PONG_INTERVAL_MS = 6_000;
/** Heap that fills up and caches that reach their bound are no leak. */
const WARM_UP_SHARE = 0.4;
const TEN_MINUTES = 10;
/** Some garbage collections long. */
const FLOOR_MINUTES = 3;

/** What a run is made of. */
export interface SoakOptions {
  readonly minutes: number;
  readonly clientCount: number;
  /** Clients that leave and are followed by another, a second. */
  readonly churnPerSecond: number;
  /** Messages a second of all clients together. */
  readonly sendsPerSecond: number;
  readonly sampleMs: number;
  readonly say: (line: string) => void;
  /** Ends the run early, in order. */
  readonly signal: AbortSignal;
}

/** The server process at one moment. */
export interface Sample {
  readonly minute: number;
  readonly rssMib: number;
  readonly fileCount: number;
}

/** What a run came to. */
export interface SoakResult {
  /** Growth of memory once warm, in MiB in ten minutes. */
  readonly slopeMib: number;
  readonly samples: readonly Sample[];
  readonly churnCount: number;
  readonly sendCount: number;
  /** Messages that the server stored of them. */
  readonly storedCount: number;
  /** Open files of the server before the first client and after the last one. */
  readonly files: { readonly before: number; readonly after: number };
  /** Subscriptions as counted by the server while all clients were there, and after the last one. */
  readonly subscriptions: { readonly expected: number; readonly full: number; readonly after: number };
  readonly connectionsAfter: number;
  /** Lines of errors that the server wrote. */
  readonly complaints: readonly string[];
}

/** Clients that come, subscribe, write and go, without reading what they get. */
class Crowd {
  readonly #sockets: (Socket | null)[];
  readonly #server: ServerProcess;
  readonly #seeded: Seeded;
  #sendCount = 0;

  constructor(server: ServerProcess, seeded: Seeded) {
    this.#server = server;
    this.#seeded = seeded;
    this.#sockets = seeded.people.map(() => null);
  }

  get sendCount(): number {
    return this.#sendCount;
  }

  /** Connects a client in the place of the one before it, which goes without a goodbye. */
  async replace(index: number): Promise<void> {
    this.#sockets[index]?.destroy();
    this.#sockets[index] = null;
    const { session } = this.#personAt(index);
    const port = Number(new URL(this.#server.url).port);
    const socket = await openSocket({
      port,
      path: "/trpc",
      headers: { Cookie: `sid=${session}`, Origin: this.#server.url },
      localAddress: `127.2.${index >> 8}.${1 + index % 250}`,
      texts: [JSON.stringify(SUBSCRIPTIONS.map((path, at) => ({
        id: at + 1,
        method: "subscription",
        params: {
          path,
          input: path.startsWith("messages.") || path.startsWith("typing.") ? this.#inRoom(index) : undefined,
        },
      })))],
    });
    socket.resume();
    this.#sockets[index] = socket;
  }

  /** Sends a message as a client, and says before that it types. */
  send(index: number): void {
    const room = this.#inRoom(index);
    this.#sendCount++;
    const clientMessageId = `soak-${this.#sendCount}`;
    this.#call(index, { path: "typing.set", input: { ...room, isTyping: true } });
    this.#call(index, {
      path: "messages.send",
      input: { ...room, clientMessageId, text: `Line ${this.#sendCount} of a long day` },
    });
  }

  pong(): void {
    for (const socket of this.#sockets) socket?.write(EMPTY_PONG);
  }

  leave(): void {
    for (const socket of this.#sockets) socket?.destroy();
  }

  #call(index: number, params: unknown): void {
    const request = { id: crypto.randomUUID(), method: "mutation", params };
    this.#sockets[index]?.write(maskedFrame(JSON.stringify(request)));
  }

  #inRoom(index: number): { roomId: string } {
    return { roomId: String(this.#seeded.roomIds[index % this.#seeded.roomIds.length]) };
  }

  #personAt(index: number): SeededPerson {
    const person = this.#seeded.people[index];
    if (person === undefined) throw new RangeError(`There is no client ${index}`);
    return person;
  }
}

/** Lets clients come, write and go for a long time and looks at what the server keeps of them. */
export async function runSoak(options: SoakOptions): Promise<SoakResult> {
  const folder = await Deno.makeTempDir({ prefix: "parley-soak-" });
  try {
    const names = Array.from({ length: options.clientCount }, (_, index) => `Person ${index + 1}`);
    const seeded = await seed(folder, { names, rooms: ROOMS });
    await using server = await startServerProcess({ dataDir: folder, env: { LOG_LEVEL: "warn" } });
    return await soak(server, seeded, options);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function soak(server: ServerProcess, seeded: Seeded, options: SoakOptions): Promise<SoakResult> {
  const { clientCount, say } = options;
  // The first look opens files of its own that stay.
  await metric(server, "parley_connections");
  const before = await fileCount(server.pid);
  const crowd = new Crowd(server, seeded);
  for (let index = 0; index < clientCount; index++) await crowd.replace(index);
  const expected = clientCount * SUBSCRIPTIONS.length;
  const pongs = setInterval(() => crowd.pong(), PONG_INTERVAL_MS);
  try {
    const { samples, churnCount } = await churn(server, crowd, options);
    const full = await settled(server, "parley_subscriptions", expected);
    const storedCount = await settled(server, "parley_sends_total", crowd.sendCount);
    crowd.leave();
    const after = await settled(server, "parley_subscriptions", 0);
    const connectionsAfter = await settled(server, "parley_connections", 0);
    const files = { before, after: await filesBack(server.pid, before) };
    const warm = samples.slice(Math.floor(samples.length * WARM_UP_SHARE));
    const points = warm.map(({ minute, rssMib }) => [minute, rssMib] as const);
    const slopeMib = slopeOf(floorOf(points, FLOOR_MINUTES)) * TEN_MINUTES;
    say(`${samples.length} samples, ${warm.length} of them once warm`);
    const complaints = server.output().split("\n").filter((line) => /^\S+Z (?:error|warn) /.test(line));
    return {
      slopeMib,
      samples,
      churnCount,
      sendCount: crowd.sendCount,
      storedCount,
      files,
      subscriptions: { expected, full, after },
      connectionsAfter,
      complaints,
    };
  } finally {
    clearInterval(pongs);
    crowd.leave();
  }
}

async function churn(
  server: ServerProcess,
  crowd: Crowd,
  options: SoakOptions,
): Promise<{ samples: Sample[]; churnCount: number }> {
  const { minutes, clientCount, churnPerSecond, sendsPerSecond, sampleMs, say, signal } = options;
  const samples: Sample[] = [];
  const startedAt = performance.now();
  const due = (perSecond: number) => Math.floor((performance.now() - startedAt) / 1_000 * perSecond);
  let churnCount = 0;
  let sendCount = 0;
  for (const endsAt = startedAt + minutes * 60_000; performance.now() < endsAt && !signal.aborted;) {
    // One after the other, from different places.
    while (churnCount < due(churnPerSecond)) await crowd.replace(churnCount++ * 7 % clientCount);
    while (sendCount < due(sendsPerSecond)) crowd.send(sendCount++ * 11 % clientCount);
    if (performance.now() - startedAt >= samples.length * sampleMs) {
      const sample = {
        minute: (performance.now() - startedAt) / 60_000,
        rssMib: await rssKib(server.pid) / 1_024,
        fileCount: await fileCount(server.pid),
      };
      samples.push(sample);
      say(
        `${sample.minute.toFixed(1)} min: ${sample.rssMib.toFixed(1)} MiB, ${sample.fileCount} files, ` +
          `${churnCount} came and went, ${sendCount} sends`,
      );
    }
    await delay(20);
  }
  return { samples, churnCount };
}

/** Reads one figure of `/metrics`. */
async function metric(server: ServerProcess, name: string): Promise<number> {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  const value = new RegExp(`^${name} (\\S+)$`, "m").exec(text)?.[1];
  if (value === undefined) throw new Error(`/metrics does not have ${name}`);
  return Number(value);
}

/** Waits until a figure is what it should be, and gives what it is at the end of the wait. */
async function settled(server: ServerProcess, name: string, expected: number): Promise<number> {
  let value = NaN;
  await waitFor(async () => (value = await metric(server, name)) === expected).catch(() => {});
  return value;
}

async function filesBack(pid: number, before: number): Promise<number> {
  let count = NaN;
  // A connection of fetch may stay open for as long as keep-alive lasts.
  await waitFor(async () => (count = await fileCount(pid)) <= before).catch(() => {});
  return count;
}

async function fileCount(pid: number): Promise<number> {
  return (await Array.fromAsync(Deno.readDir(`/proc/${pid}/fd`))).length;
}
