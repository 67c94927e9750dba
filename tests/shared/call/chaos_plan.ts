import fc from "fast-check";
import { sessionOf } from "../../../shared/call/call_state.ts";
import type { JoiningMedia } from "../../../shared/call/call_types.ts";
import type { CallId, RoomId } from "../../../shared/ids.ts";
import type { SimulatedDevice } from "./simulated_device.ts";
import { SimulatedWorld } from "./simulated_world.ts";
import type { WorldOptions } from "./simulated_world.ts";

/** Something that happens to a device, or between two. */
export interface Incident {
  readonly afterMs: number;
  readonly who: number;
  readonly other: number;
  readonly what: (typeof HAPPENINGS)[number];
  readonly ms: number;
}

const HAPPENINGS = [
  "nothing",
  "start",
  "start",
  "start",
  "ring",
  "answer",
  "answer",
  "answer",
  "answer",
  "join",
  "join",
  "join",
  "join",
  "decline",
  "leave",
  "mic",
  "cam",
  "hand",
  "cancel",
  "dismiss",
  "cut stream",
  "cut path",
  "break path",
  "dry",
  "fail",
  "kill",
  "mute",
  "kick",
  "reload",
] as const;

/** A world, its weather, and what happens in it. */
export interface Plan {
  readonly seed: number;
  readonly isDirect: boolean;
  /** Whether all are in the call, with their links up, before the weather turns. */
  readonly isConnected: boolean;
  readonly weather: { readonly lost: number; readonly doubled: number; readonly delayMaxMs: number };
  readonly incidents: readonly Incident[];
}

const MEDIA: JoiningMedia = { mic: true, cam: true };
const ROOM = "room" as RoomId;
const CALM_MS = 150_000;

/** Any plan for a world with this many devices. */
export function anyPlan(deviceCount: number, incidentCount: number): fc.Arbitrary<Plan> {
  const device = fc.nat({ max: deviceCount - 1 });
  return fc.record({
    seed: fc.nat(),
    isDirect: fc.boolean(),
    isConnected: fc.boolean(),
    weather: fc.record({
      lost: fc.constantFrom(0, 0.05, 0.3),
      doubled: fc.constantFrom(0, 0.3),
      delayMaxMs: fc.constantFrom(5, 80, 1_500),
    }),
    incidents: fc.array(
      fc.record({
        // Much at once, and little after a while.
        afterMs: fc.oneof(fc.nat({ max: 30 }), fc.nat({ max: 2_000 }), fc.nat({ max: 30_000 })),
        who: device,
        other: device,
        what: fc.constantFrom(...HAPPENINGS),
        ms: fc.oneof(fc.nat({ max: 3_000 }), fc.nat({ max: 45_000 })),
      }),
      { minLength: incidentCount / 2, maxLength: incidentCount },
    ),
  });
}

/** Lets a plan happen, then heals the network and waits until all is quiet. */
export function carryOut(plan: Plan, people: WorldOptions["people"]): SimulatedWorld {
  const world = new SimulatedWorld({ people, isDirect: plan.isDirect, seed: plan.seed });
  if (plan.isConnected) connectAll(world, plan.isDirect);
  world.weather = plan.weather;
  for (const incident of plan.incidents) {
    world.run(incident.afterMs);
    happen(world, incident, plan.isDirect);
  }
  world.run(1_000);
  world.heal();
  world.run(CALM_MS);
  return world;
}

function connectAll(world: SimulatedWorld, isDirect: boolean): void {
  const count = isDirect ? 2 : world.devices.length;
  for (const device of world.devices.slice(0, count)) {
    device.act({ type: "start", roomId: ROOM, isDirect, purpose: "talk", media: MEDIA, ring: [] });
  }
  world.run(4_000);
}

function happen(world: SimulatedWorld, { who, other, what, ms }: Incident, isDirect: boolean): void {
  const [device, peer] = [world.devices[who], world.devices[other]];
  if (device === undefined || peer === undefined || !device.isAlive) return;
  const ring = world.devices.map(({ tab }) => tab.userId).filter((userId) => userId !== device.tab.userId);
  const { want } = sessionOf(device.call) ?? {};
  switch (what) {
    case "start":
      return device.act({ type: "start", roomId: ROOM, isDirect, purpose: "talk", media: MEDIA, ring });
    case "ring":
      if (!isDirect) device.act({ type: "ring_more", userId: peer.tab.userId });
      return;
    case "answer":
    case "decline": {
      const callId = ringOf(device);
      if (callId === null) return;
      const act = { callId, media: MEDIA, isDirect };
      return device.act(what === "answer" ? { type: "accept", ...act } : { type: "decline", callId });
    }
    case "join": {
      const callId = world.server.call?.callId;
      if (callId === undefined) return;
      return device.act({ type: "join", callId, roomId: ROOM, isDirect, purpose: "talk", media: MEDIA });
    }
    case "leave":
      return device.act({ type: "leave" });
    case "mic":
      return device.act({ type: "media", media: { mic: !want?.mic } });
    case "cam":
      return device.act({ type: "media", media: { cam: !want?.cam } });
    case "hand":
      return device.act({ type: "hand", isRaised: !want?.hand });
    case "cancel":
      return device.act({ type: "cancel_rings" });
    case "dismiss":
      return device.act({ type: "dismiss" });
    default:
      return suffer(world, { device, peer, what, ms });
  }
}

