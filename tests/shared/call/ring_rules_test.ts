import { describe, expect, it } from "vitest";
import { loudRing, quietRings, toneOf } from "../../../shared/call/call_outputs.ts";
import { sessionOf } from "../../../shared/call/call_state.ts";
import type { CallId, RoomId } from "../../../shared/ids.ts";
import { bo, call, callId, join, me, other, ring, roomId, stateIn } from "./call_fixtures.ts";
import { accept, joined, leave, lobby, ReducedDevice as Device, startRoom } from "./reduced_device.ts";

describe("a ring", () => {
  it("is heard once, however often it arrives, and not after its end", () => {
    const device = new Device().hear({ type: "ring", ring: ring("call", "room") });
    device.hear({ type: "ring", ring: ring("call", "room") });
    expect(device.sent("rang")).toHaveLength(1);
    device.on({ type: "act", act: { type: "decline", callId } });
    expect(device.hear({ type: "ring", ring: ring("call", "room") }).phase).toBe("declined");
    const early = new Device().hear({ type: "ring_ended", callId, userId: me.userId, reason: "cancelled" });
    expect(early.hear({ type: "ring", ring: ring("call", "room") }).phase).toBe("idle");
  });

  it("rings again for the same call when somebody rings again", () => {
    const device = new Device().hear({ type: "ring", ring: ring("call", "room") });
    device.on({ type: "act", act: { type: "decline", callId } });
    device.hear({ type: "ring_ended", callId, userId: me.userId, reason: "declined" }).wait(5_000);
    const second = { ...ring("call", "room"), until: "2026-03-01T12:01:20Z" };
    expect(device.hear({ type: "ring", ring: second }).phase).toBe("incoming");
  });

  it("is hidden, and not declined as busy, while this device calls the same room", () => {
    const device = new Device().on(startRoom).hear({ type: "ring", ring: ring("call", "room") });
    expect(quietRings(device.state)).toEqual([]);
    device.answer("start", joined()).wait(30_000);
    expect(device.sent("decline")).toEqual([]);
    expect(device.state.waiting).toEqual([]);
    device.on(leave);
    expect(device.hear({ type: "ring", ring: ring("call", "room") }).phase).toBe("hangup");
    const late = new Device(stateIn("active")).hear({ type: "ring", ring: ring("call", "room") });
    expect(late.on(leave).phase).toBe("hangup");
    const both = new Device().on(startRoom).hear({ type: "ring", ring: ring("call", "room") }).on(accept);
    expect(both.sent("accept")).toEqual([]);
  });

  it("is taken back by a caller who leaves", () => {
    const device = new Device(stateIn("outgoing")).on(leave);
    expect(device.requests.map(({ request }) => request.type)).toEqual(["cancel", "leave"]);
    const room = new Device().on({
      type: "act",
      act: { type: "start", roomId, ring: [bo], ...join, isDirect: false },
    }).answer("start", joined()).on({ type: "act", act: { type: "cancel_rings" } });
    expect([room.phase, room.sent("cancel").length, room.sent("leave").length]).toEqual(["active", 1, 0]);
  });

  it("becomes loud when the call beside it ends, and is missed in the end", () => {
    const device = new Device(stateIn("active")).hear({ type: "ring", ring: ring("second", "lobby") });
    expect(toneOf(device.state)).toBeNull();
    device.on(leave);
    expect([device.phase, toneOf(device.state)]).toEqual(["incoming", "ring"]);
    expect(device.wait(47_000).phase).toBe("missed");
  });

  it("is loud while only files pass, and waits no longer than elsewhere", () => {
    const files = { ...join, purpose: "files" as const, media: { mic: false, cam: false } };
    const sending = () => {
      const device = new Device().on({
        type: "act",
        act: { type: "start", roomId: lobby, ring: [], ...files },
      });
      const held = {
        ...call(1, me, other),
        callId: "files" as CallId,
        roomId: lobby,
        purpose: "files" as const,
      };
      return device.answer("start", {
        type: "joined",
        joined: { call: held, participantId: me.participantId },
      })
        .hear({ type: "ring", ring: ring("call", "room") });
    };
    const device = sending();
    expect([loudRing(device.state)?.callId, toneOf(device.state), quietRings(device.state)]).toEqual([
      callId,
      "ring",
      [],
    ]);
    expect(device.sent("rang")).toHaveLength(1);
    expect(device.wait(40_000).sent("decline")).toEqual([]);
    expect(device.wait(8_000).state.waiting).toEqual([]);
    const accepted = sending().on(accept);
    expect(accepted.requests.slice(-2).map(({ request }) => request.type)).toEqual(["leave", "accept"]);
    const declined = sending().on({ type: "act", act: { type: "decline", callId } });
    expect(declined.sent("decline")[0]?.request).toMatchObject({ reason: "declined" });
    expect(sessionOf(declined.state)?.purpose).toBe("files");
    // In another call it waits quietly, from then on for as long as others do.
    const talking = sending().wait(25_000).on({
      type: "act",
      act: { type: "start", roomId: "third" as RoomId, ring: [], ...join, isDirect: false },
    });
    expect([loudRing(talking.state), quietRings(talking.state).length]).toEqual([null, 1]);
  });

  it("waits while its person starts another call", () => {
    const device = new Device(stateIn("incoming"));
    device.on({ type: "act", act: { type: "start", roomId: lobby, ring: [], ...join, isDirect: false } });
    expect(quietRings(device.state)).toHaveLength(1);
    const elsewhere = { ...call(1, me), callId: "elsewhere" as CallId, roomId: lobby };
    device.answer("start", { type: "joined", joined: { call: elsewhere, participantId: me.participantId } });
    expect(device.wait(20_000).sent("decline")).toHaveLength(1);
    const late = new Device(stateIn("incoming")).wait(30_000);
    late.on({ type: "act", act: { type: "start", roomId: lobby, ring: [], ...join, isDirect: false } });
    late.answer("start", { type: "joined", joined: { call: elsewhere, participantId: me.participantId } });
    expect([late.wait(18_000).state.waiting.length, late.sent("decline").length]).toEqual([0, 0]);
  });

  it("is declined as busy by somebody in another call", () => {
    const device = new Device(stateIn("active")).hear({ type: "ring", ring: ring("second", "lobby") });
    device.on({ type: "act", act: { type: "decline", callId: "second" as CallId } });
    expect(device.sent("decline")[0]?.request).toMatchObject({ callId: "second", reason: "busy" });
    expect(device.phase).toBe("active");
  });

  it("has room for four cards", () => {
    const device = new Device(stateIn("active"));
    for (let index = 0; index < 9; index += 1) {
      device.hear({ type: "ring", ring: ring(`call ${index}`, `room ${index}`) });
    }
    expect(device.state.waiting).toHaveLength(4);
  });

  it("that ended a moment before it was accepted says why", () => {
    for (
      const [code, phase] of [["not_found", "cancelled"], ["wrong_state", "answered_elsewhere"], [
        "x",
        "failed",
      ]]
    ) {
      expect(new Device(stateIn("incoming")).on(accept).refuse("accept", code ?? "").phase).toBe(phase);
    }
    const device = new Device(stateIn("incoming")).on(accept);
    device.hear({ type: "ring_ended", callId, userId: me.userId, reason: "missed" });
    expect(device.phase).toBe("connecting");
    expect(device.refuse("accept", "wrong_state").phase).toBe("missed");
  });

  it("that this device accepted is over for its other devices alone", () => {
    const device = new Device(stateIn("incoming")).on(accept);
    device.hear({ type: "ring_ended", callId, userId: me.userId, reason: "answered_elsewhere" });
    expect(device.answer("accept", joined(2, other)).phase).toBe("connecting");
  });

  it("tells the caller that it rings, even before the call is known", () => {
    const device = new Device().on({ type: "act", act: { type: "start", roomId, ring: [bo], ...join } });
    device.hear({ type: "ring_state", callId, userId: bo, state: "ringing" });
    expect(toneOf(device.state)).toBeNull();
    expect(toneOf(device.answer("start", joined()).state)).toBe("ringback");
    device.hear({ type: "ring_state", callId: "another" as CallId, userId: bo, state: "in_another_call" });
    expect(toneOf(device.state)).toBe("ringback");
  });

  it("tells the caller how far it has come, and who is busy", () => {
    const device = new Device(stateIn("outgoing"));
    const states = (["ringing", "calling", "in_another_call", "ringing"] as const).map((state) => {
      device.hear({ type: "ring_state", callId, userId: bo, state });
      return sessionOf(device.state)?.rings.get(bo);
    });
    expect(states).toEqual(["ringing", "ringing", "in_another_call", "in_another_call"]);
    expect(device.hear({ type: "ring_ended", callId, userId: bo, reason: "declined" }).phase).toBe("busy");
  });
});
