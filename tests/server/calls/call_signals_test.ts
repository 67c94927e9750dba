import { describe, expect, it } from "vitest";
import { newId } from "../../../shared/ids.ts";
import type { ParticipantId } from "../../../shared/ids.ts";
import { codeOf, generalRoom, storeCall, tabOf } from "../../support/call_kit.ts";
import type { CallTab } from "../../support/call_kit.ts";
import { testApp } from "../../support/test_app.ts";
import { waitFor } from "../../support/wait.ts";

interface Addressed {
  readonly callId: string;
  readonly to: string;
}

function signal(tab: CallTab, { callId, to }: Addressed, seq: number, payload = "hello", epoch = 0) {
  return tab.api.calls.signal.mutate({
    callId,
    to,
    tabId: tab.tabId,
    epoch,
    seq,
    kind: "offer",
    payload,
  });
}

describe("signals of calls", () => {
  it("CSIG1 T06 reach the one tab that they name, with the sender that the server knows", async () => {
    await using app = await testApp();
    const ana = app.owner;
    const [ben, cleo, dan] = [await app.person("Ben"), await app.person("Cleo"), await app.person("Dan")];
    const roomId = await generalRoom(ana);
    const [one, two, three] = [await tabOf(app, ana), await tabOf(app, ben), await tabOf(app, cleo)];
    // Another tab of the receiver, and somebody who is not in the call.
    const [other, outsider] = [await tabOf(app, ben), await tabOf(app, dan)];
    const { call, participantId: from } = await one.start(roomId);
    const { participantId: to } = await two.join(call);
    await three.join(call);
    const { callId } = call;
    await signal(one, { callId, to }, 0);
    expect(await two.next("signal")).toEqual({
      type: "signal",
      callId,
      from,
      epoch: 0,
      seq: 0,
      kind: "offer",
      payload: "hello",
    });
    const forged = { callId, to, tabId: one.tabId, epoch: 0, seq: 1, kind: "offer", payload: "x", from: to };
    expect(await codeOf(one.api.calls.signal.mutate(forged as never)), "forged sender").toBe("invalid_input");
    expect(await codeOf(signal(outsider, { callId, to }, 0)), "outsider").toBe("not_in_call");
    expect(await codeOf(signal(one, { callId, to: "nobody-at-all-00" }, 1)), "to nobody").toBe("not_in_call");
    const elsewhere = (await dan.api.rooms.create.mutate({ name: "Else", kind: "private" })).id;
    const second = await outsider.start(elsewhere);
    expect(await codeOf(signal(one, { callId: second.call.callId, to }, 1)), "foreign room").toBe(
      "not_found",
    );
    expect(await codeOf(signal(outsider, { callId: second.call.callId, to }, 1)), "other call").toBe(
      "not_in_call",
    );
    for (
      const [name, payload] of [["too large", "x".repeat(32_769)], ["a line", "a\nb"], ["not ASCII", "é"]]
    ) {
      expect(await codeOf(signal(one, { callId, to }, 1, payload)), name).toBe("invalid_input");
    }
    await signal(one, { callId, to }, 1, "x".repeat(32_768));
    expect((await two.next("signal", 1)).payload.length).toBe(32_768);
    await two.leave(call);
    expect(await codeOf(signal(one, { callId, to }, 2)), "to somebody who left").toBe("not_in_call");
    expect(await codeOf(signal(two, { callId, to: from }, 2)), "by somebody who left").toBe("not_in_call");
    await one.leave(call);
    await three.leave(call);
    expect(await codeOf(signal(one, { callId, to }, 2)), "ended call").toBe("not_found");
    for (const tab of [one, three, other, outsider]) expect(tab.all("signal")).toEqual([]);
    expect(app.logs.join("\n")).not.toContain("hello");
  });

  it("CSIG2 arrive in order, each at most once; older epochs not at all", async () => {
    await using app = await testApp();
    const [ana, ben] = [app.owner, await app.person("Ben")];
    const roomId = await generalRoom(ana);
    const [one, two] = [await tabOf(app, ana), await tabOf(app, ben)];
    const { call } = await one.start(roomId);
    const { participantId: to } = await two.join(call);
    const place = { callId: call.callId, to };
    await Promise.all(Array.from({ length: 60 }, (_, seq) => signal(one, place, seq, `p${seq}`)));
    await signal(one, place, 59, "again");
    await signal(one, place, 0, "next", 1);
    await signal(one, place, 60, "late");
    await signal(one, place, 1, "last", 1);
    await two.next("signal", 61);
    const payloads = two.all("signal").map(({ payload }) => payload);
    expect(payloads).toEqual([...Array.from({ length: 60 }, (_, seq) => `p${seq}`), "next", "last"]);
  });

  it("CSIG3 are limited to 150 at once", async () => {
    // No time passes, so no token comes back.
    const now = Date.now();
    await using app = await testApp({ now: () => now });
    const [ana, ben] = [app.owner, await app.person("Ben")];
    const roomId = await generalRoom(ana);
    const [one, two] = [await tabOf(app, ana), await tabOf(app, ben)];
    const { call } = await one.start(roomId);
    const { participantId: to } = await two.join(call);
    const send = (seq: number) => codeOf(signal(one, { callId: call.callId, to }, seq));
    // The stock client puts calls of one turn into one frame, which holds at most 84.
    for (let count = 0; count < 150; count += 50) {
      const codes = await Promise.all(Array.from({ length: 50 }, (_, index) => send(count + index)));
      expect(codes.filter((code) => code !== "ok")).toEqual([]);
    }
    expect(await send(150)).toBe("rate_limited");
    expect(await codeOf(signal(two, { callId: call.callId, to }, 0)), "somebody else").toBe("ok");
  });

  it("CSIG4 go to the tab that took the call over, and the former tab can change nothing", async () => {
    await using app = await testApp();
    const [ana, ben] = [app.owner, await app.person("Ben")];
    const roomId = await generalRoom(ana);
    const [one, two, second] = [await tabOf(app, ana), await tabOf(app, ben), await tabOf(app, ben)];
    const { call, participantId: from } = await one.start(roomId);
    const first = await two.join(call);
    const moved = await second.join(call);
    expect(moved.participantId).toBe(first.participantId);
    expect(moved.call.participants.map(({ seq }) => seq)).toEqual([1, 3]);
    expect(await two.next("moved")).toEqual({ type: "moved", callId: call.callId, seq: 2 });
    const { callId } = call;
    expect(await codeOf(two.leave(call))).toBe("call_moved");
    expect(await codeOf(signal(two, { callId, to: from }, 0))).toBe("call_moved");
    const media = { mic: false, cam: false, screen: false, screenAudio: false, hand: false };
    expect(await codeOf(two.api.calls.media.mutate({ callId, tabId: two.tabId, ...media }))).toBe(
      "call_moved",
    );
    await signal(one, { callId, to: moved.participantId }, 0);
    await second.next("signal");
    expect(two.all("signal")).toEqual([]);
    expect([...one.all("moved"), ...second.all("moved")]).toEqual([]);
    expect((await second.join(call)).call.participants.map(({ seq }) => seq), "a repeated join").toEqual([
      1,
      3,
    ]);
  });

  it("CSIG5 T03 do not reach who was removed from the room, whose participation ends at once", async () => {
    await using app = await testApp();
    const ana = app.owner;
    const [ben, cleo] = [await app.person("Ben"), await app.person("Cleo")];
    const roomId = await generalRoom(ana);
    const [one, two, three] = [await tabOf(app, ana), await tabOf(app, ben), await tabOf(app, cleo, "sse")];
    const { call } = await one.start(roomId);
    const { participantId: to } = await two.join(call);
    await three.join(call);
    three.stop();
    await ana.api.rooms.removeMember.mutate({ roomId, userId: ben.id });
    const removedAt = performance.now();
    const end = await two.next("call_ended");
    expect(end).toMatchObject({ callId: call.callId, reason: "left_room" });
    await one.until(2);
    expect(performance.now() - removedAt).toBeLessThan(1_000);
    expect(await codeOf(signal(one, { callId: call.callId, to: to as ParticipantId }, 0))).toBe(
      "not_in_call",
    );
    expect(await codeOf(signal(two, { callId: call.callId, to }, 0)), "not a member").toBe("not_in_call");
    await ana.api.users.deactivate.mutate({ userId: cleo.id });
    await one.until(1);
    expect(two.all("signal")).toEqual([]);
  });

  it("CSIG6 losing the session, the account or the room's use ends the participation within a second", async () => {
    await using app = await testApp();
    const [ana, ben] = [app.owner, await app.person("Ben")];
    const roomId = (await ana.api.rooms.create.mutate({ name: "Second", kind: "public" })).id;
    await ben.api.rooms.join.mutate({ roomId });
    const bot = await ben.api.tokens.create.mutate({ label: "Bot" });
    const program = app.device();
    program.token = bot.token;
    const [one, two] = [await tabOf(app, ana), await tabOf(app, ben, "sse")];
    const { call } = await one.start(roomId);
    const enter = { callId: call.callId, tabId: "tab-of-program-1", media: { mic: true, cam: false } };
    const api = program.client("http");
    await two.join(call);
    two.stop();
    await api.calls.join.mutate(enter);
    await one.until(3);
    const timed = async (work: () => Promise<unknown>, count: number) => {
      await work();
      const at = performance.now();
      await one.until(count);
      expect(performance.now() - at).toBeLessThan(1_000);
    };
    await timed(() => ben.api.tokens.revoke.mutate({ tokenId: bot.id }), 2);
    await timed(() => ben.api.auth.signOut.mutate(), 1);
    await ana.api.rooms.archive.mutate({ roomId, on: true });
    expect((await one.next("call_ended")).callId).toBe(call.callId);
    expect(await ana.api.calls.current.query({ roomId })).toBe(null);
  });

  it("CSIG7 T03 a participant that an instance hears of only after the removal is removed too", async () => {
    await using app = await testApp();
    const [ana, ben] = [app.owner, await app.person("Ben")];
    const roomId = await generalRoom(ana);
    await ana.api.rooms.removeMember.mutate({ roomId, userId: ben.id });
    // As if the join had been committed before, and its row arrived late.
    const participantId = newId<ParticipantId>();
    await storeCall(app.services.db, { roomId, by: ben.id, participantId, ringFor: ana.id });
    expect((await ana.api.calls.current.query({ roomId }))?.participants.length).toBe(1);
    await waitFor(async () => await ana.api.calls.current.query({ roomId }) === null);
  });
});
