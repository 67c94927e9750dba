import { describe, expect, it } from "vitest";
import type { PushPayload } from "../../../shared/notify/push_payload.ts";
import { callTag } from "../../../shared/notify/push_payload.ts";
import { newId } from "../../../shared/ids.ts";
import type { RoomId, TabId } from "../../../shared/ids.ts";
import { CALL_TIMES } from "../../../server/calls/call_keeper.ts";
import { directRoom, generalRoom, tabOf, VIDEO, VOICE } from "../../support/call_kit.ts";
import { PushKit } from "../../support/push_kit.ts";
import type { Client } from "../../support/test_clients.ts";

const LONG = { timeout: 30_000 };

/** Ana calls Ben, who has notifications on a phone and a tablet with no page open, and on a laptop with one. */
async function open(options: Parameters<typeof PushKit.open>[0] = {}) {
  const kit = await PushKit.open(options);
  const { app, service } = kit;
  const ben = await app.person("Ben");
  const deviceOf = async (name: string): Promise<Client> => {
    const device = app.device();
    const api = device.client("http");
    await api.auth.signIn.mutate({ name: "Ben", password: ben.password ?? "" });
    await kit.subscribe({ api }, name);
    return api;
  };
  await kit.subscribe(ben, "laptop");
  await app.clientFor(ben, "ws").presence.set.mutate({ status: "away" });
  const phone = await deviceOf("phone");
  const tablet = await deviceOf("tablet");
  return {
    kit,
    ben,
    phone,
    tablet,
    ana: await tabOf(app, app.owner),
    roomId: await directRoom(app.owner, ben),
    /** The last push of a device of one kind, once it has arrived. */
    async last<Kind extends PushPayload["kind"]>(device: string, kind: Kind) {
      const find = () => service.payloadsOf(device).findLast((payload) => payload.kind === kind);
      await expect.poll(find, LONG).toBeDefined();
      return find() as Extract<PushPayload, { kind: Kind }>;
    },
    kindsOf: (device: string) => service.payloadsOf(device).map(({ kind }) => kind),
    [Symbol.asyncDispose]: () => kit[Symbol.asyncDispose](),
  };
}

function start({ api, tabId }: { api: Client; tabId: TabId }, roomId: RoomId) {
  return api.calls.start.mutate({ roomId, tabId, media: VIDEO });
}

