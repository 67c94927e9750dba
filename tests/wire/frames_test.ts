import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { initTRPC, tracked } from "@trpc/server";
import { applyWSSHandler } from "@trpc/server/adapters/ws";
import { describe, expect, it } from "vitest";
// @ts-types="npm:@types/ws@8.18.2"
import { WebSocketServer } from "ws";
import type { RoomEvent, StreamControl } from "../../shared/event.ts";
import type { RoomId } from "../../shared/ids.ts";
import { formatPosition } from "../../shared/position.ts";
import { isRoomNotice, roomTopic } from "../../server/rooms/room_stream.ts";
import { filler } from "../support/filler.ts";
import { RawClient, rawFrame } from "../support/raw_client.ts";
import { testApp } from "../support/test_app.ts";
import type { TestApp } from "../support/test_app.ts";
import { waitFor } from "../support/wait.ts";

/** What a subscription is asked to yield; with an id it is tracked. */
interface Yielded {
  readonly id: string | null;
  readonly value: unknown;
}

/** Ids and fields that clients put into requests; answers repeat them. */
const REQUESTS = [
  { id: 1 },
  { id: 7, jsonrpc: "2.0" },
  { id: "a" },
  { id: "a", jsonrpc: "2.0" },
  { id: "1" },
  { id: 'quote " and é' },
  { id: Number.MAX_SAFE_INTEGER },
] as const;

const TEXT_FRAME = 1;

/** tRPC's own adapter on `ws`, with procedures of the same names that yield what the test tells them. */
class StockServer implements AsyncDisposable {
  readonly port: number;
  readonly #stop: () => Promise<void>;

  private constructor(port: number, stop: () => Promise<void>) {
    this.port = port;
    this.#stop = stop;
  }

