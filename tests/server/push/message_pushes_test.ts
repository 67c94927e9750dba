import { describe, expect, it } from "vitest";
import { roomTag } from "../../../shared/notify/push_payload.ts";
import { TOLD_ELSEWHERE_AFTER_MS } from "../../../shared/notify/who_is_told.ts";
import { MessagePushes } from "../../../server/push/message_pushes.ts";
import type { MessagePushesOptions } from "../../../server/push/message_pushes.ts";
import { PushKit } from "../../support/push_kit.ts";
import type { Person } from "../../support/test_app.ts";

async function generalRoom({ api }: Person) {
  const room = (await api.rooms.list.query()).find(({ name }) => name === "General");
  if (room === undefined) throw new Error("There is no room");
  return room;
}

/** Ana writes; Ben has a phone with notifications, on which no page is open. */
async function open(options: Parameters<typeof PushKit.open>[0] = {}) {
  const kit = await PushKit.open(options);
  const { owner } = kit.app;
  const ben = await kit.app.person("Ben");
  await kit.subscribe(ben, "phone");
  const { id: roomId } = await generalRoom(owner);
  let count = 0;
  const send = (text: string, room = roomId) =>
    owner.api.messages.send.mutate({ roomId: room, clientMessageId: `m${++count}`, text });
  const bodies = () => kit.service.payloadsOf("phone").map(({ body }) => body);
  return { kit, owner, ben, roomId, send, bodies, [Symbol.asyncDispose]: () => kit[Symbol.asyncDispose]() };
}

