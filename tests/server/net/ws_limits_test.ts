import { describe, expect, it } from "vitest";
import { RawClient, rawFrame } from "../../support/raw_client.ts";
import { testApp } from "../../support/test_app.ts";
import type { Person, TestApp } from "../../support/test_app.ts";
import { pause, waitFor } from "../../support/wait.ts";

interface Answer {
  readonly id: number | string | null;
  readonly error?: { readonly data: { readonly appCode: string; readonly retryAfterMs?: number } };
  readonly result?: { readonly type: string };
}

/** A signed-in raw WebSocket. */
async function open(app: TestApp, person: Person): Promise<RawClient> {
  const client = await RawClient.dial(app.port, person.device.address);
  await client.upgrade({ Origin: app.url, Cookie: person.device.cookie ?? "" });
  return client;
}

function answers(client: RawClient): Answer[] {
  return client.frames().filter(({ opcode }) => opcode === 1).map(({ payload }) =>
    JSON.parse(payload.toString())
  );
}

function answerTo(client: RawClient, id: number): Answer | undefined {
  return answers(client).find((answer) => answer.id === id && answer.result?.type !== "started");
}

function send(client: RawClient, message: unknown): void {
  client.write(rawFrame(JSON.stringify(message)));
}

function subscribe(id: number): unknown {
  return { id, method: "subscription", params: { path: "presence.onPresence", input: undefined } };
}

function query(id: number): unknown {
  return { id, method: "query", params: { path: "auth.me" } };
}

const ids = (count: number, from = 1) => Array.from({ length: count }, (_, index) => from + index);

describe("limits of a WebSocket", () => {
  it("T35 refuse the 65th subscription and accept another one when one has stopped", async () => {
    await using app = await testApp();
    await using client = await open(app, app.owner);
    send(client, ids(65).map(subscribe));
    await waitFor(() => answerTo(client, 65));
    expect(answerTo(client, 65)?.error?.data).toMatchObject({
      code: "TOO_MANY_REQUESTS",
      appCode: "too_many_subscriptions",
      path: "presence.onPresence",
    });
    expect(answerTo(client, 65)?.error?.data.retryAfterMs).toBeGreaterThan(0);
    send(client, { id: 1, method: "subscription.stop" });
    await waitFor(() => answers(client).some(({ id, result }) => id === 1 && result?.type === "stopped"));
    send(client, subscribe(66));
    await waitFor(() => answers(client).some(({ id, result }) => id === 66 && result?.type === "started"));
  });

  it("T35 refuse every request of a frame of 85, and serve one of 84", async () => {
    await using app = await testApp();
    await using client = await open(app, app.owner);
    send(client, ids(84).map(query));
    await waitFor(() => answers(client).length === 84);
    expect(answers(client).every(({ result }) => result !== undefined)).toBe(true);
    send(client, ids(85, 101).map(query));
    await waitFor(() => answers(client).length === 84 + 85);
    const refused = answers(client).slice(84);
    expect(refused.map(({ id }) => id)).toEqual(ids(85, 101));
    expect(new Set(refused.map(({ error }) => error?.data.appCode))).toEqual(new Set(["too_large"]));
    send(client, query(300));
    await waitFor(() => answerTo(client, 300)?.result);
  });

  it("T35 refuse the 11th connection of a person, but not others", async () => {
    await using app = await testApp();
    const ben = await app.person("Ben");
    const open10 = await Promise.all(ids(10).map(() => open(app, app.owner)));
    expect(open10.map(({ status }) => status)).toEqual(Array(10).fill(101));
    await using eleventh = await open(app, app.owner);
    expect([eleventh.status, JSON.parse(eleventh.body).error.data.appCode]).toEqual([429, "rate_limited"]);
    expect(Number(eleventh.headers.get("retry-after"))).toBeGreaterThan(0);
    await using other = await open(app, ben);
    expect(other.status).toBe(101);
    await open10[0]?.[Symbol.asyncDispose]();
    await waitFor(() => app.services.connections.count === 10);
    await using again = await open(app, app.owner);
    expect(again.status).toBe(101);
    for (const client of open10) await client[Symbol.asyncDispose]();
  });

  it("refuse a subscription id that is in use, so that one answer cannot settle another request", async () => {
    await using app = await testApp();
    await using client = await open(app, app.owner);
    send(client, subscribe(1));
    await waitFor(() => answers(client).some(({ result }) => result?.type === "started"));
    send(client, query(1));
    send(client, subscribe(1));
    await waitFor(() =>
      answers(client).filter(({ error }) => error?.data.appCode === "invalid_request").length === 2
    );
  });

  it("refuse an id or path that is too long without repeating it", async () => {
    await using app = await testApp();
    await using client = await open(app, app.owner);
    const long = "x".repeat(65);
    send(client, { ...subscribe(1) as object, id: long });
    send(client, [{ ...query(1) as object, id: "y".repeat(60_000) }]);
    send(client, { id: 2, method: "query", params: { path: "z".repeat(60_000) } });
    await waitFor(() => answers(client).length === 3);
    expect(answers(client).map(({ id, error }) => [id, error?.data.appCode])).toEqual([
      [null, "invalid_request"],
      [null, "invalid_request"],
      [null, "not_found"],
    ]);
    expect(client.byteCount).toBeLessThan(4_096);
    send(client, { ...query(3) as object, id: "x".repeat(64) });
    await waitFor(() =>
      answers(client).some(({ id, result }) => id === "x".repeat(64) && result !== undefined)
    );
    expect(app.services.hub.hasSubscribers("presence")).toBe(false);
  });

  it("T35 close with 4008 at the third breach, after the answers in flight", async () => {
    await using app = await testApp();
    const me = app.owner;
    await using client = await open(app, me);
    // A burst in a single frame is refused beyond the limit, but is no breach, because nobody was told to wait
    // before.
    const burst = ids(84).map((id) => ({
      id,
      method: "mutation",
      params: { path: "presence.set", input: {} },
    }));
    const set = (id: number) => ({
      id,
      method: "mutation",
      params: { path: "presence.set", input: { status: "online" } },
    });
    send(client, burst.map(({ id }) => set(id)));
    await waitFor(() => answers(client).length === 84);
    expect(answers(client).some(({ error }) => error?.data.appCode === "rate_limited")).toBe(true);
    await pause(50);
    expect(client.closeCode).toBe(0);
    for (const id of [101, 102, 103]) {
      send(client, set(id));
      await waitFor(() => answerTo(client, id));
    }
    expect(answerTo(client, 103)?.error?.data.appCode).toBe("rate_limited");
    await waitFor(() => client.closeCode);
    expect(client.closeCode).toBe(4008);
    await client.closed();
  });

  it("T35 end a flood of pings and a flood of subscriptions", async () => {
    await using app = await testApp();
    await using pinging = await open(app, app.owner);
    for (let round = 0; round < 100 && !pinging.isClosed; round++) {
      pinging.write(Uint8Array.from(ids(1_000).flatMap(() => [...rawFrame("", { opcode: 9 })])));
      await pause(1);
    }
    await waitFor(() => pinging.closeCode === 4008 || pinging.isClosed);
    await using stopping = await open(app, app.owner);
    for (let id = 1; id <= 2_000 && !stopping.isClosed; id++) {
      send(stopping, subscribe(id));
      send(stopping, { id, method: "subscription.stop" });
      if (id % 20 === 0) await pause(1);
    }
    await waitFor(() => stopping.closeCode === 4008);
    await waitFor(() => app.services.connections.count === 0);
    await waitFor(() => !app.services.hub.hasSubscribers("presence"), { timeoutMs: 1_000 });
  });
});

