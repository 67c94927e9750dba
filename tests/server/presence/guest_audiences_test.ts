import { describe, expect, it } from "vitest";
import type { RoomEvent } from "../../../shared/event.ts";
import type { RoomId, UserId } from "../../../shared/ids.ts";
import { PRESENCE_DEBOUNCE_MS } from "../../../shared/limits.ts";
import type { PresenceUpdate } from "../../../shared/presence.ts";
import { PresenceKit, statesIn } from "../../support/presence_kit.ts";
import { roomNotice } from "../../support/stream_kit.ts";

const guest = "guest00000000000" as UserId;
const ana = "ana0000000000000" as UserId;
const ben = "ben0000000000000" as UserId;
const cleo = "cleo000000000000" as UserId;
const dock = "dock000000000000" as RoomId;
const SOON_MS = 200;

/** A guest in a room with the given people; everybody else is a stranger. */
function letIn(kit: PresenceKit, ...people: UserId[]): void {
  kit.roles.set(guest, "guest");
  kit.neighbours.set(guest, { roomIds: new Set([dock]), userIds: new Set([guest, ...people]) });
}

/** Tells of a change of membership as the event log does after its commit. */
function tell(kit: PresenceKit, type: "member_joined" | "member_left", userId: UserId): void {
  const place = { offset: 9, at: new Date().toISOString(), by: userId, userId };
  const event: RoomEvent = type === "member_left" ? { ...place, type } : { ...place, type, role: "member" };
  kit.feed.publish(roomNotice(dock, [event], 0));
}

