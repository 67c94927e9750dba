import { describe, expect, it } from "vitest";
import type { RoomId, UserId } from "../../../shared/ids.ts";
import { EPOCHS_PER_SEQ } from "../../../shared/call/link_state.ts";
import type { LinkState } from "../../../shared/call/link_state.ts";
import type { SimulatedDevice } from "./simulated_device.ts";
import { SimulatedWorld } from "./simulated_world.ts";

const media = { mic: true, cam: true };

/** Two devices with a link: Bo joined later, so Bo offers. */
function linked(options: { seed?: number; tickMs?: number } = {}): SimulatedWorld {
  const { seed = 1, tickMs = 1 } = options;
  const world = new SimulatedWorld({ people: [{ name: "ana", tickMs }, { name: "bo" }], seed });
  for (const device of world.devices) {
    const roomId = "room" as RoomId;
    device.act({ type: "start", roomId, isDirect: false, purpose: "talk", media, ring: [] });
    world.run(500);
  }
  world.run(3_000);
  expect(linksOf(world).map(({ phase }) => phase)).toEqual(["up", "up"]);
  return world;
}

function linkOf({ mesh }: SimulatedDevice): LinkState {
  const [found] = mesh.links.values();
  if (found === undefined) throw new Error("There is no link");
  return found.link;
}

function linksOf(world: SimulatedWorld): LinkState[] {
  return world.devices.map(linkOf);
}

/** Both sides ask for a restart at this moment. */
function restartBoth(world: SimulatedWorld): void {
  for (const device of world.devices) {
    for (const [participantId, { seq, connection }] of device.connections) {
      device.onLink(participantId, seq, { type: "beat", epoch: connection.epoch, isHidden: false });
    }
  }
  const [ana, bo] = world.devices;
  if (ana !== undefined && bo !== undefined) world.breakPath(ana, bo);
}

/** How long until both links are up again. */
function recoveryMs(world: SimulatedWorld, maxMs = 60_000): number {
  const from = world.nowMs;
  world.run(1_200);
  while (world.nowMs - from < maxMs) {
    world.run(50);
    if (linksOf(world).every(({ phase }) => phase === "up")) break;
  }
  return world.nowMs - from;
}

describe("a link", () => {
  it("has the later participant as its only offerer, in an epoch of this pair", () => {
    const [ana, bo] = linksOf(linked());
    expect([ana?.isOfferer, bo?.isOfferer]).toEqual([false, true]);
    expect([ana?.epoch, bo?.epoch]).toEqual([2 * EPOCHS_PER_SEQ + 1, 2 * EPOCHS_PER_SEQ + 1]);
  });

  it("stays as it is while both are silent and muted, also in a hidden tab", () => {
    const world = linked({ tickMs: 1_000 });
    for (const device of world.devices) device.act({ type: "media", media: { mic: false, cam: false } });
    const offers = linksOf(world).map(({ offer, epoch }) => [offer, epoch]);
    world.run(60_000);
    expect(linksOf(world).map(({ offer, epoch }) => [offer, epoch])).toEqual(offers);
  });

  it("finds another path when its own breaks, in 200 rounds of both sides at once", () => {
    const world = linked();
    world.weather = { lost: 0, doubled: 0.2, delayMaxMs: 40 };
    let worstMs = 0;
    for (let round = 0; round < 200; round += 1) {
      restartBoth(world);
      worstMs = Math.max(worstMs, recoveryMs(world));
      world.run(round % 7 * 100);
    }
    const [ana, bo] = linksOf(world);
    expect(ana?.epoch).toBe(bo?.epoch);
    // A restart was enough each time: no connection was rebuilt.
    expect(ana?.epoch).toBe(2 * EPOCHS_PER_SEQ + 1);
    expect(ana?.offer).toBe(bo?.offer);
    expect(bo?.offer ?? 0).toBeLessThanOrEqual(2 * 200 + 1);
    // Silence is noticed after 1.5 s, beats come each 500 ms.
    expect(worstMs).toBeLessThan(3_500);
  });

  it("outlasts a path that is gone for minutes", () => {
    const world = linked();
    const [ana, bo] = world.devices;
    if (ana === undefined || bo === undefined) throw new Error("Nobody is there");
    world.cutPath(ana, bo, 25_000);
    world.run(20_000);
    expect(linksOf(world).map(({ phase }) => phase)).not.toContain("up");
    expect(recoveryMs(world)).toBeLessThan(25_000);
  });

  for (const who of [0, 1]) {
    it(`comes back after a reload of the ${who === 0 ? "answerer" : "offerer"} within the same participation`, () => {
      for (let seed = 0; seed < 50; seed += 1) {
        const world = linked({ seed });
        world.devices[who]?.forgetLinks();
        // A reload while the link is up, in the middle of a restart, and twice in a row.
        world.run(seed % 3 === 0 ? 5 : 700);
        if (seed % 2 === 0) world.devices[who]?.forgetLinks();
        expect(recoveryMs(world)).toBeLessThan(12_000);
        const [ana, bo] = linksOf(world);
        expect(ana?.epoch).toBe(bo?.epoch);
        expect([ana?.peerId, bo?.peerId]).toEqual([bo?.id, ana?.id]);
      }
    });
  }

  it("is repaired twice when media that are told do not arrive, and no more", () => {
    const world = linked();
    const before = linksOf(world).map(({ epoch }) => epoch);
    world.dry.add("ana>bo");
    world.run(30_000);
    const [, bo] = linksOf(world);
    // One restart, then one new connection.
    expect(bo?.epoch).toBe((before[1] ?? 0) + 1);
    world.run(60_000);
    expect(linkOf(world.device("bo")).epoch).toBe((before[1] ?? 0) + 1);
    expect(linksOf(world).map(({ phase }) => phase)).toEqual(["up", "up"]);
  });

  it("is not declared dead by a device that slept", () => {
    const world = linked();
    const [ana] = world.devices;
    if (ana === undefined) throw new Error("Nobody is there");
    const { link, participantId } = firstLink(ana);
    // The tick comes a minute late, before the beats that have queued up.
    world.nowMs += 60_000;
    ana.onMesh({ type: "tick" });
    expect(linkOf(ana).phase).toBe("up");
    ana.onLink(participantId, 2, { type: "beat", epoch: link.epoch, isHidden: false });
    expect(linkOf(ana).offer).toBe(1);
  });

  it("opens to each of four devices within 3 s, with 12 sides up", () => {
    const names = ["ana", "bo", "cleo", "dara"];
    const world = new SimulatedWorld({ people: names.map((name) => ({ name })) });
    for (const device of world.devices) {
      device.act({
        type: "start",
        roomId: "room" as RoomId,
        isDirect: false,
        purpose: "talk",
        media,
        ring: ["bo" as UserId],
      });
    }
    world.run(3_000);
    const phases = world.devices.flatMap(({ mesh }) =>
      [...mesh.links.values()].map(({ link }) => link.phase)
    );
    expect(phases).toEqual(Array.from({ length: 12 }, () => "up"));
  });
});

function firstLink({ mesh }: SimulatedDevice) {
  const [found] = mesh.links;
  if (found === undefined) throw new Error("There is no link");
  const [participantId, { link }] = found;
  return { participantId, link };
}