describe("login deadline", () => {
  it("T38 ends a socket on which nobody signs in, whatever it sends", async () => {
    await using app = await testApp({ loginDeadlineMs: 200 });
    const dial = async (path: string) => {
      const client = await RawClient.dial(app.port, app.device().address);
      await client.upgrade({ Origin: app.url }, path);
      expect(client.status).toBe(101);
      return client;
    };
    await using silent = await dial("/trpc");
    await using ponging = await dial("/trpc");
    await using waiting = await dial("/trpc?connectionParams=1");
    const pongs = (async () => {
      while (!ponging.isClosed) {
        ponging.write(rawFrame("", { opcode: 10 }));
        await pause(20);
      }
    })();
    for (const client of [silent, ponging, waiting]) {
      await waitFor(() => client.closeCode === 4501);
      client.write(rawFrame("\u0011\u0095", { opcode: 8 }));
    }
    await pongs;
    await waitFor(() => app.services.connections.count === 0);
  });

  it("does not end a signed-in socket", async () => {
    await using app = await testApp({ loginDeadlineMs: 100 });
    const { token } = await app.owner.api.tokens.create.mutate({ label: "Bot" });
    const device = app.device();
    device.token = token;
    const client = device.client("ws");
    await client.auth.me.query();
    await pause(200);
    expect(app.services.connections.count).toBe(1);
    expect(await client.auth.me.query()).toMatchObject({ name: "Ana", sessionId: null });
  });

  it("answers UNAUTHORIZED to a revoked token in the connection parameters and closes", async () => {
    await using app = await testApp();
    await using client = await RawClient.dial(app.port, app.device().address);
    await client.upgrade({}, "/trpc?connectionParams=1");
    send(client, { method: "connectionParams", data: { token: "of-bad-news" } });
    send(client, query(1));
    await waitFor(() => client.closeCode);
    expect(answerTo(client, 1)?.error?.data).toMatchObject({
      code: "UNAUTHORIZED",
      appCode: "unauthenticated",
    });
    expect(client.closeCode).toBe(4501);
    const device = app.device();
    device.token = "of-bad-news";
    await expect(device.client("ws").auth.me.query()).rejects.toMatchObject({
      data: { appCode: "unauthenticated" },
    });
  });

  it("allows 30 sockets per address without a sign-in", async () => {
    let now = Date.now();
    await using app = await testApp({ now: () => now });
    const { address } = app.device();
    const clients: RawClient[] = [];
    for (let count = 0; count < 31; count++) {
      now += 1_000;
      const client = await RawClient.dial(app.port, address);
      await client.upgrade({});
      clients.push(client);
    }
    expect(clients.map(({ status }) => status)).toEqual([...Array(30).fill(101), 429]);
    for (const client of clients) await client[Symbol.asyncDispose]();
  });

  it("allows a burst of connections from an address and then 10 per second", async () => {
    let now = Date.now();
    await using app = await testApp({ now: () => now });
    const { address } = app.device();
    const dial = async () => {
      await using client = await RawClient.dial(app.port, address);
      await client.upgrade({});
      return client.status;
    };
    const statuses = [];
    for (let count = 0; count < 21; count++) statuses.push(await dial());
    expect(statuses).toEqual([...Array(20).fill(101), 429]);
    now += 100;
    expect([await dial(), await dial()]).toEqual([101, 429]);
  });
});
