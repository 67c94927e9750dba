import { describe, expect, it } from "vitest";
import type { CallAct } from "../../../shared/call/call_acts.ts";
import { loudRing, quietRings } from "../../../shared/call/call_outputs.ts";
import { sessionOf } from "../../../shared/call/call_state.ts";
import type { CallEvent } from "../../../shared/call/reduce_call.ts";
import type { CallId, RoomId, UserId } from "../../../shared/ids.ts";
import { bo, callId, join, media, other, ring, roomId, stateIn } from "./call_fixtures.ts";
import { accept, change, joined, leave, lobby, ReducedDevice as Device } from "./reduced_device.ts";

const cleo = "cleo" as UserId;
const third = "third" as RoomId;
const files = { ...join, purpose: "files" as const, media: { mic: false, cam: false } };
const act = (what: CallAct): CallEvent => ({ type: "act", act: what });
const startIn = (room: RoomId) => act({ type: "start", ring: [], ...join, roomId: room, isDirect: false });
const sendFiles = act({ type: "start", roomId, ring: [bo], ...files, files: [{ name: "a", bytes: 1 }] });
const idsOf = (rings: readonly { readonly callId: CallId }[]) => rings.map((one) => one.callId);

/** A device on which one ring is loud and another one waits. */
const rungTwice = () =>
  new Device().hear({ type: "ring", ring: ring("call", "room") })
    .hear({ type: "ring", ring: ring("second", "lobby") });

describe("an act to start", () => {
  it("asks for what the server wants to know, and no more", () => {
    const direct = new Device().on(act({ type: "start", roomId, ring: [bo], ...join }));
    const room = new Device().on(act({ type: "start", roomId, ring: [bo], ...join, isDirect: false }));
    const request = { type: "start", roomId, media, purpose: "talk" };
    expect([direct, room].map(({ requests }) => requests[0]?.request)).toEqual([
      { ...request, ring: [] },
      { ...request, ring: [bo] },
    ]);
  });

  it("with files rings for nobody, is not repeated, and answers no ring", () => {
    const device = new Device().on(sendFiles);
    expect(device.requests[0]?.request).toMatchObject({ purpose: "files", files: [{ name: "a", bytes: 1 }] });
    expect(sessionOf(device.state)?.rings.size).toBe(0);
    expect(device.on(sendFiles).requests.length).toBe(1);
    const rung = new Device(stateIn("incoming")).on(sendFiles);
    expect([rung.sent("accept").length, rung.sent("start").length]).toEqual([0, 1]);
    expect(loudRing(rung.state)?.callId).toBe(callId);
  });

  it("lets the rings wait, in their order", () => {
    const device = rungTwice().on(startIn(third));
    expect(idsOf(quietRings(device.state))).toEqual(["call", "second"]);
    expect(loudRing(device.on(leave).state)?.callId).toBe("call");
  });

  it("lets rings that wait already wait no longer", () => {
    const device = new Device(stateIn("active")).hear({ type: "ring", ring: ring("second", "lobby") });
    device.wait(10_000).on(startIn(third));
    expect(device.wait(9_999).sent("decline")).toEqual([]);
    expect(device.wait(1).sent("decline")[0]?.request).toMatchObject({ reason: "busy" });
  });
});

describe("an act to join or to accept", () => {
  it("answers the ring of that call, and lets others wait", () => {
    const joining = act({ type: "join", callId, roomId, ...join });
    expect(new Device(stateIn("incoming")).on(joining).requests.map(({ request }) => request.type))
      .toEqual(["accept"]);
    const elsewhere = act({ type: "join", callId: "other" as CallId, ...join, roomId: lobby });
    const device = new Device(stateIn("incoming")).on(elsewhere);
    expect(device.sent("join").length).toBe(1);
    expect(idsOf(quietRings(device.state))).toEqual([callId]);
  });

  it("of the ring that waits lets the loud one wait, from then on", () => {
    const device = rungTwice().wait(15_000).on(
      act({ type: "accept", callId: "second" as CallId, media, isDirect: true }),
    );
    expect(device.sent("accept")[0]?.request).toMatchObject({ callId: "second" });
    expect(idsOf(quietRings(device.state))).toEqual([callId]);
    expect(device.wait(9_999).sent("decline")).toEqual([]);
  });

  it("ends the ring, which rings no more when it is heard of late", () => {
    const device = new Device(stateIn("incoming")).on(accept).answer("accept", joined(2, other)).on(leave);
    expect(device.hear({ type: "ring", ring: ring("call", "room") }).phase).toBe("hangup");
  });
});

describe("acts in a call", () => {
  it("ring for more people only once one is in it, and keep the others ringing", () => {
    const more = act({ type: "ring_more", userId: cleo });
    const joining = act({ type: "join", callId, roomId, ...join });
    expect(new Device().on(joining).on(more).sent("ring")).toEqual([]);
    const device = new Device(stateIn("outgoing")).on(more);
    expect(device.sent("ring").length).toBe(1);
    expect([...sessionOf(device.state)?.rings.keys() ?? []]).toEqual([bo, cleo]);
  });

  it("take back rings only if there are some", () => {
    expect(new Device(stateIn("active")).on(act({ type: "cancel_rings" })).sent("cancel")).toEqual([]);
  });

  it("forget why the last change was refused", () => {
    const device = new Device(stateIn("active")).on(change({ cam: true })).refuse("media", "call_full");
    expect(sessionOf(device.state)?.refusal).toBe("call_full");
    expect(sessionOf(device.on(change({ mic: false })).state)?.refusal).toBe(null);
  });
});
