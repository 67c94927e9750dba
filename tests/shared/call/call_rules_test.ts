import { describe, expect, it } from "vitest";
import { devicesOf, isSfuWanted, linksOf, toneOf } from "../../../shared/call/call_outputs.ts";
import { sessionOf } from "../../../shared/call/call_state.ts";
import { callDeadline, reduceCall } from "../../../shared/call/reduce_call.ts";
import type { CallId, UserId } from "../../../shared/ids.ts";
import { bo, call, callId, join, link, me, other, roomId, stateIn, update } from "./call_fixtures.ts";
import { change, joined, leave, lobby, ReducedDevice as Device, startRoom } from "./reduced_device.ts";

describe("a participation", () => {
  it("begins with the newest state, also if that overtook the answer", () => {
    const device = new Device().on(startRoom).hear({ type: "call_changed", call: call(5, me, other) });
    expect(device.answer("start", joined()).phase).toBe("connecting");
    const removed = new Device().on(startRoom).hear({ type: "call_changed", call: call(5, other) });
    expect(removed.answer("start", joined()).phase).toBe("kicked");
  });

  it("joins after its own farewell to the same room, and is not ended by that", () => {
    const device = new Device(stateIn("active")).on(leave).on(startRoom);
    expect([device.sent("leave"), device.sent("start")].map(({ length }) => length)).toEqual([1, 0]);
    device.refuse("leave", null);
    expect(device.sent("start")).toHaveLength(1);
    expect(device.answer("start", joined(9)).wait(20_000).sent("leave")).toHaveLength(1);
  });

  it("is not ended by a farewell that was to be repeated, and not begun after a farewell of its own", () => {
    const device = new Device(stateIn("active")).on(leave).refuse("leave", null).on(startRoom);
    expect(device.answer("start", joined(9)).wait(20_000).sent("leave")).toHaveLength(1);
    const gone = new Device(stateIn("active")).on(leave).on(startRoom).on(leave).refuse("leave", "not_found");
    expect(gone.wait(20_000).sent("start")).toHaveLength(0);
  });

  it("is left when the answer comes after the person has gone, unless they are back", () => {
    const gone = new Device().on(startRoom).on(leave).answer("start", joined());
    expect(gone.sent("leave").map(({ request }) => request)).toEqual([{ type: "leave", callId }]);
    const back = new Device().on(startRoom).on(leave).on(startRoom);
    back.on({ type: "answered", id: 1, answer: joined() });
    expect(back.sent("leave")).toEqual([]);
  });

  it("repeats a farewell that nobody hears, and gives up when the lease has ended", () => {
    const device = new Device(stateIn("active")).on(leave);
    device.wait(600_000);
    expect(device.sent("leave")).toHaveLength(7);
    expect(callDeadline(device.state)).toBeNull();
    const heard = new Device(stateIn("active")).on(leave).refuse("leave", "not_in_call").wait(60_000);
    expect(heard.sent("leave")).toHaveLength(1);
  });

  it("leaves the former call when it joins another one", () => {
    const device = new Device(stateIn("active"));
    device.on({ type: "act", act: { type: "join", roomId: lobby, callId: "second" as CallId, ...join } });
    expect(device.requests.map(({ request }) => request.type)).toEqual(["leave", "join"]);
  });

  it("holds its devices from the start, also if it begins muted: a lobby may hold the microphone", () => {
    const silent = { mic: false, cam: false };
    const files = { ...join, purpose: "files" as const, media: silent };
    const inFiles = new Device().on({ type: "act", act: { type: "start", roomId, ring: [], ...files } });
    for (const before of [new Device(), inFiles]) {
      const act = { type: "start", roomId, ring: [bo], ...join, media: silent } as const;
      const { effects } = reduceCall(before.state, { type: "act", act }, 0);
      expect(effects).toContainEqual({
        type: "devices",
        media: { mic: false, cam: false, screen: false, screenAudio: false },
      });
    }
  });

  it("takes a call for files over, in the same room as well", () => {
    const files = { ...join, purpose: "files" as const, media: { mic: false, cam: false } };
    const device = new Device().on({ type: "act", act: { type: "start", roomId, ring: [], ...files } });
    const held = { ...call(1, me, other), purpose: "files" as const };
    device.answer("start", { type: "joined", joined: { call: held, participantId: me.participantId } });
    expect(devicesOf(device.state).mic).toBe(false);
    device.on({ type: "act", act: { type: "start", roomId, ring: [bo], ...join } });
    expect([devicesOf(device.state).mic, device.phase]).toEqual([true, "outgoing"]);
    // A farewell that came after the start would end the new call.
    expect([device.sent("leave").length, device.sent("start").length]).toEqual([1, 1]);
    device.answer("leave", { type: "done" });
    expect(device.sent("start").at(-1)?.request).toMatchObject({ purpose: "talk" });
    // The other way round, nothing is taken over.
    const talking = new Device(stateIn("active"));
    talking.on({ type: "act", act: { type: "start", roomId, ring: [], ...files } });
    expect([talking.phase, talking.requests.length]).toEqual(["active", 0]);
  });

  it("starts the next call of a room when the one to join has just ended", () => {
    const device = new Device().on({
      type: "act",
      act: { type: "join", roomId, callId, ...join, isDirect: false },
    });
    device.refuse("join", "not_found");
    expect(device.sent("start")).toHaveLength(1);
  });

  it("FILE39 for files is answered elsewhere when another device of the person was first", () => {
    const act = { type: "join", roomId, callId, ...join, purpose: "files" } as const;
    const device = new Device().on({ type: "act", act }).refuse("join", "wrong_state");
    expect([device.phase, device.sent("start").length]).toEqual(["answered_elsewhere", 0]);
  });

  it("is not left because of an earlier start without an answer", () => {
    const device = new Device().on(startRoom).wait(10_000);
    expect(device.phase).toBe("server_lost");
    device.on(startRoom).hear({ type: "call_changed", call: call(1, me) });
    expect([device.phase, device.sent("leave").length]).toEqual(["outgoing", 0]);
  });

  it("asks the server once when a snapshot does not have it, and believes the answer", () => {
    const device = new Device(stateIn("active"));
    for (let round = 0; round < 3; round += 1) device.hear({ type: "snapshot", calls: [], rings: [] });
    expect(device.sent("current")).toHaveLength(1);
    device.answer("current", { type: "current", call: call(9, me, other) });
    expect(device.phase).toBe("active");
    device.hear({ type: "snapshot", calls: [], rings: [] });
    expect(device.answer("current", { type: "current", call: null }).phase).toBe("hangup");
  });

  it("is lost with the server, and not called kicked, after a long outage", () => {
    const device = new Device(stateIn("active")).on({ type: "stream", isOpen: false }).wait(40_000);
    device.on({ type: "stream", isOpen: true });
    expect(device.hear({ type: "call_changed", call: call(9, other) }).phase).toBe("server_lost");
  });

  it("says that the SFU is away when the server takes it out of a call that goes through one", () => {
    const removed = update({ type: "call_ended", callId, roomId, missed: false, reason: "failed" });
    const endOf = ({ state: { stage } }: Device) => stage.phase === "ended" && stage.end.code;
    const forwarded = new Device(stateIn("active")).on(
      update({ type: "call_changed", call: { ...call(3, me, other), topology: "sfu" } }),
    );
    expect(endOf(forwarded.on(removed))).toBe("sfu_away");
    expect(endOf(new Device(stateIn("active")).on(removed))).toBe(null);
  });

  it("goes on in another tab when the server says so", () => {
    const device = new Device(stateIn("active")).on(change({ cam: true })).refuse("media", "call_moved");
    expect([device.phase, device.sent("leave").length]).toEqual(["moved", 0]);
  });

  it("waits longer for the host of a room than for a newcomer without a path", () => {
    const host = new Device().on(startRoom).answer("start", joined());
    host.hear({ type: "call_changed", call: call(2, me, other) });
    expect(host.wait(44_999).phase).toBe("connecting");
    expect(host.wait(1).phase).toBe("failed");
    const newcomer = new Device().on(startRoom).answer("start", joined(2, { ...other, seq: 0 }));
    expect(newcomer.wait(30_000).phase).toBe("failed");
  });

  it("is connecting, not reconnecting, with somebody who joins after all others have left", () => {
    const device = new Device().on(startRoom).answer("start", joined(2, other)).on(link(true));
    device.hear({ type: "call_changed", call: call(3, me) });
    expect(device.phase).toBe("active");
    device.hear({ type: "call_changed", call: call(4, me, { ...other, seq: 7 }) });
    // The link to the former participation is none of this one's.
    expect(device.on(link(true)).phase).toBe("connecting");
  });

  it("ends rings, not itself, when nobody comes in a room", () => {
    const device = new Device().on({
      type: "act",
      act: { type: "start", roomId, ring: [bo], ...join, isDirect: false },
    });
    device.answer("start", joined());
    expect(device.phase).toBe("outgoing");
    expect(device.wait(51_000).phase).toBe("active");
    device.on({ type: "act", act: { type: "ring_more", userId: bo } });
    device.on({ type: "act", act: { type: "ring_more", userId: bo } });
    expect([device.phase, device.sent("ring").length]).toEqual(["outgoing", 1]);
    expect(device.refuse("ring", "rate_limited").phase).toBe("active");
    device.hear({ type: "call_changed", call: call(2, me, other) }).on(link(true));
    device.on({ type: "act", act: { type: "ring_more", userId: "cleo" as UserId } });
    device.hear({ type: "ring_state", callId, userId: "cleo" as UserId, state: "ringing" });
    expect(toneOf(device.state)).toBeNull();
    device.hear({ type: "ring_ended", callId, userId: "cleo" as UserId, reason: "declined" });
    expect(device.phase).toBe("active");
  });
});

