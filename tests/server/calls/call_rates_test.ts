import { describe, expect, it } from "vitest";
import { newId } from "../../../shared/ids.ts";
import type { CallId, ParticipantId, RoomId, TabId } from "../../../shared/ids.ts";
import { codeOf, directRoom, tabOf, VOICE } from "../../support/call_kit.ts";
import { testApp } from "../../support/test_app.ts";
import type { Client } from "../../support/test_clients.ts";

const inCall = { callId: newId<CallId>(), tabId: newId<TabId>() };
const somebody = newId<ParticipantId>();
const media = { mic: true, cam: false, screen: false, screenAudio: false, hand: false };
const signal = { to: somebody, epoch: 0, seq: 0, kind: "offer", payload: "x" } as const;

type Act = (calls: Client["calls"]) => Promise<unknown>;

/** What one account or device does at once at most, and after how long once more. Ids are taken before they are read. */
const LIMITS: [name: string, burst: number, retryAfterMs: number, acts: Act[]][] = [
  ["start", 10, 10_000, [
    (calls) => calls.start.mutate({ roomId: newId<RoomId>(), tabId: inCall.tabId, media: VOICE }),
  ]],
  ["accept, join and ring", 30, 1_000, [
    (calls) => calls.accept.mutate({ ...inCall, media: VOICE }),
    (calls) => calls.join.mutate({ ...inCall, media: VOICE }),
    (calls) => calls.ring.mutate({ ...inCall, userId: newId() }),
  ]],
  ["rang, decline, cancel and leave", 30, 500, [
    (calls) => calls.rang.mutate(inCall),
    (calls) => calls.decline.mutate({ ...inCall, reason: "declined" }),
    (calls) => calls.cancel.mutate(inCall),
    (calls) => calls.leave.mutate(inCall),
  ]],
  ["media", 20, 200, [(calls) => calls.media.mutate({ ...inCall, ...media })]],
  ["moderate", 20, 500, [
    (calls) => calls.moderate.mutate({ ...inCall, participantId: somebody, action: "mute" }),
  ]],
  ["fileDone", 20, 1_000, [
    (calls) => calls.fileDone.mutate({ ...inCall, from: somebody, name: "a", bytes: 1 }),
  ]],
  ["signal", 150, 34, [(calls) => calls.signal.mutate({ ...inCall, ...signal })]],
  ["iceServers of a call", 30, 120_000, [(calls) => calls.iceServers.query({ callId: inCall.callId })]],
  ["iceServers of the call doctor", 20, 10_000, [(calls) => calls.iceServers.query({ callId: null })]],
  ["connectSfu", 30, 120_000, [(calls) => calls.connectSfu.query({ callId: inCall.callId })]],
];

/** The stock client puts calls of one turn into one frame, which holds at most 84. */
const AT_ONCE_COUNT = 50;

describe("rates of calls", () => {
  it.each(LIMITS)("CRATE1 %s: %i at once, then one each %i ms", async (_, burst, retryAfterMs, acts) => {
    // No time passes, so no token comes back.
    const now = Date.now();
    await using app = await testApp({ now: () => now });
    const { calls } = app.clientFor(app.owner, "ws");
    const codes: string[] = [];
    while (codes.length < burst) {
      const count = Math.min(AT_ONCE_COUNT, burst - codes.length);
      const some = Array.from({ length: count }, (_, index) => acts[(codes.length + index) % acts.length]);
      codes.push(...await Promise.all(some.map((act) => codeOf(act?.(calls) ?? Promise.reject()))));
    }
    expect(codes.filter((code) => code === "rate_limited")).toEqual([]);
    // Those that share a limit are refused together.
    for (const act of acts) {
      await expect(act(calls)).rejects.toMatchObject({ data: { appCode: "rate_limited", retryAfterMs } });
    }
  });

  it("CRATE2 a person is rung once in 30 s in each room, and three more calls in vain that begin anew", async () => {
    let now = Date.now();
    await using app = await testApp({ now: () => now });
    const [ana, ben] = [app.owner, await app.person("Ben")];
    const roomId = await directRoom(ana, ben);
    const [one, two] = [await tabOf(app, ana), await tabOf(app, ben)];
    const { call } = await one.start(roomId);
    const { callId } = call;
    const stop = () => one.api.calls.cancel.mutate({ callId, tabId: one.tabId });
    const ring = () => codeOf(one.api.calls.ring.mutate({ callId, tabId: one.tabId, userId: ben.id }));
    await stop();
    expect(await ring()).toBe("ok");
    await stop();
    now += 29_000;
    expect(await ring(), "too soon").toBe("rate_limited");
    now += 2_000;
    expect(await ring(), "after 30 s").toBe("ok");
    await one.leave(call);
    await two.next("call_ended");
    const startAndLeave = () => codeOf(one.start(roomId).then((joined) => one.leave(joined.call)));
    now += 600_000;
    expect([await startAndLeave(), await startAndLeave(), await startAndLeave(), await startAndLeave()])
      .toEqual(["ok", "ok", "ok", "rate_limited"]);
    now += 29_000;
    expect(await startAndLeave(), "too soon").toBe("rate_limited");
    now += 2_000;
    expect(await startAndLeave(), "after 30 s").toBe("ok");
  });
});