interface Suffering {
  readonly device: SimulatedDevice;
  readonly peer: SimulatedDevice;
  readonly what: Incident["what"];
  readonly ms: number;
}

function suffer(world: SimulatedWorld, { device, peer, what, ms }: Suffering): void {
  switch (what) {
    case "cut stream":
      return world.cutStream(device, ms);
    case "cut path":
      return world.cutPath(device, peer, ms);
    case "break path":
      return world.breakPath(device, peer);
    case "dry":
      world.dry.add(`${device.tab.name}>${peer.tab.name}`);
      return;
    case "fail":
      for (const [participantId, { seq, connection }] of device.connections) {
        device.onLink(participantId, seq, { type: "failed", epoch: connection.epoch });
      }
      return;
    case "kill":
      return world.kill(device);
    case "mute":
      return world.server.moderate(device.tab, "mute");
    case "reload":
      return device.forgetLinks();
    case "kick":
      return world.server.moderate(device.tab, "remove");
  }
}

function ringOf({ call: { stage, waiting } }: SimulatedDevice): CallId | null {
  return stage.phase === "incoming" ? stage.ring.callId : waiting[0]?.callId ?? null;
}

/** What is wrong in a world that has been quiet for a while. */
export function findFaults(world: SimulatedWorld): string[] {
  const faults: string[] = [];
  const { call } = world.server;
  const members = new Set(call?.participants.map(({ participantId }) => participantId));
  for (const device of world.devices) {
    const { name } = device.tab;
    const own = world.server.participantOf(device.tab);
    const session = sessionOf(device.call);
    if (!device.isAlive) {
      if (own !== null) faults.push(`${name} is dead and still in the call`);
      continue;
    }
    if ((own !== null) !== (session !== null)) {
      faults.push(`${name}: ${own} for the server, ${phase(device)} here`);
    }
    if (session !== null && session.callId !== call?.callId) faults.push(`${name} is in a call that is over`);
    if (session === null && device.call.stage.phase === "incoming") faults.push(`${name} still hears a ring`);
    if (device.call.pending.length + device.call.later.length > 0) faults.push(`${name} has requests left`);
    if (own !== null && session !== null) faults.push(...findLinkFaults(world, device, members.size));
  }
  return faults;
}

function findLinkFaults(world: SimulatedWorld, device: SimulatedDevice, memberCount: number): string[] {
  const { name } = device.tab;
  const faults: string[] = [];
  const own = world.server.participantOf(device.tab);
  if (device.mesh.links.size !== memberCount - 1) faults.push(`${name} has ${device.mesh.links.size} links`);
  if (device.call.stage.phase !== "active") faults.push(`${name} is ${phase(device)}`);
  const told = world.server.call?.participants.find((one) => one.participantId === own);
  const want = sessionOf(device.call)?.want;
  if (
    told?.media.mic !== want?.mic || told?.media.cam !== want?.cam ||
    (told?.handSince !== null) !== want?.hand
  ) {
    faults.push(`${name} sends other media than it tells`);
  }
  for (const [peerId, { link }] of device.mesh.links) {
    if (link.phase !== "up") faults.push(`${name} to ${peerId} is ${link.phase}`);
    const peer = world.devices.find(({ tab }) => world.server.participantOf(tab) === peerId);
    const back = own === null ? undefined : peer?.mesh.links.get(own)?.link;
    if (back === undefined) faults.push(`${name} to ${peerId}: no link back`);
    else if (back.isOfferer === link.isOfferer) faults.push(`${name} and ${peerId} agree on no offerer`);
    else if (back.epoch !== link.epoch) {
      faults.push(`${name} and ${peerId}: epochs ${link.epoch}, ${back.epoch}`);
    }
  }
  return faults;
}

function phase({ call: { stage } }: SimulatedDevice): string {
  return stage.phase === "ended" ? `ended by ${stage.end.reason}` : stage.phase;
}
