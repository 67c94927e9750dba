import { describe, expect, it } from "vitest";
import { sessionOf } from "../../../shared/call/call_state.ts";
import { quietRings } from "../../../shared/call/call_outputs.ts";
import type { CallUpdate, JoiningMedia } from "../../../shared/call/call_types.ts";
import type { CallId, RoomId, UserId } from "../../../shared/ids.ts";
import type { SimulatedDevice } from "./simulated_device.ts";
import { SimulatedWorld } from "./simulated_world.ts";

const roomId = "room" as RoomId;
const media: JoiningMedia = { mic: true, cam: false };
const bo = "bo" as UserId;

function start(device: SimulatedDevice, ring: readonly UserId[] = [], isDirect = false): void {
  device.act({ type: "start", roomId, isDirect, purpose: "talk", media, ring });
}

function acceptRing(device: SimulatedDevice, isDirect = false): void {
  const { stage } = device.call;
  if (stage.phase === "incoming") device.act({ type: "accept", callId: stage.ring.callId, media, isDirect });
}

function phasesOf(world: SimulatedWorld): string[] {
  return world.devices.map(({ call }) => call.stage.phase);
}

function endOf({ call: { stage } }: SimulatedDevice): string | null {
  return stage.phase === "ended" ? stage.end.reason : null;
}

/** All links of a device are up. */
function isLinked({ mesh }: SimulatedDevice, count = 1): boolean {
  return mesh.links.size === count && [...mesh.links.values()].every(({ link }) => link.phase === "up");
}

/** Ana calls Bo, who has accepted. */
function connected(options: { isDirect?: boolean; seed?: number } = {}): SimulatedWorld {
  const world = new SimulatedWorld({ people: [{ name: "ana" }, { name: "bo" }], isDirect: true, ...options });
  const isDirect = options.isDirect ?? true;
  start(world.device("ana"), [bo], isDirect);
  world.run(200);
  acceptRing(world.device("bo"), isDirect);
  world.run(2_000);
  expect(phasesOf(world)).toEqual(["active", "active"]);
  return world;
}

