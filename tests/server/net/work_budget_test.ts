import { describe, expect, it } from "vitest";
import {
  ACCOUNT_ANSWER_BYTES,
  HTTP_BATCH_STARTED_WEIGHT,
  INSTANCE_STARTED_WEIGHT,
  SLOW_CONSUMER_BYTES,
  SOCKET_ANSWER_BYTES,
  WAITS_PER_ACCOUNT_COUNT,
} from "../../../shared/limits.ts";
import { WorkQueue } from "../../../server/net/work_queue.ts";
import type { WorkCall, WorkLane } from "../../../server/net/work_lane.ts";
import { RawClient, rawFrame } from "../../support/raw_client.ts";
import { testApp } from "../../support/test_app.ts";
import type { Person, TestApp } from "../../support/test_app.ts";
import { waitFor } from "../../support/wait.ts";

async function open(app: TestApp, person: Person): Promise<RawClient> {
  const client = await RawClient.dial(app.port, person.device.address);
  await client.upgrade({ Origin: app.url, Cookie: person.device.cookie ?? "" });
  return client;
}

function send(client: RawClient, message: unknown): void {
  client.write(rawFrame(JSON.stringify(message)));
}

const list = (roomId: string) => (id: number) => ({
  id,
  method: "query",
  params: { path: "messages.list", input: { roomId, limit: 100 } },
});
const ids = (count: number, from = 1) => Array.from({ length: count }, (_, index) => from + index);
const general = async (app: TestApp) => (await app.owner.api.rooms.list.query())[0]?.id ?? "" as never;

/** Resolves after all pending input was handled. */
const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Counts pages that are being read, and holds each until `letGo`. */
function watchPages(app: TestApp) {
  const { messageReader } = app.services;
  const page = messageReader.page.bind(messageReader);
  const seen = { running: 0, most: 0, started: 0, letGo: () => {} };
  const gate = new Promise<void>((resolve) => seen.letGo = resolve);
  messageReader.page = async (...args) => {
    seen.started++;
    seen.most = Math.max(seen.most, ++seen.running);
    await gate;
    seen.running--;
    return await page(...args);
  };
  return seen;
}

