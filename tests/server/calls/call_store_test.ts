import { describe, expect, it } from "vitest";
import type { CallDevice } from "../../../server/calls/call_record.ts";
import type { UserId } from "../../../shared/ids.ts";
import { directRoom, generalRoom, tabOf, VOICE } from "../../support/call_kit.ts";
import { testApp } from "../../support/test_app.ts";

describe("CallStore", () => {
  it("CSTORE1 removes nobody who has come back in another tab meanwhile", async () => {
    await using app = await testApp();
    const [ana, ben] = [app.owner, await app.person("Ben")];
    const roomId = await generalRoom(ana);
    const [one, two, second] = [await tabOf(app, ana), await tabOf(app, ben), await tabOf(app, ben)];
    const { calls } = app.services;
    const { store } = calls;
    const { call } = await one.start(roomId);
    const { participantId } = await two.join(call);
    const ownParticipant = async () =>
      (await calls.requireParticipant(ben.me.sessionId as string, call.callId)).participant;
    const former = await ownParticipant();
    const { call: { revision } } = await second.join(call);
    const back = await ownParticipant();
    expect(back).toMatchObject({ participantId, seq: 3 });
    await store.remove(roomId, former, "failed");
    const kept = await store.current(roomId);
    expect([kept?.participants.length, kept?.revision]).toEqual([2, revision]);
    await store.remove(roomId, back, "failed");
    expect((await one.until(1)).participants[0]?.userId).toBe(ana.id);
    expect((await second.next("call_ended")).reason).toBe("failed");
  });

  it("CSTORE2 asks whether it may ring only for those who neither ring nor are in the call", async () => {
    await using app = await testApp();
    const [ana, ben] = [app.owner, await app.person("Ben")];
    const roomId = await directRoom(ana, ben);
    const [one, two] = [await tabOf(app, ana), await tabOf(app, ben)];
    const { store } = app.services.calls;
    const asked: (readonly [UserId, boolean])[] = [];
    const start = ({ id: userId, me: { sessionId } }: typeof ana, { tabId }: typeof one) => {
      const device = {
        userId,
        accountId: userId,
        key: sessionId,
        sessionId,
        tokenId: null,
        tabId,
      } as CallDevice;
      const mayRing = (...options: readonly [UserId, boolean]) => asked.push(options) > 0;
      return store.start(device, roomId, { media: VOICE, ring: [], purpose: "talk", mayRing });
    };
    const { call } = await start(ana, one);
    expect(asked).toEqual([[ben.id, true]]);
    await start(ana, one);
    expect(asked.length, "rings already").toBe(1);
    await start(ben, two);
    expect(asked.length, "is in the call").toBe(1);
    await start(ana, one);
    expect(asked.length, "is in the call").toBe(1);
    await one.until(2);
    await one.leave(call);
  });
});