describe("a direct call", () => {
  it("rings, is accepted, connects and ends", () => {
    const world = new SimulatedWorld({ people: [{ name: "ana" }, { name: "bo" }], isDirect: true });
    const [ana, bob] = [world.device("ana"), world.device("bo")];
    start(ana, [bo], true);
    world.run(200);
    expect(phasesOf(world)).toEqual(["outgoing", "incoming"]);
    expect([ana.tone, bob.tone]).toEqual(["ringback", "ring"]);
    acceptRing(bob, true);
    world.run(2_000);
    expect(phasesOf(world)).toEqual(["active", "active"]);
    expect(isLinked(ana) && isLinked(bob)).toBe(true);
    bob.act({ type: "leave" });
    world.run(500);
    expect([endOf(ana), endOf(bob)]).toEqual(["hangup", "hangup"]);
    expect(world.server.call).toBeNull();
    expect(sessionOf(ana.call)).toBeNull();
  });

  it("is one call when both start at once, in 200 rounds", () => {
    for (let seed = 0; seed < 200; seed += 1) {
      const world = new SimulatedWorld({ people: [{ name: "ana" }, { name: "bo" }], isDirect: true, seed });
      world.weather = { lost: 0, doubled: 0.2, delayMaxMs: 200 };
      const [ana, bob] = [world.device("ana"), world.device("bo")];
      start(ana, [bo], true);
      start(bob, ["ana" as UserId], true);
      world.run(5_000);
      expect(phasesOf(world)).toEqual(["active", "active"]);
      expect([ana.tone, bob.tone]).toEqual([null, null]);
      expect(isLinked(ana) && isLinked(bob)).toBe(true);
      ana.act({ type: "leave" });
      bob.act({ type: "leave" });
      world.run(5_000);
      expect([endOf(ana), endOf(bob), world.server.call]).toEqual(["hangup", "hangup", null]);
    }
  });

  it("says why nobody came", () => {
    const outcomes = [
      { reason: "declined", act: (bob: SimulatedDevice) => declineRing(bob) },
      { reason: "missed", act: () => {} },
    ];
    for (const { reason, act } of outcomes) {
      const world = new SimulatedWorld({ people: [{ name: "ana" }, { name: "bo" }], isDirect: true });
      start(world.device("ana"), [bo], true);
      world.run(1_000);
      act(world.device("bo"));
      world.run(50_000);
      expect(world.devices.map(endOf)).toEqual([reason, reason]);
      expect(world.server.call).toBeNull();
    }
  });

  it("takes the ring back when the caller hangs up, even before the server has answered", () => {
    for (const afterMs of [0, 5, 15, 30, 200]) {
      const world = new SimulatedWorld({ people: [{ name: "ana" }, { name: "bo" }], isDirect: true });
      const ana = world.device("ana");
      start(ana, [bo], true);
      world.run(afterMs);
      ana.act({ type: "leave" });
      expect(endOf(ana)).toBe("cancelled");
      expect(Object.values(ana.devices ?? {})).not.toContain(true);
      world.run(1_000);
      expect(world.device("bo").tone).toBeNull();
      expect(world.server.call).toBeNull();
    }
  });

  it("stops ringing on the other devices within a second", () => {
    const people = [{ name: "ana" }, { name: "bo1" }, { name: "bo2" }];
    const world = new SimulatedWorld({ people, isDirect: true });
    start(world.device("ana"), [bo], true);
    world.run(200);
    expect(phasesOf(world)).toEqual(["outgoing", "incoming", "incoming"]);
    acceptRing(world.device("bo1"), true);
    world.run(1_000);
    expect(endOf(world.device("bo2"))).toBe("answered_elsewhere");
    expect(world.device("bo2").tone).toBeNull();
  });

  it("lets the first of two devices in that accept at once", () => {
    const world = new SimulatedWorld({
      people: [{ name: "ana" }, { name: "bo1" }, { name: "bo2" }],
      isDirect: true,
    });
    start(world.device("ana"), [bo], true);
    world.run(200);
    const devices = [world.device("bo1"), world.device("bo2")];
    for (const device of devices) acceptRing(device, true);
    world.run(3_000);
    expect(devices.map(({ call }) => call.stage.phase).toSorted()).toEqual(["active", "ended"]);
    expect(devices.map(endOf)).toContain("answered_elsewhere");
    expect(world.server.call?.participants).toHaveLength(2);
  });

  it("shows a second ring quietly, and is busy after 20 s", () => {
    const people = [{ name: "ana" }, { name: "bo" }, { name: "cleo" }];
    const world = new SimulatedWorld({ people });
    const bob = world.device("bo");
    bob.act({ type: "start", roomId: "lobby" as RoomId, isDirect: false, purpose: "talk", media, ring: [] });
    // The server of this world has one room: Bo is in a call that it does not know.
    bob.onCall({ type: "update", update: secondRing(bob) });
    world.run(100);
    expect(bob.tone).toBeNull();
    expect(quietRings(bob.call)).toHaveLength(1);
    world.run(21_000);
    expect(quietRings(bob.call)).toHaveLength(0);
    expect(bob.requests).toContainEqual({ type: "decline", callId: "second", reason: "busy" });
  });

  it("leaves and answers", () => {
    const world = connected({ isDirect: false });
    const bob = world.device("bo");
    bob.onCall({ type: "update", update: secondRing(bob) });
    bob.act({ type: "accept", callId: "second" as CallId, media, isDirect: true });
    expect(bob.requests.slice(-2).map(({ type }) => type).toSorted()).toEqual(["accept", "leave"]);
    expect(bob.call.stage.phase).toBe("connecting");
    expect(bob.mesh.links.size).toBe(0);
  });
});

