import { describe, expect, it } from "vitest";
import type { CallId, RoomId, UserId } from "../../../shared/ids.ts";
import { codeOf, directRoom, generalRoom, phoneOf, tabOf, VIDEO } from "../../support/call_kit.ts";
import { keys } from "../../../server/kv/keys.ts";
import type { CallBoard } from "../../../server/calls/call_board.ts";
import { newCall } from "../../../server/calls/call_record.ts";
import type { CallRow } from "../../../server/calls/call_record.ts";
import { CallRings } from "../../../server/calls/call_rings.ts";
import { testApp } from "../../support/test_app.ts";
import type { Person } from "../../support/test_app.ts";

describe("rings", () => {
  it("RING1 the first device that accepts wins, the other one stops ringing", async () => {
    await using app = await testApp();
    const [ana, ben] = [app.owner, await app.person("Ben")];
    const roomId = await directRoom(ana, ben);
    const [one, desk, phone] = [await tabOf(app, ana), await tabOf(app, ben), await phoneOf(app, ben)];
    const { call } = await one.start(roomId, VIDEO);
    for (const tab of [desk, phone]) {
      const { ring } = await tab.next("ring");
      expect(ring).toMatchObject({ callId: call.callId, roomId, by: ana.id, video: true });
      expect(ring.remainingMs).toBeGreaterThan(40_000);
      expect(ring.remainingMs).toBeLessThanOrEqual(45_000);
    }
    const heard = { callId: call.callId, userId: ben.id };
    expect(await one.next("ring_state")).toEqual({ type: "ring_state", ...heard, state: "calling" });
    await phone.api.calls.rang.mutate({ callId: call.callId, tabId: phone.tabId });
    await phone.api.calls.rang.mutate({ callId: call.callId, tabId: phone.tabId });
    expect(await one.next("ring_state", 1)).toEqual({ type: "ring_state", ...heard, state: "ringing" });
    // Somebody who opens a tab meanwhile hears it too.
    const late = await tabOf(app, ben);
    expect(late.all("snapshot")[0]?.rings.length).toBe(1);
    const joined = await phone.accept(call);
    expect(joined.call.participants.length).toBe(2);
    expect(await phone.next("ring_ended")).toEqual({ type: "ring_ended", ...heard, reason: "accepted" });
    expect(await one.next("ring_ended")).toEqual({ type: "ring_ended", ...heard, reason: "accepted" });
    expect((await desk.next("ring_ended")).reason).toBe("answered_elsewhere");
    expect(await codeOf(desk.accept(call))).toBe("wrong_state");
    expect((await phone.accept(call)).participantId, "a repeated answer").toBe(joined.participantId);
    expect(one.all("ring_state").length).toBe(2);
  });

  it("RING2 of two devices that accept at once, exactly one is in the call, 200 times", async () => {
    await using app = await testApp();
    const [ana, ben] = [app.owner, await app.person("Ben")];
    const roomId = await directRoom(ana, ben);
    const { store } = app.services.calls;
    const device = (person: Person, sessionId: string) => ({
      userId: person.id,
      accountId: person.id,
      key: sessionId,
      sessionId: sessionId as never,
      tokenId: null,
      tabId: "tab-of-one-only1" as never,
    });
    const phone = await phoneOf(app, ben);
    const other = (await phone.api.auth.me.query())?.sessionId as string;
    const caller = device(ana, ana.me.sessionId as string);
    const devices = [device(ben, ben.me.sessionId as string), device(ben, other)];
    const media = { mic: true, cam: false };
    const winners = new Set<string>();
    for (let round = 0; round < 200; round++) {
      const { call } = await store.start(caller, roomId, {
        media,
        ring: [],
        purpose: "talk",
        mayRing: () => true,
      });
      const ordered = round % 2 === 0 ? devices : devices.toReversed();
      const answers = await Promise.allSettled(
        ordered.map((each) => store.accept(each, roomId, call.callId, media)),
      );
      expect(answers.filter(({ status }) => status === "fulfilled").length).toBe(1);
      const refused = answers.find((answer) => answer.status === "rejected");
      expect(refused?.reason.appCode).toBe("wrong_state");
      const now = await store.current(roomId);
      expect(now?.participants.length).toBe(2);
      const winner = ordered[answers.findIndex(({ status }) => status === "fulfilled")];
      winners.add(winner?.key ?? "");
      await store.leave(caller, roomId, call.callId);
    }
    expect(winners).toEqual(new Set(devices.map(({ key }) => key)));
  });

  it("RING3 can be declined, on all devices at once, and taken back", async () => {
    await using app = await testApp();
    const [ana, ben] = [app.owner, await app.person("Ben")];
    const roomId = await directRoom(ana, ben);
    const [one, desk, phone] = [await tabOf(app, ana), await tabOf(app, ben), await phoneOf(app, ben)];
    const { call } = await one.start(roomId);
    await desk.next("ring");
    const { callId } = call;
    await desk.api.calls.decline.mutate({ callId, tabId: desk.tabId, reason: "declined" });
    expect((await one.next("ring_ended")).reason).toBe("declined");
    expect((await desk.next("ring_ended")).reason).toBe("declined");
    expect((await phone.next("ring_ended")).reason).toBe("declined_elsewhere");
    await one.api.calls.ring.mutate({ callId, tabId: one.tabId, userId: ben.id });
    await desk.next("ring", 1);
    await one.api.calls.cancel.mutate({ callId, tabId: one.tabId });
    for (const tab of [one, desk, phone]) expect((await tab.next("ring_ended", 1)).reason).toBe("cancelled");
    const again = codeOf(one.api.calls.ring.mutate({ callId, tabId: one.tabId, userId: ben.id }));
    expect(await again, "one ring in 30 s").toBe("rate_limited");
    // Starting it again rings no oftener.
    for (const tab of [one, await tabOf(app, ana), one]) {
      expect((await tab.start(roomId)).call.callId).toBe(callId);
      const { value } = await app.services.db.get<CallRow>(keys.call(roomId));
      expect(value?.call?.rings).toEqual([]);
    }
    await one.leave(call);
    await desk.next("call_ended");
    const second = await one.start(roomId);
    await desk.next("ring", 2);
    const input = { callId: second.call.callId, tabId: desk.tabId, reason: "busy" } as const;
    await desk.api.calls.decline.mutate(input);
    expect((await one.next("ring_ended", 2)).reason).toBe("declined");
    expect(one.all("ring_state").at(-1)?.state).toBe("in_another_call");
  });

  it("RING4 ends as missed after its time, on every device", async () => {
    const callTimes = { ringMs: 300, leaseMs: 30_000, renewMs: 10_000 };
    await using app = await testApp({ callTimes });
    const [ana, ben] = [app.owner, await app.person("Ben")];
    const roomId = await directRoom(ana, ben);
    const [one, two] = [await tabOf(app, ana), await tabOf(app, ben)];
    const { call } = await one.start(roomId);
    for (const tab of [one, two]) expect((await tab.next("ring_ended")).reason).toBe("missed");
    expect(await codeOf(two.accept(call))).toBe("wrong_state");
    expect((await two.join(call)).call.participants.length).toBe(2);
  });

  it("RING5 in groups rings those who are named, who must be members", async () => {
    await using app = await testApp();
    const ana = app.owner;
    const [ben, cleo, dan] = [await app.person("Ben"), await app.person("Cleo"), await app.person("Dan")];
    const roomId = await generalRoom(ana);
    const tabs = [await tabOf(app, ana), await tabOf(app, ben), await tabOf(app, cleo)] as const;
    const [one, two, three] = tabs;
    const media = { mic: true, cam: false };
    const start = { roomId, tabId: one.tabId, media };
    const { call } = await one.api.calls.start.mutate({ ...start, ring: [ben.id, ana.id] });
    await two.next("ring");
    await three.until(1);
    expect(three.all("ring")).toEqual([]);
    const { callId } = call;
    await ana.api.rooms.removeMember.mutate({ roomId, userId: dan.id });
    const ringDan = one.api.calls.ring.mutate({ callId, tabId: one.tabId, userId: dan.id });
    expect(await codeOf(ringDan)).toBe("invalid_input");
    expect(await codeOf(three.api.calls.ring.mutate({ callId, tabId: three.tabId, userId: ben.id }))).toBe(
      "not_in_call",
    );
    // Joining by another way answers the ring.
    await two.join(call);
    expect((await one.next("ring_ended")).reason).toBe("accepted");
    const ringBen = one.api.calls.ring.mutate({ callId, tabId: one.tabId, userId: ben.id });
    expect(await codeOf(ringBen)).toBe("wrong_state");
    // Cleo is in another call.
    const other = (await cleo.api.rooms.create.mutate({ name: "Second", kind: "public" })).id;
    await three.start(other);
    await one.api.calls.ring.mutate({ callId, tabId: one.tabId, userId: cleo.id });
    expect((await three.next("ring")).ring.callId).toBe(callId);
    expect(one.all("ring_state").at(-1)).toMatchObject({ userId: cleo.id, state: "in_another_call" });
    const accepted = await three.accept({ callId: callId as CallId });
    expect(accepted.call.participants.length).toBe(3);
    expect(await cleo.api.calls.current.query({ roomId: other })).toBe(null);
    // Whoever leaves the room is not rung for.
    await one.leave(call);
    await cleo.api.rooms.leave.mutate({ roomId });
    expect((await three.next("call_ended", 1)).reason).toBe("left_room");
  });

  it("RING7 rings for thirty people at once, and for no more", () => {
    const board = { isInCallElsewhere: () => false } as unknown as CallBoard;
    const rings = new CallRings({ board, members: null as never, statusBot: null as never, now: () => 0 });
    const [by, roomId] = ["caller-000000001" as UserId, "room-00000000001" as RoomId];
    const people = (from: number, count: number) =>
      Array.from(
        { length: count },
        (_, index) => `person-${String(from + index).padStart(9, "0")}` as UserId,
      );
    const started = new Date(0).toISOString();
    const call = newCall({
      callId: "call-00000000001" as CallId,
      startedBy: by,
      startedAt: started,
      purpose: "talk",
      isDirect: false,
    });
    const full = rings.add(roomId, call, people(0, 30), { by, video: false });
    expect(full.rings.length).toBe(30);
    expect(rings.add(roomId, full, people(0, 10), { by, video: false }), "who rings already").toBe(full);
    expect(() => rings.add(roomId, full, people(30, 1), { by, video: false })).toThrow("at most 30 people");
  });

  it("RING5 never rings the server's own bot, which cannot answer", async () => {
    await using app = await testApp();
    const ana = app.owner;
    const roomId = await generalRoom(ana);
    await ana.api.status.announce.mutate({ text: "Hello", level: "info", roomId });
    const userId = await app.services.statusBot.ensure();
    const tab = await tabOf(app, ana);
    const start = { roomId, tabId: tab.tabId, media: { mic: true, cam: false } };
    expect(await codeOf(tab.api.calls.start.mutate({ ...start, ring: [userId] }))).toBe("invalid_input");
    const { call } = await tab.api.calls.start.mutate(start);
    expect(await codeOf(tab.api.calls.ring.mutate({ callId: call.callId, tabId: tab.tabId, userId })))
      .toBe("invalid_input");
  });

  it("RING8 rings for one person three times, however often its call begins anew, unless they answer", async () => {
    await using app = await testApp();
    const [ana, ben] = [app.owner, await app.person("Ben")];
    const roomId = await directRoom(ana, ben);
    const [one, two] = [await tabOf(app, ana), await tabOf(app, ben)];
    for (let count = 0; count < 4; count++) {
      const { call } = await one.start(roomId);
      await two.next("ring", count);
      // This one is answered, so it does not count.
      if (count === 0) await two.accept(call);
      await one.leave(call);
    }
    expect(await codeOf(one.start(roomId)), "a fourth without an answer").toBe("rate_limited");
    expect(await ana.api.calls.current.query({ roomId })).toBe(null);
    expect(two.all("ring").length).toBe(4);
    expect(await codeOf(two.start(roomId)), "calling back").toBe("ok");
  });

  it("RING6 both who call each other at once are connected, and nothing rings on", async () => {
    await using app = await testApp();
    const [ana, ben] = [app.owner, await app.person("Ben")];
    const roomId = await directRoom(ana, ben);
    const [one, two] = [await tabOf(app, ana), await tabOf(app, ben)];
    const [first, second] = await Promise.all([one.start(roomId), two.start(roomId)]);
    expect(first.call.callId).toBe(second.call.callId);
    await one.until(2);
    for (const tab of [one, two]) {
      for (const [index] of tab.all("ring").entries()) await tab.next("ring_ended", index);
    }
    const late = await tabOf(app, ana);
    expect(late.all("snapshot")[0]?.rings).toEqual([]);
    expect(late.all("snapshot")[0]?.calls[0]?.participants.length).toBe(2);
  });
});