describe("the queue of work", () => {
  /** Fills a queue; calls record the name of their account when they begin. */
  function filled(names: Record<string, number>) {
    const queue = new WorkQueue();
    const begun: string[] = [];
    const calls: WorkCall[] = [];
    const lanes = Object.entries(names).map(([name, count]) => {
      const lane = queue.lane(name, { maxWeight: 16 });
      for (let index = 0; index < count; index++) {
        lane.submit("rooms.list", {
          start: (call) => {
            begun.push(name);
            calls.push(call);
          },
          refuse: () => {},
        });
      }
      return lane;
    });
    return { queue, begun, calls, close: () => lanes.forEach((lane) => lane.close()) };
  }

  it("lets accounts take turns, however many calls one has", async () => {
    const crowd = Object.fromEntries(ids(32).map((index) => [`p${index}`, 2]));
    const { begun, calls, close } = filled({ ...crowd, attacker: 500, honest: 3 });
    expect(begun).toHaveLength(64);
    for (const call of calls.slice(0, 4)) call.finish();
    await nextTurn();
    expect(begun.slice(64)).toEqual(["attacker", "honest", "attacker", "honest"]);
    close();
  });

  it("keeps the turn of a heavy call that waits for capacity, however many light ones arrive", async () => {
    const queue = new WorkQueue();
    const running: WorkCall[] = [];
    const lanes: WorkLane[] = [];
    const submit = (account: string, path: string, start: (call: WorkCall) => void) => {
      const lane = queue.lane(account, { maxWeight: 32 });
      lanes.push(lane);
      lane.submit(path, { start, refuse: () => {} });
    };
    const isRunning = (call: WorkCall) => void running.push(call);
    for (let index = 0; index < INSTANCE_STARTED_WEIGHT; index++) submit(`p${index}`, "auth.me", isRunning);
    expect(running).toHaveLength(INSTANCE_STARTED_WEIGHT);
    let isHeavyBegun = false;
    submit("honest", "messages.list", () => void (isHeavyBegun = true));
    let lightCount = 0;
    for (let turn = 0; turn < 40 && !isHeavyBegun; turn++) {
      running.shift()?.finish();
      for (let count = 0; count < 2; count++) {
        submit(`late ${turn} ${count}`, "auth.me", (call) => {
          lightCount++;
          isRunning(call);
        });
      }
      await nextTurn();
    }
    expect([isHeavyBegun, lightCount]).toEqual([true, 0]);
    for (const lane of lanes) lane.close();
  });

  it("is as fast when many thousand accounts wait", async () => {
    const run = async (accountCount: number) => {
      const queue = new WorkQueue();
      const lanes = Array.from({ length: accountCount }, (_, index) => {
        return queue.lane(`p${index}`, { maxWeight: 32 });
      });
      let leftCount = accountCount * 4;
      const { promise, resolve } = Promise.withResolvers<void>();
      const startedAt = performance.now();
      for (const lane of lanes) {
        for (let count = 0; count < 4; count++) {
          lane.submit("auth.me", {
            start: (call) =>
              queueMicrotask(() => {
                call.finish();
                if (--leftCount === 0) resolve();
              }),
            refuse: () => resolve(),
          });
        }
      }
      await promise;
      const tookMs = performance.now() - startedAt;
      expect(leftCount).toBe(0);
      for (const lane of lanes) lane.close();
      return tookMs / accountCount;
    };
    await run(500);
    // The best of three, because other programs may interrupt a run.
    let [few, many] = [Infinity, Infinity];
    for (let round = 0; round < 3; round++) {
      few = Math.min(few, await run(1_000));
      many = Math.min(many, await run(8_000));
    }
    // Scanning all waiting calls for each finished one used to take eight times as long.
    expect(many / few).toBeLessThan(4);
  });

  it("serves others between calls that end immediately", async () => {
    const queue = new WorkQueue();
    const lane = queue.lane("attacker", { maxWeight: 16 });
    let begun = 0;
    const isHeld: WorkCall[] = [];
    const start = (call: WorkCall) => {
      begun++;
      if (isHeld.length < 16) isHeld.push(call);
      else call.finish();
    };
    for (let count = 0; count < 100; count++) lane.submit("auth.me", { start, refuse: () => {} });
    expect(begun).toBe(16);
    for (const call of isHeld) call.finish();
    expect(begun).toBe(16);
    await nextTurn();
    expect(begun).toBeGreaterThan(16);
    lane.close();
  });

  it("drops waiting calls when their lane is closed", async () => {
    const { begun, calls, close } = filled({ attacker: 100 });
    expect(begun).toHaveLength(2);
    close();
    for (const call of calls) call.finish();
    await nextTurn();
    expect(begun).toHaveLength(2);
  });

  it("rejects calls that wait when their lane closes, or come later", async () => {
    const queue = new WorkQueue();
    const lane = queue.lane("attacker", { maxWeight: 16 });
    lane.account.charge(1_000_000);
    let isBegun = false;
    const work = () => Promise.resolve(void (isBegun = true));
    const waits = lane.perform("auth.me", work);
    lane.close();
    const refusal = { appCode: "rate_limited", message: expect.stringContaining("cancelled") };
    await expect(waits).rejects.toMatchObject(refusal);
    await expect(lane.perform("auth.me", work)).rejects.toMatchObject(refusal);
    expect(isBegun).toBe(false);
    expect(lane.account.isFresh(Infinity)).toBe(true);
  });

  it("starts nothing for an account with too many unread answers", async () => {
    const queue = new WorkQueue();
    const begun: string[] = [];
    const [full, other] = [
      queue.lane("attacker", { maxWeight: 16 }),
      queue.lane("attacker", { maxWeight: 16 }),
    ];
    const honest = queue.lane("honest", { maxWeight: 16 });
    full.holds(ACCOUNT_ANSWER_BYTES);
    other.submit("auth.me", { start: () => begun.push("attacker"), refuse: () => {} });
    honest.submit("auth.me", { start: () => begun.push("honest"), refuse: () => {} });
    expect(begun).toEqual(["honest"]);
    full.holds(0);
    other.poke();
    await nextTurn();
    expect(begun).toEqual(["honest", "attacker"]);
    for (const lane of [full, other, honest]) lane.close();
  });

  it("makes an account wait once its allowance is used up, and refuses calls that wait too long", async () => {
    const queue = new WorkQueue();
    const lane = queue.lane("attacker", { maxWeight: 16 });
    lane.account.charge(1_000_000);
    await expect(lane.perform("auth.me", () => Promise.resolve(1))).rejects.toMatchObject({
      appCode: "rate_limited",
      retryAfterMs: expect.any(Number),
    });
    lane.close();
    const honest = queue.lane("honest", { maxWeight: 16 });
    expect(await honest.perform("auth.me", () => Promise.resolve(1))).toBe(1);
    honest.close();
  });
});