describe("a ring", () => {
  it("is pushed at once to the devices without an open page, and so is who answered it", async () => {
    await using test = await open();
    const { kit: { service }, ana, phone, roomId, last } = test;
    const { call: { callId } } = await start(ana, roomId);
    const ring = await last("phone", "call");
    await last("tablet", "call");
    expect(ring).toEqual({
      kind: "call",
      tag: callTag(callId),
      callId,
      roomId,
      title: "Ana",
      body: "Incoming video call",
      url: `/r/${roomId}`,
      sentAt: expect.any(Number),
      until: expect.any(Number),
      missed: "Missed call from Ana",
      close: [],
    });
    expect(ring.until - ring.sentAt).toBeLessThanOrEqual(45_000);
    expect(ring.sentAt).toBeLessThanOrEqual(Date.now());
    const [first] = service.received;
    expect(first?.headers.get("urgency")).toBe("high");
    expect(Number(first?.headers.get("ttl"))).toBeGreaterThan(35);
    expect(Number(first?.headers.get("ttl"))).toBeLessThanOrEqual(45);
    await phone.calls.accept.mutate({ callId, tabId: newId<TabId>(), media: VOICE });
    const end = await last("tablet", "callEnded");
    expect(end).toMatchObject({
      tag: ring.tag,
      title: "Ana",
      body: "Answered on another device",
      isMissed: false,
      unread: { ownCount: 0, hasMore: false },
    });
    const topics = service.received.filter(({ device }) => device === "tablet")
      .map(({ headers }) => headers.get("topic"));
    expect(new Set(topics).size).toBe(1);
    // Neither the device that answered nor the one whose page rang gets a push.
    await ana.leave({ callId });
    expect(test.kindsOf("phone")).toEqual(["call"]);
    expect(test.kindsOf("laptop")).toEqual([]);
  });

  it("can be declined by the worker, and is missed where nobody answers", async () => {
    await using test = await open({ callTimes: { ...CALL_TIMES, ringMs: 1_500 } });
    const { ana, phone, roomId, last, kindsOf } = test;
    const { call: { callId } } = await ana.start(roomId);
    expect((await last("phone", "call")).body).toBe("Incoming call");
    await last("tablet", "call");
    // The worker belongs to no tab.
    await phone.calls.decline.mutate({ callId, tabId: newId<TabId>(), reason: "declined" });
    expect((await last("tablet", "callEnded")).body).toBe("Declined on another device");
    await ana.leave({ callId });
    await ana.start(roomId);
    await expect.poll(() => kindsOf("phone"), LONG).toEqual(["call", "call", "callEnded"]);
    const missed = { body: "Missed call from Ana", isMissed: true, unread: { ownCount: 1 } };
    expect(await last("phone", "callEnded"), "although the caller has not hung up yet").toMatchObject(missed);
    await expect.poll(() => kindsOf("tablet"), LONG).toEqual(["call", "callEnded", "call", "callEnded"]);
  });

  it("is not pushed to whom it must not disturb, and without previews tells nothing", async () => {
    await using test = await open();
    const { kit, ana, ben, roomId, last, kindsOf } = test;
    const cy = await kit.app.person("Cy");
    await kit.subscribe(cy, "watch");
    const general = await generalRoom(kit.app.owner);
    const ringBoth = async (ringCount: number) => {
      const input = { roomId: general, tabId: ana.tabId, media: VOICE, ring: [ben.id, cy.id] };
      const { call } = await ana.api.calls.start.mutate(input);
      // Both are decided about at once, so what Cy has been told of, Ben has or never will.
      await expect.poll(() => kindsOf("watch").length, LONG).toBe(ringCount);
      await ana.leave(call);
      await expect.poll(() => kindsOf("watch").length, LONG).toBe(ringCount + 1);
    };
    await ben.api.presence.set.mutate({ status: "away", doNotDisturb: true });
    await ringBoth(1);
    expect((await last("watch", "call")).title).toBe("Ana in General");
    await ben.api.presence.set.mutate({ status: "away", doNotDisturb: false });
    await ben.api.rooms.setLevel.mutate({
      roomId: general,
      level: "all",
      mutedUntil: "2999-01-01T00:00:00Z",
    });
    await ringBoth(3);
    expect(kindsOf("phone")).toEqual([]);
    await ben.api.settings.set.mutate({ previews: false });
    const { call } = await ana.start(roomId, VIDEO);
    expect(await last("phone", "call")).toMatchObject({
      title: "Parley",
      body: "Incoming call",
      missed: "Missed call",
    });
    await ana.leave(call);
    expect((await last("phone", "callEnded")).body).toBe("Missed call");
  });

  it("that is over is not pushed again, and its end takes its place", async () => {
    await using test = await open({ push: { retryAfterMs: [600_000] } });
    const { kit: { service }, ana, roomId } = test;
    service.answerBy((_device, attempt) => new Response(null, { status: attempt === 1 ? 503 : 201 }));
    const { call } = await ana.start(roomId);
    await expect.poll(() => service.asked.toSorted(), LONG).toEqual(["phone", "tablet"]);
    await ana.leave(call);
    await expect.poll(() => test.kindsOf("phone"), LONG).toEqual(["callEnded"]);
    await expect.poll(() => test.kindsOf("tablet"), LONG).toEqual(["callEnded"]);
    expect(await test.last("phone", "callEnded")).toMatchObject({ unread: { ownCount: 1 } });
  });
});