describe("presence of a guest", () => {
  it("PRS30 holds the people of its rooms, and not one byte of anybody else", async () => {
    await using kit = await PresenceKit.open();
    letIn(kit, ana);
    kit.device(ana);
    const stranger = kit.device(ben);
    await kit.advance(SOON_MS);
    const reader = kit.reader(guest);
    await kit.advance(0);
    expect(reader.picture().states.has(ana)).toBe(true);
    kit.say(stranger, ben, "away");
    await kit.store.setText(ben, { text: "A secret" });
    await kit.advance(PRESENCE_DEBOUNCE_MS + SOON_MS);
    stranger.end();
    await kit.advance(60_000);
    const bytes = reader.connection.texts.join("\n");
    expect(bytes).toContain(ana);
    expect(bytes).not.toContain(ben);
    expect(bytes).not.toContain("A secret");
  });

  it("PRS31 follows who comes to its rooms and who leaves them", async () => {
    await using kit = await PresenceKit.open();
    letIn(kit, ana);
    kit.device(ana);
    const device = kit.device(ben);
    const reader = kit.reader(guest);
    await kit.advance(SOON_MS);
    expect(reader.statusOf(ben)).toBe("offline");
    letIn(kit, ana, ben);
    tell(kit, "member_joined", ben);
    await kit.advance(SOON_MS);
    expect(reader.statusOf(ben)).toBe("online");
    letIn(kit, ana);
    tell(kit, "member_left", ben);
    await kit.advance(SOON_MS);
    expect(reader.statusOf(ben)).toBe("offline");
    const countBefore = reader.updates().length;
    kit.say(device, ben, "away");
    await kit.advance(60_000);
    expect(reader.updates().length).toBe(countBefore);
    expect(reader.statusOf(ana)).toBe("online");
  });

  it("PRS32 gets nothing while it is looked up whom it may still see", async () => {
    await using kit = await PresenceKit.open();
    letIn(kit, ana, ben);
    kit.device(ana);
    const reader = kit.reader(guest);
    await kit.advance(SOON_MS);
    const gate = Promise.withResolvers<void>();
    kit.lookupGate = gate.promise;
    tell(kit, "member_left", cleo);
    // Overtakes the lookup that has begun: its answer still holds ben.
    letIn(kit, ana);
    tell(kit, "member_left", ben);
    await kit.store.setText(ben, { text: "After they parted" });
    await kit.store.setText(ana, { text: "Still here" });
    await kit.advance(SOON_MS);
    gate.resolve();
    await kit.advance(SOON_MS);
    expect(reader.connection.texts.join("\n")).not.toContain("After they parted");
    expect(reader.picture().states.get(ana)?.text).toBe("Still here");
  });

  it("PRS35 is told of a deactivation that happens while it is looked up whom it may see", async () => {
    await using kit = await PresenceKit.open();
    letIn(kit, ana, ben);
    const reader = kit.reader(guest);
    await kit.advance(SOON_MS);
    const gate = Promise.withResolvers<void>();
    kit.lookupGate = gate.promise;
    tell(kit, "member_joined", cleo);
    kit.roles.set(ben, null);
    kit.feed.publish({
      type: "changed",
      change: { type: "session_ended", userId: ben, sessionId: null, tokenId: null, reason: "deactivated" },
    });
    await kit.advance(SOON_MS);
    gate.resolve();
    await kit.advance(SOON_MS);
    const told = reader.updates().flatMap(statesIn).filter(({ isDeactivated }) => isDeactivated);
    expect(told.map(({ userId }) => userId)).toEqual([ben]);
  });

  it("PRS33 shares one view among its tabs, and ends it with the last", async () => {
    await using kit = await PresenceKit.open();
    letIn(kit, ana);
    kit.device(ana);
    await kit.advance(SOON_MS);
    const [one, two] = [kit.reader(guest), kit.reader(guest)];
    await kit.advance(0);
    expect(two.updates()).toEqual(one.updates());
    expect(kit.hub.hasSubscribers(`presence:${guest}`)).toBe(true);
    one.abort();
    two.abort();
    await Promise.all([one.ended, two.ended]);
    expect(kit.hub.hasSubscribers(`presence:${guest}`)).toBe(false);
  });

  it("PRS34 sees everybody once it is a member, and only its rooms once it is a guest again", async () => {
    await using kit = await PresenceKit.open();
    letIn(kit, ana);
    kit.device(ana);
    const device = kit.device(ben);
    const watched: PresenceUpdate[] = [];
    const stop = kit.watch(guest, (update) => watched.push(update));
    const reader = kit.reader(guest);
    await kit.advance(SOON_MS);
    expect([...reader.picture().states.keys()]).toEqual([ana]);

    kit.roles.set(guest, "member");
    kit.feed.publish({ type: "changed", change: { type: "user_changed", userId: guest } });
    await kit.advance(0);
    expect([...reader.picture().states.keys()]).toEqual([ana, ben]);
    expect(watched.slice(-1).flatMap(statesIn).length).toBe(2);

    kit.roles.set(guest, "guest");
    kit.feed.publish({ type: "changed", change: { type: "user_changed", userId: guest } });
    await kit.advance(0);
    expect([...reader.picture().states.keys()]).toEqual([ana]);
    const countBefore = reader.updates().length;
    const watchedBefore = watched.length;
    device.end();
    await kit.advance(60_000);
    expect(reader.updates().length).toBe(countBefore);
    expect(watched.length).toBe(watchedBefore);
    stop();
  });

  it("PRS36 sees only its rooms when it becomes a guest while it is looked up who it is", async () => {
    await using kit = await PresenceKit.open();
    letIn(kit, ana);
    kit.device(ana);
    kit.device(ben);
    kit.roles.set(guest, "member");
    const { promise, resolve } = Promise.withResolvers<void>();
    kit.roleGate = promise;
    const reader = kit.reader(guest);
    kit.roles.set(guest, "guest");
    kit.feed.publish({ type: "changed", change: { type: "user_changed", userId: guest } });
    resolve();
    await kit.advance(SOON_MS);
    expect([...reader.picture().states.keys()]).toEqual([ana]);
    expect(kit.hub.hasSubscribers("presence")).toBe(false);
  });
});
