import { describe, expect, it } from "vitest";
import {
  ACCOUNT_ANSWER_BYTES,
  ACCOUNT_STARTED_WEIGHT,
  STREAMS_PER_USER_COUNT,
} from "../../../shared/limits.ts";
import { weightOf } from "../../../server/net/procedure_weights.ts";
import { roomTopic } from "../../../server/rooms/room_stream.ts";
import { filler } from "../../support/filler.ts";
import { RawClient } from "../../support/raw_client.ts";
import { testApp } from "../../support/test_app.ts";
import type { TestApp } from "../../support/test_app.ts";
import { waitFor } from "../../support/wait.ts";

async function openStream(app: TestApp, input: object): Promise<RawClient> {
  const { device } = app.owner;
  const client = await RawClient.dial(app.port, device.address);
  client.request([
    `GET /trpc/messages.onEvent?input=${encodeURIComponent(JSON.stringify(input))} HTTP/1.1`,
    "Host: x",
    `Cookie: ${device.cookie}`,
    "Accept: text/event-stream",
  ]);
  return client;
}

async function generalOf(app: TestApp) {
  const roomId = (await app.owner.api.rooms.list.query())[0]?.id ?? "" as never;
  const { position } = await app.owner.api.messages.list.query({ roomId });
  return { roomId, position };
}

const send = (app: TestApp, roomId: string, text: string) =>
  app.owner.api.messages.send.mutate({ roomId: roomId as never, clientMessageId: text, text });

describe("subscriptions over HTTP", () => {
  it("count as running while they replay, but not when they are live or closed", async () => {
    await using app = await testApp();
    const { roomId, position } = await generalOf(app);
    await send(app, roomId, "missed");
    const { messageReader } = app.services;
    const read = messageReader.materializeUpTo.bind(messageReader);
    const gate = Promise.withResolvers<void>();
    let [running, most] = [0, 0];
    messageReader.materializeUpTo = async (...args) => {
      most = Math.max(most, ++running);
      await gate.promise;
      running--;
      return await read(...args);
    };
    const atOnce = Math.floor(ACCOUNT_STARTED_WEIGHT / weightOf("messages.onEvent"));
    const open = () => openStream(app, { roomId, lastEventId: position });
    const openAll = () => Promise.all(Array.from({ length: STREAMS_PER_USER_COUNT }, open));
    const { connections } = app.services;
    const dropped = await openAll();
    await waitFor(() => connections.streamCount === STREAMS_PER_USER_COUNT && running === atOnce);
    expect(most).toBe(atOnce);
    // A closed stream makes room for the next.
    for (const stream of dropped) await stream[Symbol.asyncDispose]();
    await waitFor(() => connections.streamCount === 0);
    const abandoned = running;
    const streams = await openAll();
    await waitFor(() => running === abandoned + atOnce);
    gate.resolve();
    await waitFor(() => streams.every(({ text }) => text.includes('"missed"')));
    expect(most).toBe(abandoned + atOnce);
    // All streams are open, and other calls still work.
    await send(app, roomId, "live");
    await waitFor(() => streams.every(({ text }) => text.includes('"live"')));
    for (const stream of streams) await stream[Symbol.asyncDispose]();
  });

  it("count unread data for their reader's account until it is read", async () => {
    await using app = await testApp();
    const { roomId } = await generalOf(app);
    await using stuck = await openStream(app, { roomId });
    await waitFor(() => stuck.text.includes('"subscribed"'));
    stuck.stopReading();
    const text = "x".repeat(64 * 1024);
    const { work } = app.services;
    for (let count = 0; count < 600; count++) {
      app.services.hub.publish(roomTopic(roomId), filler(text));
      await new Promise<void>((resolve) => setTimeout(resolve));
      expect(work.heldBytes).toBeLessThanOrEqual(ACCOUNT_ANSWER_BYTES);
    }
    expect(work.heldBytes).toBeGreaterThanOrEqual(text.length);
    stuck.readOn();
    await waitFor(() => stuck.byteCount > 600 * text.length);
    await waitFor(() => work.heldBytes === 0);
  });
});
