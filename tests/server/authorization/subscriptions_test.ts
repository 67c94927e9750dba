import { describe, expect, it } from "vitest";
import { appRouter } from "../../../server/router.ts";
import { newId } from "../../../shared/ids.ts";
import type { RoomId, TabId } from "../../../shared/ids.ts";
import { REVOKE_WITHIN_MS } from "../../../shared/limits.ts";
import { RawClient, rawFrame } from "../../support/raw_client.ts";
import { testApp } from "../../support/test_app.ts";
import type { Person, TestApp } from "../../support/test_app.ts";
import type { Client, Transport } from "../../support/test_clients.ts";
import { pause, waitFor } from "../../support/wait.ts";

interface Heard {
  readonly items: unknown[];
  readonly errors: string[];
  isOpen: boolean;
}

type Subscribe = (client: Client, roomId: RoomId, handlers: Handlers) => { unsubscribe(): void };

interface Handlers {
  onStarted(): void;
  onData(item: unknown): void;
  // The stock client's errors are of many types; this reads the part that the contract names.
  // deno-lint-ignore no-explicit-any -- see above
  onError(error: any): void;
}

interface SubscriptionRow {
  readonly isOfRoom: boolean;
  readonly subscribe: Subscribe;
  /** If it has an input without being of a room. */
  readonly input?: object;
}

const TAB_ID = newId<TabId>();

/** Every subscription, and whether it is of one room; a new one without a row fails the first test. */
const SUBSCRIPTIONS: Record<string, SubscriptionRow> = {
  "messages.onEvent": {
    isOfRoom: true,
    subscribe: (client, roomId, handlers) => client.messages.onEvent.subscribe({ roomId }, handlers),
  },
  "typing.onTyping": {
    isOfRoom: true,
    subscribe: (client, roomId, handlers) => client.typing.onTyping.subscribe({ roomId }, handlers),
  },
  "presence.onPresence": {
    isOfRoom: false,
    subscribe: (client, _roomId, handlers) => client.presence.onPresence.subscribe(undefined, handlers),
  },
  "settings.onChange": {
    isOfRoom: false,
    subscribe: (client, _roomId, handlers) => client.settings.onChange.subscribe(undefined, handlers),
  },
  "status.onChange": {
    isOfRoom: false,
    subscribe: (client, _roomId, handlers) => client.status.onChange.subscribe(undefined, handlers),
  },
  "calls.onSignal": {
    isOfRoom: false,
    subscribe: (client, _roomId, handlers) => client.calls.onSignal.subscribe({ tabId: TAB_ID }, handlers),
    input: { tabId: TAB_ID },
  },
  "rooms.onChange": {
    isOfRoom: false,
    subscribe: (client, _roomId, handlers) => client.rooms.onChange.subscribe({ also: ["typing"] }, handlers),
  },
};

const HOUR_MS = 3_600_000;

function follow(client: Client, roomId: RoomId, subscribe: Subscribe): Heard {
  const heard: Heard = { items: [], errors: [], isOpen: false };
  subscribe(client, roomId, {
    onStarted: () => void (heard.isOpen = true),
    onData: (item) => void heard.items.push(item),
    onError: (error) => void heard.errors.push(String(error?.data?.appCode ?? error)),
  });
  return heard;
}

async function demote(app: TestApp, person: Person): Promise<void> {
  await app.owner.api.users.setRole.mutate({ userId: person.id, role: "guest" });
}

/** A public room that the owner is in and nobody else. */
async function openRoom(app: TestApp): Promise<RoomId> {
  return (await app.owner.api.rooms.create.mutate({ name: "Open", kind: "public" })).id;
}

async function say(app: TestApp, roomId: RoomId, text: string): Promise<void> {
  await app.owner.api.typing.set.mutate({ roomId, isTyping: true });
  await app.owner.api.messages.send.mutate({ roomId, clientMessageId: crypto.randomUUID(), text });
}

