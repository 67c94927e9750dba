import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { UserId } from "../../../shared/ids.ts";
import {
  EPHEMERAL_SKIP_BYTES,
  PRESENCE_DEBOUNCE_MS,
  PRESENCE_LEASE_MS,
  PRESENCE_RENEW_MS,
} from "../../../shared/limits.ts";
import { offlineState, SNAPSHOT_MIN_CHANGE_COUNT, toSnapshot } from "../../../shared/presence.ts";
import type { PresenceUpdate } from "../../../shared/presence.ts";
import { LEASES } from "../../../server/presence/presence_store.ts";
import { PresenceKit, statesIn } from "../../support/presence_kit.ts";
import type { PresenceReaderKit } from "../../support/presence_kit.ts";

const ana = "ana0000000000000" as UserId;
const ben = "ben0000000000000" as UserId;
const cleo = "cleo000000000000" as UserId;
/** Longer than a lone change waits for company. */
const SOON_MS = 200;
const HEALED_MS = 35_000;

describe("PresenceStore", () => {
  it("PRS1 tells that a person is there, at once", async () => {
    await using kit = await PresenceKit.open();
    const reader = kit.reader(ana);
    await kit.advance(0);
    expect(reader.updates()).toEqual([toSnapshot([])]);
    kit.device(ben);
    await kit.advance(SOON_MS);
    expect(reader.updates().at(-1)).toEqual({
      type: "diff",
      states: [{ userId: ben, status: "online", text: "", textUntil: null, doNotDisturb: false }],
    });
  });

  it("PRS2 keeps a person there for as long as the connection lives, and tells nothing anew", async () => {
    await using kit = await PresenceKit.open();
    const reader = kit.reader(ana);
    kit.device(ben);
    await kit.advance(SOON_MS);
    const countBefore = reader.updates().length;
    await kit.advance(20 * PRESENCE_LEASE_MS);
    expect(reader.statusOf(ben)).toBe("online");
    expect(reader.updates().length).toBe(countBefore);
  });

  it("PRS3 shows away only when all devices are idle, and offline only when none is left", async () => {
    await using kit = await PresenceKit.open();
    const reader = kit.reader(ana);
    const laptop = kit.device(ben);
    const phone = kit.device(ben, "away");
    await kit.advance(SOON_MS);
    expect(reader.statusOf(ben)).toBe("online");
    kit.say(laptop, ben, "away");
    await kit.advance(PRESENCE_DEBOUNCE_MS + SOON_MS);
    expect(reader.statusOf(ben)).toBe("away");
    kit.say(phone, ben, "online");
    await kit.advance(SOON_MS);
    expect(reader.statusOf(ben)).toBe("online");
    phone.end();
    await kit.advance(PRESENCE_DEBOUNCE_MS + SOON_MS);
    expect(reader.statusOf(ben)).toBe("away");
    laptop.end();
    await kit.advance(PRESENCE_DEBOUNCE_MS + SOON_MS);
    expect(reader.statusOf(ben)).toBe("offline");
  });

  it("PRS4 shows nothing of a reload, and waits 5 s before it shows that somebody left", async () => {
    await using kit = await PresenceKit.open();
    const reader = kit.reader(ana);
    const first = kit.device(ben);
    await kit.advance(SOON_MS);
    const countBefore = reader.updates().length;
    first.end();
    await kit.advance(PRESENCE_DEBOUNCE_MS - 1);
    const second = kit.device(ben);
    await kit.advance(60_000);
    expect(reader.updates().length).toBe(countBefore);
    second.end();
    await kit.advance(PRESENCE_DEBOUNCE_MS - 1);
    expect(reader.statusOf(ben)).toBe("online");
    await kit.advance(SOON_MS);
    expect(reader.statusOf(ben)).toBe("offline");
  });

  it("PRS4 waits anew when somebody who is about to be away leaves", async () => {
    await using kit = await PresenceKit.open();
    const reader = kit.reader(ana);
    const device = kit.device(ben);
    await kit.advance(SOON_MS);
    kit.say(device, ben, "away");
    await kit.advance(PRESENCE_DEBOUNCE_MS - 1_000);
    device.end();
    await kit.advance(2_000);
    kit.device(ben, "away");
    await kit.advance(SOON_MS);
    const seen = reader.updates().flatMap(statesIn).map((state) => state.status);
    expect(seen).not.toContain("offline");
  });

  it("PRS5 forgets a device that speaks over HTTP when it does not come again within 30 s", async () => {
    await using kit = await PresenceKit.open();
    const reader = kit.reader(ana);
    const say = () => kit.store.hold({ userId: ben, connection: null, key: "session1" }, "online");
    say();
    await kit.advance(PRESENCE_LEASE_MS - 5_000);
    say();
    await kit.advance(PRESENCE_LEASE_MS - 1);
    expect(reader.statusOf(ben)).toBe("online");
    await kit.advance(HEALED_MS - PRESENCE_LEASE_MS);
    expect(reader.statusOf(ben)).toBe("offline");
  });

  it("PRS5 goes away over HTTP only when no tab of the session says that it is there", async () => {
    await using kit = await PresenceKit.open();
    const reader = kit.reader(ana);
    const say = (status: "online" | "away") =>
      kit.store.hold({ userId: ben, connection: null, key: "session1" }, status);
    for (let round = 0; round < 6; round++) {
      say("online");
      await kit.advance(3_000);
      say("away");
      await kit.advance(PRESENCE_RENEW_MS - 3_000);
    }
    const seen = reader.updates().flatMap(statesIn).map((state) => state.status);
    expect(seen).toEqual(["online"]);
    say("away");
    await kit.advance(2 * PRESENCE_RENEW_MS);
    expect(reader.statusOf(ben)).toBe("away");
  });

  it("PRS6 heals within 35 s after an instance that held leases has died", async () => {
    await using kit = await PresenceKit.open();
    const reader = kit.reader(ana);
    await kit.advance(0);
    const forMs = PRESENCE_LEASE_MS;
    const lease = { connectionId: "elsewhere", userId: ben, status: "online", forMs } as const;
    kit.signals.send(LEASES, null, { leases: [lease] });
    // Own people keep the own renewals going, which must not renew those of others.
    kit.device(cleo);
    await kit.advance(PRESENCE_LEASE_MS - 1);
    expect(reader.statusOf(ben)).toBe("online");
    await kit.advance(HEALED_MS - PRESENCE_LEASE_MS);
    expect(reader.statusOf(ben)).toBe("offline");
    expect(reader.statusOf(cleo)).toBe("online");
  });

  it("PRS7 takes nothing from a connection that has ended already", async () => {
    await using kit = await PresenceKit.open();
    const reader = kit.reader(ana);
    const device = kit.device(ben);
    device.end();
    kit.say(device, ben, "online");
    await kit.advance(SOON_MS);
    expect(reader.statusOf(ben)).toBe("offline");
  });

  it("PRS7 renews nothing for a connection that is gone, even if nobody said so", async () => {
    await using kit = await PresenceKit.open();
    const reader = kit.reader(ana);
    kit.device(ben).isOpen = false;
    await kit.advance(HEALED_MS);
    expect(reader.statusOf(ben)).toBe("offline");
  });

  it("PRS7 begins with one snapshot, without diffs that it holds already", async () => {
    await using kit = await PresenceKit.open();
    kit.reader(ana);
    kit.device(ben);
    await kit.advance(SOON_MS);
    kit.device(cleo);
    await kit.advance(SOON_MS);
    const late = kit.reader(ana);
    await kit.advance(SOON_MS);
    expect(late.updates().map((update) => [update.type, statesIn(update).length])).toEqual([["snapshot", 2]]);
  });

  it("PRS8 gives a reader that skipped frames a new snapshot once it has caught up", async () => {
    await using kit = await PresenceKit.open();
    const slow = kit.reader(ana);
    await kit.advance(0);
    slow.connection.bufferedBytes = EPHEMERAL_SKIP_BYTES + 1;
    kit.device(ben);
    await kit.advance(SOON_MS);
    kit.device(cleo);
    await kit.advance(SOON_MS);
    expect(slow.updates().length).toBe(1);
    slow.connection.drain();
    await kit.advance(0);
    expect(slow.updates().at(-1)?.type).toBe("snapshot");
    expect([slow.statusOf(ben), slow.statusOf(cleo)]).toEqual(["online", "online"]);
    kit.device(ana);
    await kit.advance(SOON_MS);
    expect(slow.updates().at(-1)?.type).toBe("diff");
  });

  it("PRS9 lets who was deactivated vanish at once, text and all, and for good", async () => {
    await using kit = await PresenceKit.open();
    const reader = kit.reader(ana);
    kit.device(ben);
    await kit.store.setText(ben, { text: "Lunch" });
    await kit.advance(SOON_MS);
    kit.roles.set(ben, null);
    kit.feed.publish({
      type: "changed",
      change: { type: "session_ended", userId: ben, sessionId: null, tokenId: null, reason: "deactivated" },
    });
    await kit.advance(SOON_MS);
    expect(reader.picture().states.has(ben)).toBe(false);
    await kit.restart();
    const later = kit.reader(ana);
    await kit.advance(60_000);
    expect(later.picture().states.has(ben)).toBe(false);
  });

  it("PRS12 tells of a deactivation even if the person was offline, and among many other changes", async () => {
    await using kit = await PresenceKit.open();
    const reader = kit.reader(ana);
    await kit.advance(SOON_MS);
    const deactivate = (userId: UserId) => {
      kit.roles.set(userId, null);
      const change = {
        type: "session_ended",
        userId,
        sessionId: null,
        tokenId: null,
        reason: "deactivated",
      } as const;
      kit.feed.publish({ type: "changed", change });
    };
    deactivate(ben);
    await kit.advance(SOON_MS);
    expect(reader.updates().at(-1)).toEqual({
      type: "diff",
      states: [{ ...offlineState(ben), isDeactivated: true }],
    });
    const crowd = Array.from(
      { length: SNAPSHOT_MIN_CHANGE_COUNT },
      (_, i) => `${i}`.padStart(16, "0") as UserId,
    );
    for (const userId of crowd) kit.device(userId);
    deactivate(cleo);
    await kit.advance(SOON_MS);
    const told = reader.updates().flatMap(statesIn).filter(({ isDeactivated }) => isDeactivated);
    expect(told.map(({ userId }) => userId)).toEqual([ben, cleo]);
    expect(reader.picture().states.size).toBe(crowd.length);
  });

  it("PRS10 calls watchers back like subscribers, until they end", async () => {
    await using kit = await PresenceKit.open();
    kit.device(ben);
    await kit.advance(SOON_MS);
    const updates: PresenceUpdate[] = [];
    const stop = kit.watch(ana, (update) => updates.push(update));
    await kit.advance(0);
    kit.device(cleo);
    await kit.advance(SOON_MS);
    expect(updates.map((update) => [update.type, statesIn(update).map((state) => state.userId)])).toEqual([
      ["snapshot", [ben]],
      ["diff", [cleo]],
    ]);
    stop();
    kit.device(ana);
    await kit.advance(SOON_MS);
    expect(updates.length).toBe(2);
  });

  it("PRS11 shows every reader what a fresh snapshot shows, whenever it came and however slow it was", async () => {
    const step = fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({ type: fc.constant("say" as const), who: fc.nat(3), away: fc.boolean() }),
      },
      { weight: 3, arbitrary: fc.record({ type: fc.constant("end" as const), who: fc.nat(3) }) },
      { weight: 2, arbitrary: fc.record({ type: fc.constant("read" as const) }) },
      { weight: 2, arbitrary: fc.record({ type: fc.constant("stall" as const), which: fc.nat(5) }) },
      { weight: 2, arbitrary: fc.record({ type: fc.constant("drain" as const), which: fc.nat(5) }) },
      { weight: 5, arbitrary: fc.record({ type: fc.constant("wait" as const), ms: fc.nat(6_000) }) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        await using kit = await PresenceKit.open();
        const readers: PresenceReaderKit[] = [kit.reader(ana)];
        const devices = new Map<number, ReturnType<typeof kit.device>>();
        for (const one of steps) {
          if (one.type === "say") {
            const userId = `user${one.who}` as UserId;
            const status = one.away ? "away" : "online";
            const device = devices.get(one.who);
            if (device === undefined) devices.set(one.who, kit.device(userId, status));
            else kit.say(device, userId, status);
          } else if (one.type === "end") {
            devices.get(one.who)?.end();
            devices.delete(one.who);
          } else if (one.type === "read") {
            readers.push(kit.reader(ana));
          } else if (one.type === "wait") {
            await kit.advance(one.ms);
          } else {
            const connection = readers[one.which]?.connection;
            if (one.type === "drain") connection?.drain();
            else if (connection) connection.bufferedBytes = EPHEMERAL_SKIP_BYTES + 1;
          }
        }
        await kit.advance(10_000);
        for (const reader of readers) reader.connection.drain();
        await kit.advance(SOON_MS);
        const fresh = kit.reader(ana);
        await kit.advance(0);
        const expected = new Map(fresh.picture().states);
        for (const reader of readers) expect(new Map(reader.picture().states)).toEqual(expected);
        for (const [who] of devices) expect(expected.has(`user${who}` as UserId)).toBe(true);
        expect(expected.size).toBe(devices.size);
      }),
      { numRuns: 60 },
    );
  });
});
