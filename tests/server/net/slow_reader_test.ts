import { describe, expect, it } from "vitest";
import { EPHEMERAL_SKIP_BYTES, SLOW_CONSUMER_BYTES } from "../../../shared/limits.ts";
import { roomTopic } from "../../../server/rooms/room_stream.ts";
import { filler } from "../../support/filler.ts";
import { RawClient, rawFrame } from "../../support/raw_client.ts";
import { testApp } from "../../support/test_app.ts";
import type { Person, TestApp } from "../../support/test_app.ts";
import { waitFor } from "../../support/wait.ts";

const MIB = 1024 * 1024;
/** Far more than the system's buffers hold. */
const FLOOD_MIB = 200;

async function general(app: TestApp): Promise<string> {
  return (await app.owner.api.rooms.list.query())[0]?.id ?? "";
}

async function reader(app: TestApp, person: Person, roomId: string): Promise<RawClient> {
  const client = await RawClient.dial(app.port, person.device.address);
  await client.upgrade({ Origin: app.url, Cookie: person.device.cookie ?? "" });
  const params = { path: "messages.onEvent", input: { roomId } };
  client.write(rawFrame(JSON.stringify({ id: 1, method: "subscription", params })));
  await waitFor(() => client.text.includes('"subscribed"'));
  return client;
}

describe("slow readers", () => {
  it("T36 are disconnected by the bytes that wait for them, without affecting others", async () => {
    await using app = await testApp();
    const roomId = await general(app);
    const slow = await app.person("Slow");
    const quick = await app.person("Quick");
    await using stuck = await reader(app, slow, roomId);
    await using alive = await reader(app, quick, roomId);
    stuck.stopReading();
    const text = "x".repeat(64 * 1024);
    const connection = app.services.connections.all().find(({ login }) => login?.userId === slow.id);
    let isCut = false;
    let waitingMax = 0;
    connection?.onClose(() => isCut = true);
    let sent = 0;
    for (; sent < FLOOD_MIB * 16 && !isCut; sent++) {
      app.services.hub.publish(roomTopic(roomId as never), filler(text));
      await new Promise<void>((resolve) => setTimeout(resolve));
      waitingMax = Math.max(waitingMax, connection?.bufferedBytes ?? 0);
    }
    expect(isCut).toBe(true);
    expect(app.services.connections.count).toBe(1);
    expect(waitingMax).toBeLessThan(SLOW_CONSUMER_BYTES + 2 * text.length);
    // The other reader receives everything.
    await waitFor(() => alive.byteCount > sent * text.length);
    expect(alive.frames().filter(({ payload }) => payload.length > text.length)).toHaveLength(sent);
  });

  it("miss typing and presence updates", async () => {
    await using app = await testApp();
    const roomId = await general(app);
    const slow = await app.person("Slow");
    await using stuck = await reader(app, slow, roomId);
    stuck.stopReading();
    const connection = app.services.connections.all()[0];
    if (connection === undefined) throw new Error("Nobody is connected");
    const big = "x".repeat(64 * 1024);
    for (let count = 0; count < 4_000 && connection.bufferedBytes < EPHEMERAL_SKIP_BYTES; count++) {
      app.services.hub.publish(roomTopic(roomId as never), filler(big));
      await new Promise<void>((resolve) => setTimeout(resolve));
    }
    const { skipped } = app.services.hub.stats;
    const { bufferedBytes } = connection;
    app.services.hub.publish(roomTopic(roomId as never), { ...filler(big), ephemeral: true });
    await waitFor(() => app.services.hub.stats.skipped === skipped + 1);
    expect(connection.bufferedBytes).toBeLessThanOrEqual(bufferedBytes);
    let isDrained = false;
    void connection.drained().then(() => isDrained = true);
    stuck.readOn();
    await waitFor(() => isDrained);
    expect(connection.isOpen).toBe(true);
  });

  it("send no further requests while their answers wait", async () => {
    await using app = await testApp();
    const roomId = await general(app);
    const slow = await app.person("Slow");
    const text = "é".repeat(4_000);
    for (let count = 0; count < 12; count++) {
      await slow.api.messages.send.mutate({ roomId: roomId as never, clientMessageId: `m${count}`, text });
    }
    await using stuck = await RawClient.dial(app.port, slow.device.address);
    await stuck.upgrade({ Origin: app.url, Cookie: slow.device.cookie ?? "" });
    stuck.stopReading();
    const params = { path: "messages.list", input: { roomId, limit: 100 } };
    const connection = app.services.connections.all()[0];
    if (connection === undefined) throw new Error("Nobody is connected");
    for (let id = 1; id <= 200; id++) stuck.write(rawFrame(JSON.stringify({ id, method: "query", params })));
    await waitFor(() => connection.bufferedBytes > SLOW_CONSUMER_BYTES || !connection.isOpen);
    expect(connection.bufferedBytes).toBeLessThan(10 * MIB);
    stuck.readOn();
    await waitFor(() => stuck.frames().length >= 200);
  });

  it("over HTTP lose a stream without any traffic", async () => {
    await using app = await testApp({ silenceMs: 300 });
    await using stuck = await RawClient.dial(app.port, app.owner.device.address);
    stuck.request([
      "GET /trpc/presence.onPresence HTTP/1.1",
      "Host: 127.0.0.1",
      `Cookie: ${app.owner.device.cookie}`,
      "Accept: text/event-stream",
    ]);
    await stuck.answered();
    await waitFor(() => app.services.connections.streamCount === 1);
    await waitFor(() => app.services.connections.streamCount === 0);
    await stuck.closed();
  });
});