describe("a message", () => {
  it("is pushed to members with a subscription, except its author", async () => {
    await using test = await open();
    const { kit, owner, roomId, send } = test;
    await kit.subscribe(owner, "laptop");
    const { offset, at } = await send("Hello\nBen");
    await expect.poll(() => kit.service.received.length, { timeout: 30_000 }).toBe(1);
    expect(kit.service.payloadsOf("phone")).toEqual([{
      kind: "message",
      tag: roomTag(roomId),
      title: "Ana in General",
      body: "Hello Ben",
      url: `/r/${roomId}/${offset}`,
      sentAt: Date.parse(at),
      isSilent: false,
      unread: { ownCount: 0, hasMore: true },
      close: [],
    }]);
    expect(kit.service.asked).toEqual(["phone"]);
  });

  it("is not pushed where level, mute, quiet hours or do not disturb forbid it", async () => {
    await using test = await open({ now: () => Date.parse("2030-01-31T12:00:00Z") });
    const { kit, ben, roomId, bodies } = test;
    // Everyone is decided about at once, so what Cy has been told of, Ben has or never will.
    await kit.subscribe(await kit.app.person("Cy"), "tablet");
    const send = async (text: string) => {
      await test.send(text);
      await expect.poll(() => kit.service.payloadsOf("tablet").at(-1), { timeout: 30_000 }).toMatchObject({
        body: text,
      });
    };
    const { rooms, settings, presence } = ben.api;
    await rooms.setLevel.mutate({ roomId, level: "mentions" });
    await send("not for Ben");
    await send("for @Ben");
    await expect.poll(bodies, { timeout: 30_000 }).toEqual(["for @Ben"]);
    await rooms.setLevel.mutate({ roomId, level: "all", mutedUntil: "2999-01-01T00:00:00Z" });
    await send("@Ben muted");
    await rooms.setLevel.mutate({ roomId, level: "none", mutedUntil: null });
    await send("@Ben none");
    await rooms.setLevel.mutate({ roomId, level: "all" });
    await presence.set.mutate({ status: "away", doNotDisturb: true });
    await send("@Ben busy");
    await presence.set.mutate({ status: "away", doNotDisturb: false });
    await settings.set.mutate({ quietHours: { from: "12:00", to: "13:00" }, timeZone: "UTC" });
    await send("@Ben at noon");
    await settings.set.mutate({ quietHours: null, previews: false, sound: false });
    await send("@Ben a secret");
    await expect.poll(bodies, { timeout: 30_000 }).toEqual(["for @Ben", "New message"]);
    const last = test.kit.service.payloadsOf("phone").at(-1);
    expect(last).toMatchObject({ title: "Parley", isSilent: true, unread: { ownCount: 6, hasMore: true } });
    expect(JSON.stringify(last)).not.toMatch(/secret|Ana|General/);
  });

  it("is pushed after 30 s to whoever uses a device, unless it was read, and closes what was read", async () => {
    const clock = { now: Date.parse("2030-01-31T12:00:00Z") };
    await using test = await open({ now: () => clock.now });
    const { ben, owner, roomId, send, bodies } = test;
    const { id: other } = await owner.api.rooms.openDirect.mutate({ userId: ben.id });
    await send("first");
    await expect.poll(bodies, { timeout: 30_000 }).toEqual(["first"]);
    await ben.api.presence.set.mutate({ status: "online" });
    const read = await send("read meanwhile");
    await send("still unread", other);
    expect(bodies()).toEqual(["first"]);
    await ben.api.rooms.markRead.mutate({ roomId, offset: read.offset });
    clock.now += TOLD_ELSEWHERE_AFTER_MS + 1;
    await expect.poll(bodies, { timeout: 30_000 }).toEqual(["first", "still unread"]);
    expect(test.kit.service.payloadsOf("phone").at(-1)).toMatchObject({
      title: "Ana",
      unread: { ownCount: 1, hasMore: true },
      close: [roomTag(roomId)],
    });
  });

  it("is pushed as it is by then: edited, or not at all if it was deleted", async () => {
    const clock = { now: Date.parse("2030-01-31T12:00:00Z") };
    await using test = await open({ now: () => clock.now });
    const { kit, owner: { api }, ben, roomId, send, bodies } = test;
    await ben.api.presence.set.mutate({ status: "online" });
    const { offset: deleted } = await send("@Ben deleted");
    const { offset: edited } = await send("@Ben first");
    await api.messages.edit.mutate({ roomId, offset: edited, text: "@Ben edited" });
    await api.messages.delete.mutate({ roomId, offset: deleted });
    clock.now += TOLD_ELSEWHERE_AFTER_MS + 1;
    await expect.poll(bodies, { timeout: 30_000 }).toEqual(["@Ben edited"]);
    expect(kit.service.asked.length).toBe(1);
  });

  it("is not sent again with a text that was edited or deleted since the first attempt", async () => {
    await using test = await open();
    const { kit: { app, service }, owner: { api }, roomId, send, bodies } = test;
    /** Lets the first attempt fail after a change of the message. */
    const sendAndChange = async (text: string, change: (offset: number) => Promise<unknown>) => {
      const before = service.asked.length;
      const isChanged = Promise.withResolvers<void>();
      service.answerBy(async () => {
        if (service.asked.length > before + 1) return new Response(null, { status: 201 });
        await isChanged.promise;
        return new Response(null, { status: 503 });
      });
      const { offset } = await send(text);
      await expect.poll(() => service.asked.length, { timeout: 30_000 }).toBe(before + 1);
      await change(offset);
      isChanged.resolve();
    };
    await sendAndChange("first", (offset) => api.messages.edit.mutate({ roomId, offset, text: "edited" }));
    await expect.poll(bodies, { timeout: 30_000 }).toEqual(["edited"]);
    await sendAndChange("secret", (offset) => api.messages.delete.mutate({ roomId, offset }));
    await expect.poll(() => app.services.push.sender.waitingCount, { timeout: 30_000 }).toBe(0);
    expect([bodies(), service.asked.length]).toEqual([["edited"], 3]);
  });

  it("is pushed to whoever has joined the room since the last one", async () => {
    await using test = await open();
    const { kit, owner, ben, send, bodies } = test;
    const cy = await kit.app.person("Cy");
    await kit.subscribe(cy, "tablet");
    const { id } = await owner.api.rooms.create.mutate({ name: "Secret", kind: "private" });
    await owner.api.rooms.addMember.mutate({ roomId: id, userId: ben.id });
    await send("first", id);
    await expect.poll(bodies, { timeout: 30_000 }).toEqual(["first"]);
    await owner.api.rooms.addMember.mutate({ roomId: id, userId: cy.id });
    await send("second", id);
    await expect.poll(() => kit.service.payloadsOf("tablet").map(({ body }) => body), { timeout: 30_000 })
      .toEqual(["second"]);
  });

  it("is urgent if it is meant for the person: a mention, or a reply to one of theirs", async () => {
    await using test = await open();
    const { kit, owner, ben, roomId, send, bodies } = test;
    const reply = (replyTo: number, text: string) =>
      owner.api.messages.send.mutate({ roomId, clientMessageId: `r${replyTo}`, text, replyTo });
    const { offset } = await ben.api.messages.send.mutate({ roomId, clientMessageId: "b", text: "Tea?" });
    const { offset: others } = await send("plain");
    await expect.poll(bodies, { timeout: 30_000 }).toEqual(["plain"]);
    await ben.api.rooms.setLevel.mutate({ roomId, level: "mentions" });
    await reply(others, "to herself");
    await reply(offset, "to Ben");
    await expect.poll(bodies, { timeout: 30_000 }).toEqual(["plain", "to Ben"]);
    await send("for @Ben");
    await expect.poll(bodies, { timeout: 30_000 }).toEqual(["plain", "to Ben", "for @Ben"]);
    expect(kit.service.received.map(({ headers }) => headers.get("urgency"))).toEqual([
      "normal",
      "high",
      "high",
    ]);
  });

  it("is not pushed once the person has left the room", async () => {
    await using test = await open();
    const { kit, owner, ben, send, bodies } = test;
    const { id } = await owner.api.rooms.create.mutate({ name: "Secret", kind: "private" });
    await owner.api.rooms.addMember.mutate({ roomId: id, userId: ben.id });
    await send("inside", id);
    await expect.poll(bodies, { timeout: 30_000 }).toEqual(["inside"]);
    await owner.api.rooms.removeMember.mutate({ roomId: id, userId: ben.id });
    await send("outside", id);
    await send("General");
    await expect.poll(bodies, { timeout: 30_000 }).toEqual(["inside", "General"]);
    expect(kit.service.asked.length).toBe(2);
  });
});