describe("subscriptions of somebody who loses access", () => {
  it("SUBS1 are all covered here", () => {
    const procedures = appRouter._def.procedures as unknown as Record<string, { _def: { type: string } }>;
    const names = Object.entries(procedures).filter(([, { _def }]) => _def.type === "subscription")
      .map(([name]) => name);
    expect(Object.keys(SUBSCRIPTIONS).sort()).toEqual(names.sort());
  });

  for (const transport of ["ws", "sse"] as const satisfies readonly Transport[]) {
    it(`SUBS2 end in rooms that a new guest had not joined, over ${transport}`, async () => {
      await using app = await testApp();
      const roomId = await openRoom(app);
      const ben = await app.person("Ben");
      const client = app.clientFor(ben, transport);
      const ofRoom = Object.values(SUBSCRIPTIONS).filter(({ isOfRoom }) => isOfRoom);
      const heard = ofRoom.map(({ subscribe }) => follow(client, roomId, subscribe));
      await waitFor(() => heard.every(({ isOpen }) => isOpen));
      await say(app, roomId, "For all");
      await waitFor(() => heard.every(({ items }) => items.length > 0));
      await demote(app, ben);
      await waitFor(() => heard.every(({ errors }) => errors.length > 0), { timeoutMs: REVOKE_WITHIN_MS });
      expect(heard.map(({ errors }) => errors[0])).toEqual(heard.map(() => "not_found"));
      const counts = heard.map(({ items }) => items.length);
      await say(app, roomId, "For members");
      await pause(200);
      expect(heard.map(({ items }) => items.length)).toEqual(counts);
    });
  }

  for (const transport of ["ws", "http"] as const satisfies readonly Transport[]) {
    it(`SUBS3 long polls are answered with the rights at their end, over ${transport}`, async () => {
      await using app = await testApp();
      const roomId = await openRoom(app);
      const ben = await app.person("Ben");
      const { position } = await ben.api.messages.list.query({ roomId });
      const waiting = app.clientFor(ben, transport).messages.since.query({ roomId, position, waitMs: 20_000 })
        .then((answer) => JSON.stringify(answer), (error) => String(error?.data?.appCode));
      await waitFor(() => app.services.hub.hasSubscribers(`room:${roomId}`));
      // At once one after the other: the message must not be faster than what it must not meet.
      await Promise.all([demote(app, ben), say(app, roomId, "For members")]);
      const answer = await waiting;
      if (answer !== "not_found") {
        // The message was first; what comes after the demotion is refused all the same.
        expect(answer).toContain("For members");
        const again = ben.api.messages.since.query({ roomId, position, waitMs: 1_000 });
        await expect(again).rejects.toMatchObject({ data: { appCode: "not_found" } });
      }
    });
  }

  it("SUBS4 a long poll that a demotion overtakes returns no message", async () => {
    await using app = await testApp();
    const roomId = await openRoom(app);
    const ben = await app.person("Ben");
    const { position } = await ben.api.messages.list.query({ roomId });
    const waiting = ben.api.messages.since.query({ roomId, position, waitMs: 20_000 });
    const refused = expect(waiting).rejects.toMatchObject({ data: { appCode: "not_found" } });
    await waitFor(() => app.services.hub.hasSubscribers(`room:${roomId}`));
    await demote(app, ben);
    await say(app, roomId, "For members");
    await refused;
  });

  it("SUBS5 end when the session expires", async () => {
    let aheadMs = 0;
    await using app = await testApp({ now: () => Date.now() + aheadMs });
    const roomId = await openRoom(app);
    const guest = await app.person("Guy", { role: "guest", roomId });
    // A guest's session lasts for seven days, however often it is used.
    for (let hours = 12; hours < 7 * 24; hours += 12) {
      aheadMs = hours * HOUR_MS;
      expect(await guest.api.auth.me.query()).not.toBeNull();
    }
    const { position } = await guest.api.messages.list.query({ roomId });
    aheadMs = 7 * 24 * HOUR_MS - 3_000;
    const names = Object.keys(SUBSCRIPTIONS).map((name) => streamPath(name, roomId));
    const wait = `/trpc/messages.since?input=${encode({ roomId, position, waitMs: 25_000 })}`;
    await using socket = await RawClient.dial(app.port, guest.device.address);
    await socket.upgrade({ Origin: app.url, Cookie: guest.device.cookie ?? "" });
    socket.write(rawFrame(JSON.stringify({
      id: 1,
      method: "subscription",
      params: { path: "messages.onEvent", input: { roomId } },
    })));
    const streams = await Promise.all(names.map((path) => get(app, guest, path)));
    const poll = await get(app, guest, wait);
    await waitFor(() => app.services.connections.streamCount === names.length);
    await waitFor(() => socket.text.includes("subscribed"));
    await Promise.all(streams.map((client) => client.closed(6_000)));
    await waitFor(() => poll.text.startsWith("HTTP/1.1 401"), { timeoutMs: 6_000 });
    await waitFor(() => socket.closeCode === 4501, { timeoutMs: 6_000 });
    await waitFor(() => app.services.connections.streamCount === 0);
    await say(app, roomId, "Too late for Guy");
    for (const client of [...streams, poll, socket]) expect(client.text).not.toContain("Too late for Guy");
  }, 30_000);

  it("SUBS6 end when the session's row is deleted", async () => {
    let aheadMs = 0;
    await using app = await testApp({ now: () => Date.now() + aheadMs });
    const ben = await app.person("Ben");
    const stream = await get(app, ben, streamPath("presence.onPresence", "" as RoomId));
    await waitFor(() => app.services.connections.streamCount === 1);
    await waitFor(() => stream.text.includes("snapshot"));
    // The first look at its login goes by, and the next is a minute away: only a notice can end it so soon.
    await pause(700);
    aheadMs = 15 * 24 * HOUR_MS;
    await app.services.expiry.collect();
    await stream.closed(REVOKE_WITHIN_MS);
  });
});

function encode(input: unknown): string {
  return encodeURIComponent(JSON.stringify(input));
}

function streamPath(name: string, roomId: RoomId): string {
  const { isOfRoom = false, input = isOfRoom ? { roomId } : null } = SUBSCRIPTIONS[name] ?? {};
  return `/trpc/${name}${input === null ? "" : `?input=${encode(input)}`}`;
}

async function get(app: TestApp, { device }: Person, path: string): Promise<RawClient> {
  const client = await RawClient.dial(app.port, device.address);
  client.request([
    `GET ${path} HTTP/1.1`,
    "Host: 127.0.0.1",
    `Cookie: ${device.cookie}`,
    "Accept: text/event-stream",
  ]);
  return client;
}
