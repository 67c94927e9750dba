import { createServer } from "node:http";
import type { ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
// deno-lint-ignore no-import-prefix -- test tool: kept out of deno.json, which every start fetches
import { createParser } from "npm:eventsource-parser@4.1.3";
// deno-lint-ignore no-import-prefix -- test tool: kept out of deno.json, which every start fetches
import type { EventSourceMessage } from "npm:eventsource-parser@4.1.3";
import { describe, expect, it } from "vitest";
import { EPHEMERAL_SKIP_BYTES, SLOW_CONSUMER_BYTES } from "../../../shared/limits.ts";
import type { SseEvent } from "../../../server/net/sse.ts";
import { Ending } from "../../../server/streams/ending.ts";
import type { Item } from "../../../server/streams/frames.ts";
import { Hub } from "../../../server/streams/hub.ts";
import { QueueSink } from "../../../server/streams/queue_sink.ts";
import { GapError } from "../../../server/streams/sink.ts";
import type { Sink } from "../../../server/streams/sink.ts";
import { SocketSink } from "../../../server/streams/socket_sink.ts";
import { SseFormat, SseSink } from "../../../server/streams/sse_sink.ts";
import { RecordingConnection } from "../../support/recording_connection.ts";
import { ANA } from "../../support/stream_kit.ts";

const TOPIC = "public";

function itemAt(offset: number): Item {
  return { value: { offset, text: "a\r\nb\u2028c" }, offset, position: `e.${offset}` };
}

function toEvent({ value, position }: Item): SseEvent {
  return { data: JSON.stringify(value), ...(position === undefined ? {} : { id: position }) };
}

/** A page of plain server-sent events on a real server. */
class SsePage implements AsyncDisposable {
  readonly hub = new Hub();
  readonly format = new SseFormat(toEvent);
  readonly responses: ServerResponse[] = [];
  readonly ends: Promise<unknown>[] = [];
  readonly #server = createServer((_, response) => {
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    response.flushHeaders();
    this.responses.push(response);
    this.ends.push(this.#write(response));
  });

  static async open(): Promise<SsePage> {
    const page = new SsePage();
    await new Promise<void>((resolve) => page.#server.listen(0, "127.0.0.1", resolve));
    return page;
  }

  /** Reads as a program would; gives what has come so far. */
  async read(signal: AbortSignal): Promise<EventSourceMessage[]> {
    const messages: EventSourceMessage[] = [];
    const parser = createParser({ onEvent: (event) => void messages.push(event) });
    const { body } = await fetch(this.#url, { signal });
    const run = async () => {
      for await (const text of body?.pipeThrough(new TextDecoderStream()) ?? []) parser.feed(text);
    };
    run().catch(() => {});
    return messages;
  }

  /** Opens a page and takes nothing of it. */
  async stall(): Promise<Deno.TcpConn> {
    const { port } = this.#server.address() as AddressInfo;
    const socket = await Deno.connect({ hostname: "127.0.0.1", port });
    await socket.write(new TextEncoder().encode("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
    return socket;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const response of this.responses) response.destroy();
    await Promise.all(this.ends);
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  get #url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  async #write(response: ServerResponse): Promise<unknown> {
    const gone = new AbortController();
    response.on("close", () => gone.abort());
    const subscription = this.hub.open({ topic: TOPIC, userId: ANA, connection: null, signal: gone.signal });
    try {
      return await subscription.pipe(new SseSink(response, this.format, this.hub.stats), 0);
    } catch (error) {
      return error;
    } finally {
      subscription.release();
    }
  }
}

describe("Sinks", () => {
  it("SINK1 one topic writes to every kind of sink the same items in the same order", async () => {
    await using page = await SsePage.open();
    const { hub } = page;
    const ended = new AbortController();
    const connection = new RecordingConnection();
    const queue = new QueueSink(hub.stats);
    const sinks: Sink[] = [new SocketSink(connection, '{"id":1', hub.stats), queue];
    const pipes = sinks.map((sink) => {
      const subscription = hub.open({ topic: TOPIC, userId: ANA, connection: null, signal: ended.signal });
      return subscription.pipe(sink, 0).finally(() => subscription.release());
    });
    const waiting = hub.open({ topic: TOPIC, userId: ANA, connection: null, signal: ended.signal });
    const next = waiting.next(0);
    const events = await page.read(ended.signal);
    await expect.poll(() => page.responses.length).toBe(1);
    for (let offset = 1; offset <= 3; offset++) hub.publish(TOPIC, itemAt(offset));
    await expect.poll(() => events.length).toBe(3);
    expect(events.map(({ id, data }) => [id, JSON.parse(data)])).toEqual(
      [1, 2, 3].map((offset) => [`e.${offset}`, itemAt(offset).value]),
    );
    expect(connection.payloads).toEqual(
      [1, 2, 3].map((offset) => {
        const { value: data, position: id } = itemAt(offset);
        return { id: 1, result: { type: "data", data: { id, data }, id } };
      }),
    );
    expect(await next).toEqual([1, 2, 3].map(itemAt));
    waiting.release();
    ended.abort();
    const queued: unknown[] = [];
    for await (const value of queue.drain(new Ending(ended.signal))) queued.push(value);
    expect(queued).toMatchObject([1, 2, 3].map((offset) => ({ 0: `e.${offset}`, 1: itemAt(offset).value })));
    await Promise.all(pipes);
  });

  it("SINK2 an item is encoded once for all pages of server-sent events", async () => {
    await using page = await SsePage.open();
    const ended = new AbortController();
    const readers = await Promise.all(Array.from({ length: 20 }, () => page.read(ended.signal)));
    await expect.poll(() => page.responses.length).toBe(20);
    for (let offset = 1; offset <= 5; offset++) page.hub.publish(TOPIC, itemAt(offset));
    await expect.poll(() => readers.every((events) => events.length === 5)).toBe(true);
    expect(page.format.encodeCount).toBe(5);
    expect(page.hub.stats).toMatchObject({ deliveries: 100, writes: 20 });
    ended.abort();
  });

  it("SINK3 a page that takes nothing goes without what is ephemeral, and is cut at its limit", async () => {
    await using page = await SsePage.open();
    using _socket = await page.stall();
    await expect.poll(() => page.responses.length).toBe(1);
    const [response] = page.responses;
    const text = "x".repeat(64 * 1024);
    let offset = 0;
    while ((response?.writableLength ?? 0) <= EPHEMERAL_SKIP_BYTES) {
      page.hub.publish(TOPIC, { value: text, offset: ++offset });
      await new Promise<void>((resolve) => setImmediate(resolve));
      if (offset > 1_000) throw new Error("The system takes all of it");
    }
    page.hub.publish(TOPIC, { value: "typing", offset: 0, ephemeral: true });
    await expect.poll(() => page.hub.stats.skipped).toBe(1);
    expect(response?.destroyed).toBe(false);
    while (response?.destroyed === false) {
      page.hub.publish(TOPIC, { value: text, offset: ++offset });
      await new Promise<void>((resolve) => setImmediate(resolve));
      expect(response.writableLength).toBeLessThanOrEqual(SLOW_CONSUMER_BYTES + 2 * text.length);
    }
    await Promise.all(page.ends);
    expect(page.hub.hasSubscribers(TOPIC)).toBe(false);
  });

  it("SINK4 a wait for what comes next ends with nothing when its time is up, and says when history is due", async () => {
    const hub = new Hub();
    const ended = new AbortController();
    const open = () => hub.open({ topic: TOPIC, userId: ANA, connection: null, signal: ended.signal });
    const keeper = open();
    const reader = open();
    const next = reader.next(0);
    ended.abort();
    expect(await next).toEqual([]);
    for (let offset = 1; offset <= 300; offset++) hub.publish(TOPIC, itemAt(offset));
    const late = hub.open({
      topic: TOPIC,
      userId: ANA,
      connection: null,
      signal: new AbortController().signal,
    });
    await expect(late.next(10)).rejects.toBeInstanceOf(GapError);
    expect((await late.next(299)).map(({ offset }) => offset)).toEqual([300]);
    for (const subscription of [keeper, reader, late]) subscription.release();
  });

  it("SINK5 keeps the frames of an item for 16 request ids; others are encoded again for each reader", () => {
    const { stats } = new Hub();
    const item = itemAt(1);
    for (let id = 1; id <= 17; id++) {
      for (let reader = 0; reader < 3; reader++) {
        const connection = new RecordingConnection();
        new SocketSink(connection, `{"id":${id}`, stats).write([item], null);
        expect(connection.payloads).toMatchObject([{ id, result: { data: { id: "e.1" } } }]);
      }
    }
    expect(stats.encodes).toBe(16 + 3);
  });
});