describe("work over WebSockets", () => {
  it("starts as many calls as a socket and an account may run, and the others later", async () => {
    await using app = await testApp();
    const roomId = await general(app);
    const pages = watchPages(app);
    const clients = [await open(app, app.owner), await open(app, app.owner), await open(app, app.owner)];
    send(clients[0] as RawClient, ids(60).map(list(roomId)));
    await waitFor(() => pages.running === 1);
    for (const client of clients.slice(1)) send(client, ids(60).map(list(roomId)));
    await waitFor(() => pages.running === 2);
    pages.letGo();
    await waitFor(() => clients.every((client) => client.frames().length === 60));
    expect(pages.most).toBe(2);
    for (const client of clients) await client[Symbol.asyncDispose]();
  });

  it("answers others immediately while one account has a thousand waiting calls", async () => {
    await using app = await testApp();
    const roomId = await general(app);
    const ben = await app.person("Ben");
    const pages = watchPages(app);
    await using attacker = await open(app, app.owner);
    for (let count = 0; count < 5; count++) send(attacker, ids(80, 1 + 80 * count).map(list(roomId)));
    await waitFor(() => pages.running === 1);
    const message = { roomId: roomId as never, clientMessageId: "m1", text: "Hello" };
    expect(await ben.api.messages.send.mutate(message)).toMatchObject({ text: "Hello" });
    expect(pages.running).toBe(1);
    pages.letGo();
  });

  it("starts nothing for a closed socket", async () => {
    await using app = await testApp();
    const roomId = await general(app);
    const pages = watchPages(app);
    const client = await open(app, app.owner);
    send(client, ids(80).map(list(roomId)));
    await waitFor(() => pages.running === 1);
    await client[Symbol.asyncDispose]();
    await waitFor(() => app.services.connections.count === 0);
    pages.letGo();
    await waitFor(() => pages.running === 0);
    expect(pages.started).toBe(1);
  });

  it("notices that a peer has gone even though nothing is read from it", async () => {
    await using app = await testApp();
    const roomId = await general(app);
    const pages = watchPages(app);
    const client = await open(app, app.owner);
    // More than is read before the socket is paused, so that the rest stays unread.
    const padding = "x".repeat(60_000);
    for (const id of ids(60)) send(client, { ...list(roomId)(id), padding });
    await waitFor(() => pages.running === 1);
    await client[Symbol.asyncDispose]();
    await waitFor(() => app.services.connections.count === 0, { timeoutMs: 2_000 });
    pages.letGo();
    await waitFor(() => pages.running === 0);
    expect(pages.started).toBe(1);
  });

  it("can stop a waiting subscription like a running one", async () => {
    await using app = await testApp();
    const roomId = await general(app);
    const pages = watchPages(app);
    await using client = await open(app, app.owner);
    send(client, [
      ...ids(2).map(list(roomId)),
      { id: 9, method: "subscription", params: { path: "messages.onEvent", input: { roomId } } },
      { id: 9, method: "subscription.stop" },
    ]);
    await waitFor(() => client.text.includes('"stopped"'));
    expect(app.services.hub.hasSubscribers(`room:${roomId}`)).toBe(false);
    pages.letGo();
  });

  it("creates no more answers for a client that reads none", async () => {
    await using app = await testApp();
    const roomId = await general(app);
    for (let count = 0; count < 15; count++) {
      const text = "🌊".repeat(4_000);
      await app.owner.api.messages.send.mutate({
        roomId: roomId as never,
        clientMessageId: `m${count}`,
        text,
      });
    }
    await using client = await open(app, app.owner);
    client.stopReading();
    for (let first = 1; first <= 400; first += 80) send(client, ids(80, first).map(list(roomId)));
    const [connection] = app.services.connections.all();
    // The systems of both sides buffer some megabytes first.
    await waitFor(() => (connection?.bufferedBytes ?? 0) > SLOW_CONSUMER_BYTES, { timeoutMs: 20_000 });
    const pages = watchPages(app);
    pages.letGo();
    // With every call of another account, the queue looks again at waiting calls.
    const ben = await app.person("Ben");
    for (let count = 0; count < 20; count++) await ben.api.auth.me.query();
    // One may have been running already.
    expect(pages.started).toBeLessThanOrEqual(1);
    expect(connection?.isOpen).toBe(true);
    expect(app.services.work.heldBytes).toBeLessThan(SOCKET_ANSWER_BYTES);
  });
});