describe("MessagePushes", () => {
  it("looks at 1,000 messages at once, and counts the others as dropped", async () => {
    let hear = (_notice: unknown): void => {};
    let lookedAtCount = 0;
    const counts = { dropped: 0 };
    const pushes = new MessagePushes({
      feed: { subscribe: (_: string, hearer: typeof hear) => (hear = hearer, () => {}) },
      subscriptions: { people: new Set(["somebody"]) },
      people: { of: () => Promise.resolve(void lookedAtCount++).then(() => new Set()) },
      sender: { counts },
      now: Date.now,
    } as unknown as MessagePushesOptions);
    const events = Array.from({ length: 1_200 }, (_, offset) => ({
      type: "message_sent",
      message: { roomId: "room", offset },
    }));
    hear({ type: "committed", kind: "room", streamId: "room", events });
    await expect.poll(() => lookedAtCount, { timeout: 30_000 }).toBe(1_000);
    expect(counts.dropped).toBe(200);
    await pushes.close();
    expect(lookedAtCount).toBe(1_000);
  });

  it("writes for 16 people at once, however many are told", async () => {
    let hear = (_notice: unknown): void => {};
    const people = Array.from({ length: 40 }, (_, index) => `person ${index}`);
    const device = { id: "push", isActive: false };
    const counts = { running: 0, most: 0, done: 0 };
    const pushes = new MessagePushes({
      feed: { subscribe: (_: string, hearer: typeof hear) => (hear = hearer, () => {}) },
      rooms: { access: { row: () => Promise.resolve({ kind: "channel", name: "General" }) } },
      people: {
        of: () => Promise.resolve(new Set(people)),
        among: (userIds: string[]) =>
          Promise.resolve(userIds.map((userId) => ({
            userId,
            telling: { isTold: true, reason: "mention", now: [device.id], later: null },
          }))),
      },
      claims: {
        perform: (_task: unknown, _data: unknown, work: (isHeld: () => boolean) => unknown) =>
          work(() => true),
      },
      subscriptions: {
        people: new Set(people),
        devicesOf: async () => {
          counts.most = Math.max(counts.most, ++counts.running);
          // Whatever is begun at the same time has begun by then.
          await new Promise((resolve) => setTimeout(resolve));
          counts.running--;
          counts.done++;
          return [];
        },
      },
      messageAt: () => Promise.resolve({ deletedAt: null }),
      log: { warn: () => {} },
      sender: { counts: { dropped: 0 } },
      now: Date.now,
    } as unknown as MessagePushesOptions);
    const message = { roomId: "room", offset: 1, deletedAt: null };
    hear({ type: "committed", kind: "room", streamId: "room", events: [{ type: "message_sent", message }] });
    await expect.poll(() => counts.done, { timeout: 30_000 }).toBe(people.length);
    expect(counts.most).toBe(16);
    await pushes.close();
  });
});
