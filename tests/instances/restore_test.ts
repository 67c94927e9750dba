import { describe, expect, it } from "vitest";
import { backUp, restore } from "../../server/kv/backup.ts";
import type { RoomEvent, StreamControl } from "../../shared/event.ts";
import { hasDenokv, startDenokv } from "../support/denokv.ts";
import { seedShared } from "../support/seed.ts";
import { freePort } from "../support/free_port.ts";
import { startServerProcess } from "../support/server_process.ts";
import { Device } from "../support/test_clients.ts";
import { waitFor } from "../support/wait.ts";

const isPossible = await hasDenokv();

describe.skipIf(!isPossible)("a restored database under running instances", () => {
  it("INST14 F13 restarts them, and clients reload everything", async () => {
    await using kv = await startDenokv();
    const { people, roomIds } = await seedShared(kv.url, { names: ["Ben", "Cleo"], rooms: ["Deck"] });
    const [roomId] = roomIds;
    const env = { KV_URL: kv.url, DENO_KV_ACCESS_TOKEN: kv.token };
    if (roomId === undefined) throw new Error("There is no room");
    await using a = await startServerProcess({ port: freePort(), env });
    await using b = await startServerProcess({ port: freePort(), env });
    const devices = [a, b].map(({ url }, index) => {
      const device = new Device(url, `127.3.0.${index + 1}`);
      device.token = people[index]?.token ?? null;
      return device;
    });
    const clients = devices.map((device) => device.client("ws"));
    const seen = clients.map((client) => {
      const events: { position: string; event: RoomEvent | StreamControl }[] = [];
      const subscription = client.messages.onEvent.subscribe({ roomId }, {
        onData: ({ id, data }) => void events.push({ position: id, event: data }),
      });
      return { events, stop: () => subscription.unsubscribe() };
    });
    await waitFor(() => seen.every(({ events }) => events.length === 1));
    const [ben, cleo] = clients;
    const send = (client: typeof ben, id: string) =>
      client?.messages.send.mutate({ roomId, clientMessageId: id, text: id });
    await send(ben, "kept");
    const copy = `${kv.file}.copy`;
    await backUp(kv.file, copy);
    await send(cleo, "lost1");
    await send(ben, "lost2");
    await waitFor(() => seen.every(({ events }) => events.length === 4));
    const epochOf = (position: string) => position.split(".")[0];
    const [first] = seen[0]?.events ?? [];

    await kv.kill();
    await restore(copy, kv.file);
    await kv.restart();
    // Clients dial again by themselves and hear that what they have cannot be continued.
    await waitFor(
      () => seen.every(({ events }) => events.some(({ event }) => event.type === "resync_required")),
      { timeoutMs: 20_000 },
    );
    for (const { events } of seen) {
      const at = events.findIndex(({ event }) => event.type === "resync_required");
      expect(epochOf(events[at]?.position ?? "")).not.toBe(epochOf(first?.position ?? ""));
      // Nothing of the new life came under a position of the old one.
      expect(events.slice(0, at).map(({ event }) => event.offset)).toEqual([3, 4, 5, 6]);
    }
    const page = await cleo?.messages.list.query({ roomId });
    expect(page?.messages.map(({ text }) => text)).toEqual(["kept"]);
    await send(cleo, "after");
    const texts = ({ events }: typeof seen[number]) =>
      events.flatMap(({ event }) => event.type === "message_sent" ? [event.message.text] : []);
    await waitFor(() => seen.every((one) => texts(one).at(-1) === "after"));
    for (const { stop } of seen) stop();
    for (const device of devices) await device[Symbol.asyncDispose]();
    expect(a.output() + b.output()).toContain('reason="restored"');
  }, 60_000);
});