describe("media", () => {
  it("say what this device knew, and the microphone stays off that a moderator muted meanwhile", () => {
    const device = new Device(stateIn("active")).on({ type: "act", act: { type: "hand", isRaised: true } });
    expect(device.sent("media")[0]?.request).toMatchObject({ revision: 2, media: { mic: true, hand: true } });
    const muted = { ...me, media: { ...me.media, mic: false } };
    device.hear({ type: "call_changed", call: call(3, muted, other) });
    device.answer("media", { type: "media", told: { revision: 4, isMuted: true } });
    device.hear({ type: "call_changed", call: call(4, muted, other) });
    expect(sessionOf(device.state)?.want).toMatchObject({ mic: false, hand: true });
    // Unmuting afterwards is told with a state that has the mute.
    device.on(change({ mic: true }));
    expect(device.sent("media").slice(1).map(({ request }) => request)).toMatchObject([
      { revision: 4, media: { mic: true, hand: true } },
    ]);
  });

  it("go back when the call is full, and say so", () => {
    const device = new Device(stateIn("active")).on(change({ cam: true }));
    expect(devicesOf(device.state).cam).toBe(true);
    device.refuse("media", "call_full");
    expect([devicesOf(device.state).cam, sessionOf(device.state)?.refusal]).toEqual([false, "call_full"]);
  });

  it("that are refused switch no microphone on", () => {
    const device = new Device(stateIn("active")).on(change({ mic: true }));
    device.answer("media", { type: "media", told: { revision: 9, isMuted: false } }).on(
      change({ cam: true }),
    );
    device.on(change({ mic: false })).refuse("media", "call_full");
    expect(devicesOf(device.state)).toMatchObject({ mic: false, cam: false });
    device.on(change({ cam: true })).on(change({ mic: true })).refuse("media", "call_full");
    expect(devicesOf(device.state)).toMatchObject({ mic: true, cam: false });
  });

  it("are told again after a failure, even if they are as before by then", () => {
    const device = new Device(stateIn("active")).on(change({ cam: true })).refuse("media", null);
    device.on(change({ cam: false })).wait(2_000);
    expect(device.sent("media").map(({ request }) => "media" in request && request.media.cam)).toEqual([
      true,
      false,
    ]);
  });

  it("are told one change at a time, and the last one wins", () => {
    const device = new Device(stateIn("active"));
    for (const cam of [true, false, true]) device.on(change({ cam }));
    expect(device.sent("media")).toHaveLength(1);
    device.answer("media", { type: "media", told: { revision: 5, isMuted: false } });
    expect(device.sent("media")).toHaveLength(1);
  });

  it("are muted by a moderator, but not by one's own change that arrives late", () => {
    const muted = { ...me, media: { ...me.media, mic: false } };
    const device = new Device(stateIn("active")).hear({ type: "call_changed", call: call(9, muted, other) });
    expect(devicesOf(device.state).mic).toBe(false);
    device.on(change({ mic: true }));
    device.hear({ type: "call_changed", call: call(10, muted, other) });
    expect(devicesOf(device.state).mic).toBe(true);
    device.answer("media", { type: "media", told: { revision: 12, isMuted: false } });
    device.hear({ type: "call_changed", call: call(11, muted, other) });
    expect(devicesOf(device.state).mic).toBe(true);
    // Off and on again: the first change arrives while it is under way.
    const quick = new Device(stateIn("active")).on(change({ mic: false })).on(change({ mic: true }));
    quick.hear({ type: "call_changed", call: call(9, muted, other) });
    quick.answer("media", { type: "media", told: { revision: 9, isMuted: false } });
    expect(quick.sent("media").map(({ request }) => "media" in request && request.media.mic)).toEqual([
      false,
      true,
    ]);
    const raced = new Device(stateIn("active")).on(change({ cam: true }));
    raced.hear({ type: "call_changed", call: call(9, muted, other) });
    raced.answer("media", { type: "media", told: { revision: 8, isMuted: false } });
    expect(devicesOf(raced.state).mic).toBe(false);
    expect(raced.sent("media")).toHaveLength(1);
  });
});

