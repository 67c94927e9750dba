import { describe, expect, it, vi } from "vitest";
import { hasDenokv } from "../support/denokv.ts";
import { hasProxies, PROXIES } from "../support/proxies.ts";
import type { Client } from "../support/test_clients.ts";
import { pause, waitFor } from "../support/wait.ts";
import { Deployment, Follower } from "./deployment.ts";

const isPossible = await hasDenokv() && await hasProxies();
const SPREAD_MS = 1_000;
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

/** Waits for the next message, like a client without sockets and streams. */
async function poll(client: Client, roomId: Parameters<Client["messages"]["list"]["query"]>[0]["roomId"]) {
  const { position } = await client.messages.list.query({ roomId, limit: 1 });
  await client.messages.since.query({ roomId, position, waitMs: 25_000 });
}
