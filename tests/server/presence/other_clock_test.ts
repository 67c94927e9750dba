import { describe, expect, it, vi } from "vitest";
import type { UserId } from "../../../shared/ids.ts";
import { PRESENCE_LEASE_MS } from "../../../shared/limits.ts";
import { applyPresence, EMPTY_PICTURE } from "../../../shared/presence.ts";
import { Log } from "../../../server/log.ts";
import { LEASES, PresenceStore } from "../../../server/presence/presence_store.ts";
import { Hub } from "../../../server/streams/hub.ts";
import { Signals } from "../../../server/streams/signals.ts";
import { SIGNALS } from "../../../shared/signals.ts";
import { PresenceKit } from "../../support/presence_kit.ts";

const ana = "ana0000000000000" as UserId;
const ben = "ben0000000000000" as UserId;
const cleo = "cleo000000000000" as UserId;
const HOUR_MS = 3_600_000;
const HEALED_MS = 35_000;

describe("presence among clocks that differ", () => {
  for (const aheadMs of [-HOUR_MS, HOUR_MS]) {
    it(`PRS43 F11 is right on an instance whose clock is ${aheadMs} ms ahead`, async () => {
      await using kit = await PresenceKit.open();
      const hub = new Hub();
      const signals = new Signals({ feed: kit.feed, hub, signals: [SIGNALS.presence] });
      const other = await PresenceStore.open({
        db: kit.db,
        feed: kit.feed,
        hub,
        signals,
        log: new Log({ level: "error", format: "text" }),
        now: () => Date.now() + aheadMs,
        roleOf: () => Promise.resolve("member"),
        neighboursOf: (userId) => Promise.resolve({ roomIds: new Set(), userIds: new Set([userId]) }),
      });
      let picture = EMPTY_PICTURE;
      kit.watch(ana, (update) => picture = applyPresence(picture, update), signals);
      kit.device(ben);
      await kit.advance(3 * PRESENCE_LEASE_MS);
      expect(picture.states.get(ben)?.status).toBe("online");
      // As after a crash: nobody renews the lease any more.
      kit.store.close();
      await kit.advance(HEALED_MS);
      expect(picture.states.get(ben)).toBeUndefined();
      other.close();
    });
  }

  for (const stepMs of [-HOUR_MS, HOUR_MS]) {
    it(`PRS44 F11 heals after the own clock was moved by ${stepMs} ms`, async () => {
      await using kit = await PresenceKit.open();
      const reader = kit.reader(ana);
      const device = kit.device(ben);
      const leases: number[] = [];
      kit.signals.on(LEASES, () => void leases.push(Date.now()));
      await kit.advance(1_000);
      vi.setSystemTime(Date.now() + stepMs);
      leases.length = 0;
      await kit.advance(HEALED_MS);
      expect(leases.length).toBeGreaterThanOrEqual(2);
      expect(reader.statusOf(ben)).toBe("online");
      kit.device(cleo);
      await kit.advance(HEALED_MS);
      expect(reader.statusOf(cleo)).toBe("online");
      device.end();
      await kit.advance(HEALED_MS);
      expect(reader.statusOf(ben)).toBe("offline");
    });
  }
});