  static async start(items: () => readonly Yielded[]): Promise<StockServer> {
    const t = initTRPC.create({ isDev: false });
    const subscription = t.procedure.subscription(async function* ({ signal }): AsyncGenerator<unknown> {
      for (const { id, value } of items()) yield id === null ? value : tracked(id, value);
      await new Promise<void>((resolve) => signal?.addEventListener("abort", () => resolve()));
    });
    const http = createServer();
    const wss = new WebSocketServer({ server: http, perMessageDeflate: false });
    applyWSSHandler({
      wss,
      router: t.router({ messages: { onEvent: subscription }, typing: { onTyping: subscription } }),
    });
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
    return new StockServer((http.address() as AddressInfo).port, async () => {
      const closed = new Promise<void>((resolve) => http.close(() => resolve()));
      for (const client of wss.clients) client.terminate();
      wss.close();
      await closed;
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stop();
  }
}

/** Opens a subscription on a new connection. */
async function subscribe(port: number, token: string | null, request: object): Promise<RawClient> {
  const client = await RawClient.dial(port);
  await client.upgrade(token === null ? {} : { Authorization: `Bearer ${token}` });
  client.write(rawFrame(JSON.stringify(request)));
  return client;
}

/** Stops it after `count` frames, and returns all bytes received since the upgrade. */
async function bytesAfter(
  client: RawClient,
  count: number,
  { id, jsonrpc }: { id: unknown; jsonrpc?: string },
) {
  await waitFor(() => client.frames().length >= count, { what: `${count} frames` });
  const stop = { id, ...(jsonrpc === undefined ? {} : { jsonrpc }), method: "subscription.stop" };
  client.write(rawFrame(JSON.stringify(stop)));
  await waitFor(() => client.frames().length > count, { what: "the frame that says stopped" });
  return client.body;
}

/** A server with the hub, a token for it, and everything it publishes. */
class HubServer implements AsyncDisposable {
  readonly app: TestApp;
  readonly token: string;
  readonly published: RoomEvent[] = [];

  private constructor(app: TestApp, token: string) {
    this.app = app;
    this.token = token;
    app.services.feed.subscribe("deliver", (notice) => {
      if (isRoomNotice(notice)) this.published.push(...notice.events);
    });
  }

  static async start(): Promise<HubServer> {
    const app = await testApp();
    return new HubServer(app, (await app.owner.api.tokens.create.mutate({ label: "frames" })).token);
  }

  /** Creates a room; its only event so far is the first. */
  async room(): Promise<{ roomId: RoomId; head: number }> {
    const { id: roomId } = await this.app.owner.api.rooms.create.mutate({ name: "Frames", kind: "public" });
    this.published.length = 0;
    return { roomId, head: 1 };
  }

  position(offset: number): string {
    return formatPosition({ epoch: this.app.services.roomLog.epoch, offset });
  }

  tracked(event: { readonly offset: number }): Yielded {
    return { id: this.position(event.offset), value: event };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.app[Symbol.asyncDispose]();
  }
}

describe("frames of the hub", () => {
  it("WIRE20 are byte for byte those of the stock adapter, for any request id", async () => {
    await using hub = await HubServer.start();
    const { app, token, published } = hub;
    const { roomId, head } = await hub.room();
    const subscribed: StreamControl = { type: "subscribed", offset: head };
    const expected: Yielded[] = [hub.tracked(subscribed)];
    await using stock = await StockServer.start(() => expected);
    const request = (fields: object) => ({
      ...fields,
      method: "subscription",
      params: { path: "messages.onEvent", input: { roomId } },
    });
    const clients = await Promise.all(REQUESTS.map((fields) => subscribe(app.port, token, request(fields))));
    for (const client of clients) await waitFor(() => client.frames().length === 2);

    const send = async (clientMessageId: string, text: string) =>
      await app.owner.api.messages.send.mutate({ roomId, clientMessageId, text });
    const { offset } = await send("short", "Hi");
    // In one turn, so that they are sent in one write.
    await Promise.all(["é", "👩‍👩‍👧", '"\\/\u2028\u2029'].map((text, index) => send(`m${index}`, text)));
    await send("longest", "👩".repeat(4_000));
    await app.owner.api.messages.react.mutate({ roomId, offset, emoji: "👍", on: true });
    await app.owner.api.messages.edit.mutate({ roomId, offset, text: "Hello" });
    await app.owner.api.messages.delete.mutate({ roomId, offset });
    await app.owner.api.rooms.update.mutate({ roomId, topic: "Bytes" });
    const huge = { ...filler("x".repeat(70_000)).value, offset: head + published.length + 1 };
    const position = hub.position(huge.offset);
    app.services.hub.publish(roomTopic(roomId), { value: huge, offset: huge.offset, position });
    expected.push(...published.map((event) => hub.tracked(event)), hub.tracked(huge));
    const frameCount = expected.length + 1;

    for (const [index, fields] of REQUESTS.entries()) {
      const ours = await bytesAfter(clients[index] as RawClient, frameCount, fields);
      await using client = await subscribe(stock.port, null, request(fields));
      const theirs = await bytesAfter(client, frameCount, fields);
      expect(ours.length).toBe(theirs.length);
      expect(ours === theirs, `bytes for request ${JSON.stringify(fields)}`).toBe(true);
      const lengths = client.frames().map(({ payload }) => payload.length);
      // All three header sizes occurred: 2, 4 and 10 bytes.
      expect(lengths.some((length) => length < 126)).toBe(true);
      expect(lengths.some((length) => length > 125 && length < 65_536)).toBe(true);
      expect(lengths.some((length) => length > 65_535)).toBe(true);
    }
    for (const client of clients) await client[Symbol.asyncDispose]();
  });

  it("WIRE21 are the same for replayed and live events", async () => {
    await using hub = await HubServer.start();
    const { app, token, published } = hub;
    const { roomId, head } = await hub.room();
    const fields = { id: 3 };
    const request = {
      ...fields,
      method: "subscription",
      params: {
        path: "messages.onEvent",
        input: { roomId, lastEventId: hub.position(head) },
      },
    };
    await using live = await subscribe(app.port, token, request);
    await waitFor(() => live.frames().length === 1);
    for (const text of ["one", "two"]) {
      await app.owner.api.messages.send.mutate({ roomId, clientMessageId: text, text });
    }
    const first = await bytesAfter(live, 3, fields);
    await using replayed = await subscribe(app.port, token, request);
    const second = await bytesAfter(replayed, 3, fields);
    expect(second).toBe(first);
    await using stock = await StockServer.start(() => published.map((event) => hub.tracked(event)));
    await using client = await subscribe(stock.port, null, request);
    expect(await bytesAfter(client, 3, fields)).toBe(first);
  });

  it("WIRE22 of untracked values are those of the stock adapter too", async () => {
    await using hub = await HubServer.start();
    const { app, token } = hub;
    const { roomId } = await hub.room();
    const ben = await app.person("Ben");
    await ben.api.rooms.join.mutate({ roomId });
    const values = [true, false].map((isTyping) => ({ id: null, value: { userId: ben.id, isTyping } }));
    await using stock = await StockServer.start(() => values);
    for (const fields of REQUESTS) {
      const request = {
        ...fields,
        method: "subscription",
        params: { path: "typing.onTyping", input: { roomId } },
      };
      await using ours = await subscribe(app.port, token, request);
      await waitFor(() => ours.frames().length === 1);
      // Directly in the store, because the procedure is rate limited.
      const source = { userId: ben.id, connection: null, key: "frames" };
      for (const isTyping of [true, false]) app.services.typing.set(source, roomId, isTyping);
      await using theirs = await subscribe(stock.port, null, request);
      expect(await bytesAfter(ours, 3, fields)).toBe(await bytesAfter(theirs, 3, fields));
    }
  });

  it("WIRE23 are never empty, not even for a frame full of subscriptions", async () => {
    await using hub = await HubServer.start();
    const { app, token } = hub;
    const { roomId } = await hub.room();
    const subscriptions = ["messages.onEvent", "typing.onTyping", "presence.onPresence", "rooms.onChange"]
      .map(
        (path, index) => ({
          id: index + 1,
          method: "subscription",
          params: path.startsWith("presence") || path.startsWith("rooms")
            ? { path }
            : { path, input: { roomId } },
        }),
      );
    await using client = await subscribe(app.port, token, subscriptions);
    const started = () => client.frames().filter(({ payload }) => payload.toString().includes('"started"'));
    await waitFor(() => started().length === subscriptions.length);
    await app.owner.api.messages.send.mutate({ roomId, clientMessageId: "m", text: "Hi" });
    for (const { id } of subscriptions) {
      client.write(rawFrame(JSON.stringify({ id, method: "subscription.stop" })));
    }
    const stopped = () => client.frames().filter(({ payload }) => payload.toString().includes('"stopped"'));
    await waitFor(() => stopped().length === subscriptions.length);
    const texts = client.frames().filter(({ opcode }) => opcode === TEXT_FRAME);
    expect(texts.filter(({ payload }) => payload.length === 0)).toEqual([]);
    expect(texts.length).toBeGreaterThan(2 * subscriptions.length);
  });

  it("WIRE24 would fail the test if they were empty", async () => {
    const http = createServer();
    const wss = new WebSocketServer({ server: http });
    wss.on("connection", (socket: { send(data: string): void }) => socket.send(""));
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
    const client = await RawClient.dial((http.address() as AddressInfo).port);
    await client.upgrade();
    await waitFor(() => client.frames().length === 1);
    expect(client.frames()[0]?.payload.length).toBe(0);
    for (const socket of wss.clients) socket.terminate();
    await client[Symbol.asyncDispose]();
    await new Promise<void>((resolve) => http.close(() => resolve()));
  });
});
