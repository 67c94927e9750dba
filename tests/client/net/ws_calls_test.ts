import { Buffer } from "node:buffer";
import type { EventEmitter } from "node:events";
import { describe, expect, it } from "vitest";
import type { RoomId } from "../../../shared/ids.ts";
import type { DialedSocket } from "../../../client/net/dialed_socket.ts";
import { WsCalls } from "../../../client/net/ws_calls.ts";
import { readWireError } from "../../../client/net/wire_error.ts";
import { openCutProxy } from "../../support/cut_proxy.ts";
import { netClient } from "../../support/net_client.ts";
import { testApp } from "../../support/test_app.ts";
import type { Client } from "../../support/test_clients.ts";
import type { TestApp } from "../../support/test_app.ts";
import { waitFor } from "../../support/wait.ts";

/** A client of ours behind a line that can be cut, and the stock client of the same person beside it. */
async function onALine(app: TestApp) {
  await using opened = new AsyncDisposableStack();
  const proxy = await openCutProxy(app.port, app.owner.device.address);
  opened.defer(() => proxy.close());
  const dials: WebSocket[] = [];
  const sent: string[] = [];
  const client = opened.use(netClient(app.owner.device, {
    dialPort: proxy.port,
    onSocket: (socket) => {
      dials.push(socket);
      // Who is refused once is let in with the next dial.
      if (dials.length === 2) proxy.refuse(false);
      const send = socket.send.bind(socket);
      socket.send = (data) => {
        sent.push(String(data));
        send(data);
      };
    },
    platform: { random: () => 0 },
  }));
  const [room] = await app.owner.api.rooms.list.query();
  const parts = opened.move();
  return {
    client,
    proxy,
    dials,
    /** Frames without the signs of life. */
    sent: () => sent.filter((frame) => frame !== "PING" && frame !== "PONG"),
    roomId: room?.id as RoomId,
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

let sentCount = 0;

async function say(api: Client, roomId: RoomId): Promise<number> {
  const clientMessageId = `ws-calls-${++sentCount}`;
  return (await api.messages.send.mutate({ roomId, clientMessageId, text: clientMessageId })).offset;
}

describe("calls over our own socket", () => {
  it("asks what is asked in one breath in one frame, and gives each its answer", async () => {
    await using app = await testApp();
    await using line = await onALine(app);
    const { client, roomId } = line;
    client.connect();
    const answers = await Promise.all([
      client.trpc.rooms.list.query(),
      client.trpc.users.list.query({ limit: 5 }),
      client.trpc.messages.list.query({ roomId, limit: 5 }),
    ]);
    expect(answers).toEqual(
      await Promise.all([
        app.owner.api.rooms.list.query(),
        app.owner.api.users.list.query({ limit: 5 }),
        app.owner.api.messages.list.query({ roomId, limit: 5 }),
      ]),
    );
    expect(line.sent()).toHaveLength(1);
  });

  it("tells what the server says went wrong, with its code", async () => {
    await using app = await testApp();
    await using line = await onALine(app);
    line.client.connect();
    const asked = line.client.trpc.messages.list.query({ roomId: "missing_room_000" as RoomId });
    const error = await asked.catch((error: unknown) => error);
    expect(readWireError(error)).toMatchObject({ appCode: "not_found", isRetryable: false });
  });

  it("goes on from its position over a cut line: nothing is lost, nothing comes twice", async () => {
    await using app = await testApp();
    await using line = await onALine(app);
    const { client, roomId, proxy } = line;
    client.connect();
    const offsets: number[] = [];
    const { position } = await client.trpc.messages.list.query({ roomId });
    const following = client.trpc.messages.onEvent.subscribe({ roomId, lastEventId: position }, {
      onData: ({ data }) => void offsets.push(data.offset),
    });
    const said = [await say(app.owner.api, roomId)];
    await waitFor(() => offsets.length === 1);
    for (let round = 0; round < 3; round++) {
      proxy.cut();
      said.push(await say(app.owner.api, roomId), await say(app.owner.api, roomId));
      await waitFor(() => offsets.length === said.length, { timeoutMs: 10_000 });
    }
    expect(offsets).toEqual(said);
    following.unsubscribe();
    await waitFor(() => line.sent().some((frame) => frame.includes("subscription.stop")));
    await say(app.owner.api, roomId);
    await client.trpc.rooms.list.query();
    expect(offsets).toEqual(said);
  });

  it("asks a query again that a cut swallowed, and leaves a mutation to who knows what it was", async () => {
    await using app = await testApp();
    await using line = await onALine(app);
    const { client, roomId, proxy } = line;
    client.connect();
    await client.trpc.rooms.list.query();
    proxy.mute();
    const query = client.trpc.rooms.list.query();
    const mutation = client.trpc.messages.send.mutate({ roomId, clientMessageId: "swallowed", text: "Hello" })
      .catch((error: unknown) => error);
    await waitFor(() => line.sent().length === 2);
    proxy.cut();
    expect(readWireError(await mutation)).toMatchObject({ appCode: null, isRetryable: true });
    expect(await query).toHaveLength(1);
  });

  it("sends what was asked before the line was there, once it is", async () => {
    await using app = await testApp();
    await using line = await onALine(app);
    const { client, roomId, proxy } = line;
    proxy.refuse(true);
    client.connect();
    const sending = client.trpc.messages.send.mutate({ roomId, clientMessageId: "early", text: "Early" });
    expect((await sending).text).toBe("Early");
    expect(line.dials).toHaveLength(2);
  });

  it("keeps what is asked while the socket closes for the next one", async () => {
    await using app = await testApp();
    await using line = await onALine(app);
    const { client, roomId } = line;
    client.connect();
    await client.trpc.rooms.list.query();
    // Browsers send nothing on a socket that closes, and write an error to the console for each try.
    line.dials[0]?.close(4000);
    const sending = client.trpc.messages.send.mutate({ roomId, clientMessageId: "closing", text: "Soon" });
    await sending;
    expect(line.dials).toHaveLength(2);
    expect(line.sent()).toHaveLength(2);
  });

  it("lets go of who gave up", async () => {
    await using app = await testApp();
    await using line = await onALine(app);
    line.client.connect();
    await line.client.trpc.rooms.list.query();
    line.proxy.mute();
    const abort = new AbortController();
    const asked = line.client.trpc.rooms.list.query(undefined, { signal: abort.signal });
    await waitFor(() => line.sent().length === 2);
    abort.abort(new Error("Not wanted any more"));
    await expect(asked).rejects.toThrow("Not wanted any more");
    await expect(line.client.trpc.rooms.list.query(undefined, { signal: abort.signal })).rejects.toThrow(
      "Not wanted any more",
    );
  });

  it("moves to a new socket when the server asks, without a gap, and ends the old one", async () => {
    await using app = await testApp();
    await using line = await onALine(app);
    const { client, roomId } = line;
    client.connect();
    const offsets: number[] = [];
    const { position } = await client.trpc.messages.list.query({ roomId });
    client.trpc.messages.onEvent.subscribe({ roomId, lastEventId: position }, {
      onData: ({ data }) => void offsets.push(data.offset),
    });
    const said = [await say(app.owner.api, roomId)];
    await waitFor(() => offsets.length === 1);
    // The server's own words when it stops, said by a frame of the test's: it does not have to stop for that.
    const [first] = line.dials;
    (first as unknown as EventEmitter).emit(
      "message",
      Buffer.from('{"id":null,"method":"reconnect"}'),
      false,
    );
    await waitFor(() => line.dials.length === 2);
    said.push(await say(app.owner.api, roomId));
    await waitFor(() => first?.readyState === 3);
    said.push(await say(app.owner.api, roomId));
    await waitFor(() => offsets.length === said.length);
    expect(offsets).toEqual(said);
    expect(client.connection.history.value.filter(({ type }) => type !== "opened")).toEqual([]);
  });

  it("closes each socket that was replaced, however many were while one answer is awaited", async () => {
    const calls = new WsCalls(() => {});
    const closed: number[] = [];
    const socketAt = (index: number) =>
      ({ isOpen: true, send: () => {}, close: () => void closed.push(index) }) as unknown as DialedSocket;
    const [first, second, third] = [socketAt(1), socketAt(2), socketAt(3)];
    calls.opened(first);
    const slow = calls.request({ type: "query", path: "messages.search", input: undefined });
    await Promise.resolve();
    calls.opened(second);
    const slower = calls.request({ type: "query", path: "messages.search", input: undefined });
    await Promise.resolve();
    calls.opened(third);
    expect(closed).toEqual([]);
    calls.heard(first, JSON.stringify({ id: 1, result: { type: "data", data: "one" } }));
    expect([await slow, closed]).toEqual(["one", [1]]);
    calls.heard(second, JSON.stringify({ id: 2, result: { type: "data", data: "two" } }));
    expect([await slower, closed]).toEqual(["two", [1, 2]]);
  });
});
