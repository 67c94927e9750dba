import { describe, expect, it } from "vitest";
import type { RoomId } from "../../../shared/ids.ts";
import { directRoom, generalRoom, tabOf, VOICE } from "../../support/call_kit.ts";
import { testApp } from "../../support/test_app.ts";
import type { Person } from "../../support/test_app.ts";
import type { Client } from "../../support/test_clients.ts";

const LONG = { timeout: 20_000 };

/** Ana and Ben have a direct room, in which Ana has written. */
async function open() {
  const app = await testApp({ file: true });
  const [ana, ben] = [app.owner, await app.person("Ben")];
  const roomId = await directRoom(ana, ben);
  const send = async (text: string) =>
    (await ana.api.messages.send.mutate({ roomId, clientMessageId: text, text })).offset;
  return {
    ...{ app, ana, ben, roomId, send, tab: await tabOf(app, ana) },
    async [Symbol.asyncDispose]() {
      await app[Symbol.asyncDispose]();
    },
  };
}

async function unreadOf({ api }: Pick<Person, "api">, roomId: RoomId): Promise<number> {
  return (await api.rooms.list.query()).find(({ id }) => id === roomId)?.unread ?? -1;
}

/** What somebody who is connected sees of a room, newest last. */
function watch(api: Client, roomId: RoomId) {
  const seen: number[] = [];
  const subscription = api.rooms.onChange.subscribe({}, {
    onData(update) {
      const rooms = update.type === "snapshot"
        ? update.rooms
        : update.type === "room_changed"
        ? [update.room]
        : [];
      for (const { id, unread } of rooms) if (id === roomId && seen.at(-1) !== unread) seen.push(unread);
    },
  });
  return { seen, stop: () => subscription.unsubscribe() };
}

describe("a missed call", () => {
  it("is unread for whom it rang, until it is marked as read", async () => {
    await using test = await open();
    const { app, ana, ben, roomId, send, tab } = test;
    const offset = await send("Hello");
    await ben.api.rooms.markRead.mutate({ roomId, offset });
    const socket = app.clientFor(ben, "ws");
    const connected = watch(socket, roomId);
    await expect.poll(() => connected.seen, LONG).toEqual([0]);
    for (const unread of [1, 2]) {
      await tab.leave((await tab.start(roomId)).call);
      await expect.poll(() => connected.seen.at(-1), LONG).toBe(unread);
    }
    expect(await unreadOf(ben, roomId), "as stored").toBe(2);
    expect(await unreadOf(ana, roomId)).toBe(0);
    const head = (await ben.api.rooms.list.query()).find(({ id }) => id === roomId)?.head ?? 0;
    await ben.api.rooms.markRead.mutate({ roomId, offset });
    expect(await unreadOf(ben, roomId), "the message was read already").toBe(2);
    await ben.api.rooms.markRead.mutate({ roomId, offset: head - 1 });
    await expect.poll(() => connected.seen.at(-1), LONG).toBe(1);
    await ben.api.rooms.markRead.mutate({ roomId, offset: head });
    await expect.poll(() => connected.seen, LONG).toEqual([0, 1, 2, 1, 0]);
    connected.stop();
    await send("later");
    await app.restart();
    // Over the sockets, so that no client is left waiting to connect again.
    expect(await unreadOf({ api: socket }, roomId)).toBe(1);
    expect(await unreadOf({ api: tab.api }, roomId)).toBe(0);
  });

  it("is unread for nobody who answered or declined", async () => {
    await using test = await open();
    const { app, ben, roomId, tab } = test;
    const phone = await tabOf(app, ben);
    const general = await generalRoom(app.owner);
    const [cy, di] = [await app.person("Cy"), await app.person("Di")];
    const { call } = await tab.start(roomId);
    await phone.accept(call);
    await tab.leave(call);
    const { call: declined } = await tab.start(roomId);
    await phone.api.calls.decline.mutate({
      callId: declined.callId,
      tabId: phone.tabId,
      reason: "declined",
    });
    await tab.leave(declined);
    expect(await unreadOf(ben, roomId)).toBe(0);
    const ring = [ben.id, cy.id, di.id];
    const { call: { callId } } = await tab.api.calls.start.mutate({
      roomId: general,
      tabId: tab.tabId,
      media: VOICE,
      ring,
    });
    const third = await tabOf(app, cy);
    await third.api.calls.decline.mutate({ callId, tabId: third.tabId, reason: "declined" });
    await tab.leave({ callId });
    const counts = await Promise.all([ben, cy, di].map((person) => unreadOf(person, general)));
    expect(counts).toEqual([1, 0, 1]);
  });
});
