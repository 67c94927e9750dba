import { describe, expect, it, vi } from "vitest";
import { hasDenokv } from "../support/denokv.ts";
import { hasProxies, PROXIES } from "../support/proxies.ts";
import { StatusReader } from "../support/status_reader.ts";
import type { Client } from "../support/test_clients.ts";
import { pause, waitFor } from "../support/wait.ts";
import { Deployment, Follower } from "./deployment.ts";

const isPossible = await hasDenokv() && await hasProxies();
const SPREAD_MS = 1_000;
/** Longer than proxies take to notice. */
const VISITORS_SPREAD_MS = 10_000;
const READERS_COUNT = 40;
/** Below the request rate of one session. */
const ASK_EVERY_MS = 50;
/** Below the send rate of one person. */
const SEND_EVERY_MS = 250;

/** Repeats an action and collects its errors. */
class Load implements AsyncDisposable {
  readonly failures: unknown[] = [];
  count = 0;
  #isStopping = false;
  readonly #done: Promise<void>;

  constructor(work: (index: number) => Promise<unknown>, everyMs: number) {
    this.#done = this.#run(work, everyMs);
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#done;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #run(work: (index: number) => Promise<unknown>, everyMs: number): Promise<void> {
    while (!this.#isStopping) {
      await Promise.all([work(this.count).catch((error) => this.failures.push(error)), pause(everyMs)]);
      this.count++;
    }
  }
}

describe.skipIf(!isPossible).each(PROXIES)("an instance that stops and starts behind %s", (name) => {
  it("PROXY20 fails no call: calls, streams and sockets move to the other, and some return", async () => {
    await using deployment = await Deployment.start(name);
    const { pair } = deployment;
    const { owner } = pair.app;
    const roomId = await deployment.room();
    const ben = await pair.app.person("Ben");
    const followers: Follower[] = [];
    for (const transport of ["ws", "sse", "sse", "ws", "ws", "ws"] as const) {
      const follower = new Follower(deployment.client(ben, transport), roomId);
      await waitFor(() => follower.isReady);
      followers.push(follower);
    }
    const onB = () => pair.b.services.connections;
    expect([onB().count, onB().streamCount]).toEqual([2, 1]);

    const api = deployment.client(owner, "http");
    await using reading = new Load(() => api.messages.list.query({ roomId }), ASK_EVERY_MS);
    await using sending = new Load(
      (index) => api.messages.send.mutate({ roomId, clientMessageId: `m${index}`, text: `${index}` }),
      SEND_EVERY_MS,
    );
    const waiting = deployment.client(ben, "http");
    await using polling = new Load(() => poll(waiting, roomId), 0);
    await waitFor(() => sending.count > 0 && followers.every(({ texts }) => texts.length > 0));
    await pair.stopB({ spreadMs: SPREAD_MS });
    const countAtStop = sending.count;
    await waitFor(() => sending.count > countAtStop + 4);
    await waitFor(() => pair.app.services.connections.count === 4);

    await pair.startB();
    const { accounts } = pair.b.services;
    using logins = vi.spyOn(accounts, "login");
    await waitFor(() => logins.mock.calls.length > 0);
    // A long poll ends with one more message.
    for (const load of [polling, reading, sending]) await load.stop();
    await waitFor(() => followers.every(({ texts }) => texts.length === sending.count));

    expect([...reading.failures, ...sending.failures, ...polling.failures]).toEqual([]);
    const texts = Array.from({ length: sending.count }, (_, index) => `${index}`);
    for (const follower of followers) {
      expect(follower.texts).toEqual(texts);
      expect(follower.errors).toEqual([]);
      follower[Symbol.dispose]();
    }
  });
});

// nginx has no health checks: whoever meets an instance about to stop is told when to come back.
describe.skipIf(!isPossible).each(PROXIES.filter((name) => name !== "nginx"))(
  "visitors behind %s",
  (name) => {
    it("PROXY21 are sent to no instance that is about to stop", async () => {
      await using deployment = await Deployment.start(name);
      const { origin, pair, certificate: { pem: caCert } } = deployment;
      await using readers = new AsyncDisposableStack();
      let dialCount = 0;
      const dial = async () => {
        dialCount++;
        const localAddress = `127.9.${1 + (dialCount >> 8)}.${dialCount & 255}`;
        return readers.use(await StatusReader.open(origin, { caCert, localAddress }));
      };
      // With so many, the last one is all but sure to stay until the end.
      for (let count = 0; count < READERS_COUNT; count++) await dial();
      await waitFor(() => pair.b.sse.visitorCount === READERS_COUNT / 2);
      const { sse } = pair.b;
      const stopped = pair.stopB({ spreadMs: VISITORS_SPREAD_MS });
      const onA = pair.app.server.sse;
      await waitFor(async () => {
        const before = onA.visitorCount;
        const late = await Promise.all(Array.from({ length: 4 }, dial));
        await waitFor(() => late.every(({ names }) => names.length > 0));
        return onA.visitorCount === before + late.length;
      }, { timeoutMs: VISITORS_SPREAD_MS });
      expect(sse.visitorCount).toBeGreaterThan(0);
      await stopped;
    });
  },
);

/** Waits for the next message, like a client without sockets and streams. */
async function poll(client: Client, roomId: Parameters<Client["messages"]["list"]["query"]>[0]["roomId"]) {
  const { position } = await client.messages.list.query({ roomId, limit: 1 });
  await client.messages.since.query({ roomId, position, waitMs: 25_000 });
}
