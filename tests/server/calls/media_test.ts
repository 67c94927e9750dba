import { describe, expect, it } from "vitest";
import { codeOf, generalRoom, tabOf, VIDEO, VOICE } from "../../support/call_kit.ts";
import type { CallTab } from "../../support/call_kit.ts";
import { testApp } from "../../support/test_app.ts";
import type { TestApp } from "../../support/test_app.ts";

const SILENT = { mic: false, cam: false, screen: false, screenAudio: false, hand: false };

function tell(tab: CallTab, callId: string, media: Partial<typeof SILENT> & { revision?: number }) {
  return tab.api.calls.media.mutate({ callId, tabId: tab.tabId, ...SILENT, ...media });
}

/** Opens tabs of people who are in the room that everybody is in. */
async function tabs(app: TestApp, count: number): Promise<CallTab[]> {
  const all = [await tabOf(app, app.owner)];
  while (all.length < count) all.push(await tabOf(app, await app.person(`Guest ${all.length}`)));
  return all;
}

describe("media of calls", () => {
  it("MEDIA1 is told to everybody, with hands in the order in which the server saw them", async () => {
    await using app = await testApp();
    const [one, two] = await tabs(app, 2) as [CallTab, CallTab];
    const { call } = await one.start(await generalRoom(app.owner), VIDEO);
    const joined = await two.join(call);
    const { revision } = await tell(two, call.callId, {
      mic: true,
      screen: true,
      screenAudio: true,
      hand: true,
    });
    expect(revision).toBe(joined.call.revision + 1);
    const seen = await one.until(2);
    expect(one.call()?.revision ?? seen.revision).toBeGreaterThanOrEqual(joined.call.revision);
    await one.next("call_changed", 2);
    const [, mine] = one.call()?.participants ?? [];
    expect(mine?.media).toEqual({ mic: true, cam: false, screen: true, screenAudio: true });
    const since = mine?.handSince;
    expect(since).toMatch(/Z$/);
    await tell(two, call.callId, { hand: true });
    await one.next("call_changed", 3);
    expect(one.call()?.participants[1]?.handSince, "a hand that stays up").toBe(since);
    await tell(two, call.callId, {});
    await one.next("call_changed", 4);
    expect(one.call()?.participants[1]?.handSince).toBe(null);
    const told = one.heard.length;
    const same = await tell(two, call.callId, {});
    expect(same.revision).toBe(one.call()?.revision);
    expect(one.heard.length).toBe(told);
  });

  it("MEDIA2 fits a mesh of four with any pictures, or six with one; nobody's camera is switched off", async () => {
    await using app = await testApp();
    const all = await tabs(app, 7);
    const [first, ...others] = all as [CallTab, ...CallTab[]];
    const { call } = await first.start(await generalRoom(app.owner), VIDEO);
    for (const tab of others.slice(0, 3)) await tab.join(call, VIDEO);
    const [fifth, sixth, seventh] = all.slice(4) as [CallTab, CallTab, CallTab];
    expect(await codeOf(fifth.join(call, VOICE)), "four with cameras").toBe("call_full");
    for (const tab of others.slice(0, 3)) await tell(tab, call.callId, { mic: true });
    await fifth.join(call, VOICE);
    expect(await codeOf(sixth.join(call, VIDEO)), "a second picture").toBe("call_full");
    await sixth.join(call, VOICE);
    expect(await codeOf(seventh.join(call, VOICE)), "a seventh").toBe("call_full");
    expect(await codeOf(tell(sixth, call.callId, { mic: true, screen: true })), "a screen too").toBe(
      "call_full",
    );
    const now = await app.owner.api.calls.current.query({ roomId: call.roomId });
    expect(now?.participants.map(({ media }) => media.cam)).toEqual([
      true,
      false,
      false,
      false,
      false,
      false,
    ]);
    await tell(first, call.callId, { mic: true });
    await tell(sixth, call.callId, { mic: true, screen: true });
  });

  it("MEDIA3 can be muted by moderators, who can also remove people, but never unmute", async () => {
    await using app = await testApp();
    const [one, two, three] = await tabs(app, 3) as [CallTab, CallTab, CallTab];
    const { call, participantId } = await one.start(await generalRoom(app.owner));
    const target = (await two.join(call)).participantId;
    const moderate = (tab: CallTab, id: string, action: "mute" | "remove") =>
      tab.api.calls.moderate.mutate({ callId: call.callId, tabId: tab.tabId, participantId: id, action });
    expect(await codeOf(moderate(two, participantId, "mute"))).toBe("not_allowed");
    await moderate(one, target, "mute");
    await moderate(one, target, "mute");
    await two.next("call_changed", 2);
    expect(two.call()?.participants[1]?.media.mic).toBe(false);
    expect(two.all("call_changed").length).toBe(3);
    // A raised hand that was under way does not undo it, but whoever knows of it may.
    const known = two.call()?.revision ?? 0;
    const raise = { mic: true, hand: true };
    expect(await tell(two, call.callId, { ...raise, revision: known - 1 })).toMatchObject({ isMuted: true });
    expect((await app.services.calls.store.current(call.roomId))?.participants[1]).toMatchObject({
      media: { mic: false },
      handSince: expect.any(String),
    });
    expect(await tell(two, call.callId, { ...raise, revision: known })).toMatchObject({ isMuted: false });
    expect(await codeOf(moderate(one, "nobody-at-all-00", "mute"))).toBe("not_in_call");
    await moderate(one, target, "remove");
    const end = await two.next("call_ended");
    expect(end).toMatchObject({ callId: call.callId, reason: "kicked" });
    expect((await three.until(1)).participants[0]?.participantId).toBe(participantId);
    expect(three.all("call_ended")).toEqual([]);
    expect(await codeOf(tell(two, call.callId, {}))).toBe("not_in_call");
  });
});