describe("work over HTTP", () => {
  const batch = (paths: string[], inputs: unknown[]) =>
    `/trpc/${paths.join(",")}?batch=1&input=${encodeURIComponent(JSON.stringify({ ...inputs }))}`;

  it("runs four calls of a batch at a time, heavy ones one by one, and counts each", async () => {
    await using app = await testApp();
    const roomId = await general(app);
    const { sessions } = app.services;
    const listAll = sessions.list.bind(sessions);
    let [running, most] = [0, 0];
    sessions.list = async (...args) => {
      most = Math.max(most, ++running);
      const result = await listAll(...args);
      running--;
      return result;
    };
    const { device } = app.owner;
    const answer = await device.fetch(batch(Array(20).fill("auth.sessions"), []));
    expect((await answer.json()).map((part: object) => "result" in part)).toEqual(Array(20).fill(true));
    expect(most).toBe(HTTP_BATCH_STARTED_WEIGHT);
    const pages = watchPages(app);
    pages.letGo();
    await (await device.fetch(batch(Array(6).fill("messages.list"), Array(6).fill({ roomId })))).json();
    expect([pages.started, pages.most]).toEqual([6, 1]);
    const statuses: number[] = [];
    for (let count = 0; count < 15; count++) {
      const { status, body } = await device.fetch(batch(Array(20).fill("auth.me"), []));
      await body?.cancel();
      statuses.push(status);
    }
    expect(statuses).toContain(429);
  });
});

describe("long polls", () => {
  it("are limited to 64 per account, delay no other calls, are refused in a batch, and end with their socket", async () => {
    await using app = await testApp();
    const roomId = await general(app);
    const { position } = await app.owner.api.messages.list.query({ roomId: roomId as never });
    const input = { roomId, position, waitMs: 20_000 };
    const since = (id: number) => ({ id, method: "query", params: { path: "messages.since", input } });
    await using client = await open(app, app.owner);
    send(client, ids(WAITS_PER_ACCOUNT_COUNT).map(since));
    // Long polls wait and no longer count as running.
    send(client, [list(roomId)(100)]);
    await waitFor(() => client.text.includes('"id":100'));
    send(client, [since(101)]);
    await waitFor(() => client.text.includes('"id":101'));
    expect(client.text).toContain('"rate_limited"');
    const url = `/trpc/messages.since,auth.me?batch=1&input=${
      encodeURIComponent(JSON.stringify({ 0: input }))
    }`;
    const [refused] = await (await app.owner.device.fetch(url)).json();
    expect(refused.error.data.appCode).toBe("invalid_request");
    await client[Symbol.asyncDispose]();
    await waitFor(() => !app.services.hub.hasSubscribers(`room:${roomId}`), { timeoutMs: 1_000 });
    await using again = await open(app, app.owner);
    send(again, [since(1)]);
    await waitFor(() => app.services.hub.hasSubscribers(`room:${roomId}`));
    await app.owner.api.messages.send.mutate({ roomId: roomId as never, clientMessageId: "m", text: "Hi" });
    await waitFor(() => again.text.includes('"message_sent"'));
  });
});
