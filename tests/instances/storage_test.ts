import { TRPCClientError } from "@trpc/client";
import { describe, expect, it } from "vitest";
import type { RoomId } from "../../shared/ids.ts";
import type { Message } from "../../shared/message.ts";
import { hasDenokv, startDenokv } from "../support/denokv.ts";
import type { Denokv } from "../support/denokv.ts";
import { seedShared } from "../support/seed.ts";
import { startServerProcess } from "../support/server_process.ts";
import type { ServerProcess } from "../support/server_process.ts";
import { Device } from "../support/test_clients.ts";
import type { Client } from "../support/test_clients.ts";
import { pause, waitFor } from "../support/wait.ts";

const isPossible = await hasDenokv();
const SENDER_COUNT = 12;
/** Longer than a call to storage may take. */
const FROZEN_MS = 7_000;
/** A loop that waits for storage would stand still for seconds; a busy machine explains what is below this. */
const LAG_MAX_MS = 250;

/** Sends one message after the other, each until it is acknowledged, as a person's outbox does. */
class Sender {
  readonly acknowledged: Message[] = [];
  /** What was said while storage was away. */
  readonly refusals: string[] = [];
  readonly #done: Promise<void>;
  #isStopping = false;

  constructor(client: Client, roomId: RoomId, name: string) {
    this.#done = this.#run(client, roomId, name);
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#done;
  }

  async #run(client: Client, roomId: RoomId, name: string): Promise<void> {
    for (let number = 0; !this.#isStopping; number++) {
      const message = { roomId, clientMessageId: `${name}-${number}`, text: `${name} ${number}` };
      for (let isSent = false; !isSent;) {
        try {
          this.acknowledged.push(await client.messages.send.mutate(message));
          isSent = true;
        } catch (error) {
          if (!(error instanceof TRPCClientError) || !error.data) throw error;
          this.refusals.push(error.data.appCode);
          await pause(Math.min(error.data.retryAfterMs, 500));
        }
      }
      await pause(150);
    }
  }
}

/** Samples how late the event loop of a server is, in ms, smallest first after `stop`. */
interface LagWatch extends AsyncDisposable {
  stop(): Promise<number[]>;
}

function watchLag(server: ServerProcess): LagWatch {
  const samples: number[] = [];
  const abort = new AbortController();
  const done = (async () => {
    while (!abort.signal.aborted) {
      const text = await (await fetch(`${server.url}/metrics`)).text();
      samples.push(1000 * Number(/^parley_event_loop_lag_seconds ([\d.e-]+)$/m.exec(text)?.[1]));
      await pause(250);
    }
  })();
  const stop = async () => {
    abort.abort();
    await done;
    return samples.sort((a, b) => a - b);
  };
  return { stop, [Symbol.asyncDispose]: async () => void await stop() };
}

function p95(samples: number[]): number {
  return samples.sort((a, b) => a - b)[Math.floor(0.95 * samples.length)] ?? 0;
}

const faults: Record<string, (kv: Denokv) => Promise<void>> = {
  async "is frozen for longer than a call may take"(kv) {
    kv.signal("SIGSTOP");
    await pause(FROZEN_MS);
    kv.signal("SIGCONT");
  },
  async "is killed and comes back after two seconds"(kv) {
    await kv.kill();
    await pause(2_000);
    await kv.restart();
  },
  async "is restarted three times"(kv) {
    for (let count = 0; count < 3; count++) {
      await kv.restart();
      await pause(700);
    }
  },
};

describe.skipIf(!isPossible)("the database of two instances", () => {
  for (const [name, fault] of Object.entries(faults)) {
    it(`INST15 F7 ${name}: sends wait and then succeed, nothing is lost or duplicated`, async () => {
      await using kv = await startDenokv();
      const names = Array.from({ length: SENDER_COUNT }, (_, index) => `Person ${index}`);
      const { people, roomIds } = await seedShared(kv.url, { names, rooms: ["Deck"] });
      const roomId = roomIds[0] as RoomId;
      const env = { KV_URL: kv.url, DENO_KV_ACCESS_TOKEN: kv.token };
      await using a = await startServerProcess({ env });
      await using b = await startServerProcess({ env });
      const devices = people.map(({ token }, index) => {
        const device = new Device((index % 2 === 0 ? a : b).url, `127.5.0.${index + 1}`);
        device.token = token;
        return device;
      });
      const seen = new Map<string, number[]>();
      const subscriptions = devices.slice(0, 2).map((device, index) =>
        device.client("ws").messages.onEvent.subscribe({ roomId }, {
          onData: ({ data }) => void seen.set(`${index}`, [...seen.get(`${index}`) ?? [], data.offset]),
        })
      );
      await waitFor(() => seen.size === 2);
      await using lagOfA = watchLag(a);
      await using lagOfB = watchLag(b);
      const senders = devices.map((device, index) => new Sender(device.client("ws"), roomId, `s${index}`));
      const count = () => senders.reduce((sum, { acknowledged }) => sum + acknowledged.length, 0);
      await waitFor(() => count() > 3 * SENDER_COUNT);
      await fault(kv);
      const before = count();
      await waitFor(() => count() > before + 3 * SENDER_COUNT, { timeoutMs: 20_000 });
      for (const sender of senders) await sender.stop();

      const all = senders.flatMap(({ acknowledged }) => acknowledged);
      const last = Math.max(...all.map(({ offset }) => offset));
      await waitFor(() => [...seen.values()].every((offsets) => offsets.at(-1) === last));
      for (const [first = 0, ...offsets] of seen.values()) {
        expect(offsets).toEqual(Array.from({ length: last - first }, (_, index) => first + 1 + index));
      }
      expect(new Set(all.map(({ offset }) => offset)).size).toBe(all.length);
      for (const device of devices.slice(0, 2)) {
        const stored = new Map<string, number>();
        let hasOlder = true;
        for (let before = last + 1; hasOlder;) {
          const page = await device.client("ws").messages.list.query({ roomId, before, limit: 100 });
          for (const { clientMessageId, offset } of page.messages) stored.set(clientMessageId, offset);
          before = page.messages[0]?.offset ?? 0;
          hasOlder = page.hasOlder;
        }
        expect(stored).toEqual(new Map(all.map(({ clientMessageId, offset }) => [clientMessageId, offset])));
      }
      for (const { refusals } of senders) {
        for (const code of refusals) expect(code).toMatch(/^(storage_unavailable|rate_limited)$/);
      }
      for (const lag of [lagOfA, lagOfB]) {
        expect(p95(await lag.stop())).toBeLessThan(LAG_MAX_MS);
      }
      // Warnings say that storage was away; nothing was unforeseen.
      for (const { output } of [a, b]) expect(output()).not.toMatch(/Z error /);
      for (const subscription of subscriptions) subscription.unsubscribe();
      for (const device of devices) await device[Symbol.asyncDispose]();
    }, 60_000);
  }
});