describe("a call that goes on", () => {
  it("moves to another tab, whose links are new", () => {
    const people = [{ name: "ana" }, { name: "bo", session: "bo" }, { name: "bo2", session: "bo" }];
    const world = new SimulatedWorld({ people });
    const [ana, bob, tab] = [world.device("ana"), world.device("bo"), world.device("bo2")];
    start(ana);
    world.run(500);
    start(bob);
    world.run(2_000);
    expect(isLinked(ana)).toBe(true);
    start(tab);
    world.run(3_000);
    expect(endOf(bob)).toBe("moved");
    expect(bob.requests.map(({ type }) => type)).not.toContain("leave");
    expect(isLinked(ana) && isLinked(tab)).toBe(true);
    expect(world.server.call?.participants).toHaveLength(2);
  });

  it("keeps its media while the server is away, and ends properly afterwards", () => {
    const world = connected();
    const [ana, bob] = [world.device("ana"), world.device("bo")];
    for (const device of world.devices) world.cutStream(device, 20_000);
    world.run(19_000);
    expect(isLinked(ana) && isLinked(bob)).toBe(true);
    world.run(3_000);
    expect(phasesOf(world)).toEqual(["active", "active"]);
    ana.act({ type: "leave" });
    world.run(1_000);
    expect([endOf(ana), endOf(bob), world.server.call]).toEqual(["hangup", "hangup", null]);
  });

  it("tells the server of a leave that it could not hear", () => {
    const world = connected();
    const ana = world.device("ana");
    world.cutStream(ana, 4_000);
    ana.act({ type: "leave" });
    expect(endOf(ana)).toBe("hangup");
    world.run(12_000);
    expect(world.server.call).toBeNull();
    expect(endOf(world.device("bo"))).toBe("hangup");
  });

  it("is left by a device that never got the answer to its start", () => {
    const world = new SimulatedWorld({ people: [{ name: "ana" }, { name: "bo" }] });
    const ana = world.device("ana");
    start(ana, [bo]);
    while (world.server.call === null) world.run(1);
    world.cutStream(ana, 3_000);
    world.run(12_000);
    expect(endOf(ana)).toBe("server_lost");
    world.run(2_000);
    expect(world.server.call).toBeNull();
    expect(world.device("bo").tone).toBeNull();
  });

  it("is over within 35 s for a device that is gone without a word", () => {
    const world = connected({ isDirect: false });
    const ana = world.device("ana");
    world.kill(world.device("bo"));
    world.run(3_000);
    expect(ana.call.stage.phase).toBe("reconnecting");
    world.run(32_000);
    expect(ana.call.stage.phase).toBe("active");
    expect(world.server.call?.participants).toHaveLength(1);
  });

  it("ends where a moderator removes somebody, and mutes without unmuting", () => {
    const world = connected({ isDirect: false });
    const bob = world.device("bo");
    world.server.moderate(bob.tab, "mute");
    world.run(500);
    expect(bob.devices?.mic).toBe(false);
    bob.act({ type: "media", media: { mic: true } });
    world.run(500);
    expect(world.server.call?.participants.map((one) => one.media.mic)).toEqual([true, true]);
    world.server.moderate(bob.tab, "remove");
    world.run(500);
    expect([endOf(bob), world.device("ana").call.stage.phase]).toEqual(["kicked", "active"]);
  });

  it("tells the media that one wants last, however fast they change", () => {
    const world = connected();
    const bob = world.device("bo");
    for (let round = 0; round < 9; round += 1) {
      bob.act({ type: "media", media: { mic: round % 2 === 1 } });
      world.run(7);
    }
    world.run(1_000);
    const told = world.server.call?.participants.find(({ userId }) => userId === bo)?.media;
    expect([told?.mic, bob.devices?.mic]).toEqual([false, false]);
  });
});

function declineRing(device: SimulatedDevice): void {
  const { stage } = device.call;
  if (stage.phase === "incoming") device.act({ type: "decline", callId: stage.ring.callId });
}

function secondRing({ tab }: SimulatedDevice): Extract<CallUpdate, { type: "ring" }> {
  const [callId, by] = ["second" as CallId, `not ${tab.userId}` as UserId];
  const until = "2026-03-01T12:00:45Z";
  const ring = { callId, roomId: "direct" as RoomId, by, video: false, until, remainingMs: 45_000 };
  return { type: "ring", ring };
}