describe("outputs", () => {
  it("keep the mesh until the SFU has taken over, and have it back without it", () => {
    const device = new Device(stateIn("active")).hear({ type: "handoff", callId, topology: "sfu" });
    expect([isSfuWanted(device.state), linksOf(device.state).peers.length]).toEqual([true, 1]);
    device.on({ type: "sfu", isUp: true });
    expect([device.phase, linksOf(device.state).peers.length]).toEqual(["active", 0]);
    device.hear({ type: "handoff", callId, topology: "mesh" }).on({ type: "sfu", isUp: false });
    expect([isSfuWanted(device.state), linksOf(device.state).peers.length]).toEqual([false, 1]);
  });

  it("take no devices, and ring nobody, for files", () => {
    const plan = { name: "plan.pdf", bytes: 12_000_000 };
    const device = new Device().on({
      type: "act",
      act: { type: "start", roomId, ring: [bo], ...join, purpose: "files", files: [plan] },
    });
    expect(device.sent("start").at(-1)?.request).toMatchObject({ purpose: "files", files: [plan] });
    const files = { ...call(1, me), purpose: "files" as const };
    device.answer("start", { type: "joined", joined: { call: files, participantId: me.participantId } });
    expect([device.phase, toneOf(device.state), devicesOf(device.state).mic]).toEqual([
      "outgoing",
      null,
      false,
    ]);
    expect(device.wait(119_000).phase).toBe("outgoing");
    expect(device.wait(1_000).phase).toBe("missed");
  });
});
