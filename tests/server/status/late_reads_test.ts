import { describe, expect, it } from "vitest";
import { DeliveryStore } from "../../../server/status/delivery_store.ts";
import { keys } from "../../../server/kv/keys.ts";
import { StatusKit } from "../../support/status_kit.ts";
import { ScriptedMonitor, secondsOf } from "./monitor_kit.ts";

const MINUTE_MS = 60_000;
const DAY = "2030-01-31";

describe("a monitor that starts while storage is gone", () => {
  it("finds the silence, the days, the deliveries and the activity once storage is back", async () => {
    await using kit = await StatusKit.open();
    const first = new ScriptedMonitor(kit);
    await first.monitor.start();
    await first.rounds(10);
    const stored = await new DeliveryStore(kit.db.inner, "one").read();
    expect(stored.own.length).toBeGreaterThan(0);
    await kit.stop();
    await kit.db.inner.commit({ sets: [[keys.statusActivity(), { day: DAY, messageCount: 30 }]] });
    kit.clock.now += 20 * MINUTE_MS;
    await kit.start();
    kit.db.isGone = true;
    const second = new ScriptedMonitor(kit, "two");
    await second.monitor.start();
    for (const id of ["messages", "storage"]) second.failing.add(id);
    await second.rounds(5);
    kit.db.isGone = false;
    second.failing.clear();
    await second.rounds(12);
    await second.monitor.stop();
    // What the first wrote, the silence up to the start of the second, and what that one measured.
    const live = secondsOf(kit, "live");
    expect(live["major_outage"]).toBeGreaterThanOrEqual(1_200);
    expect(live["major_outage"]).toBeLessThanOrEqual(1_260);
    expect(live["operational"]).toBe(160 + 320);
    const after = await new DeliveryStore(kit.db.inner, "one").read();
    expect(after.own.slice(0, stored.own.length)).toEqual(stored.own);
    expect(after.own.length).toBeGreaterThan(stored.own.length);
    expect((await kit.db.inner.get(keys.statusActivity())).value).toEqual({ day: DAY, messageCount: 30 });
    expect(kit.status.board.figures.activity).toEqual({ online: "fewer than 5", messagesToday: 30 });
  });

  it("says goodbye without a heartbeat that would hide the silence", async () => {
    await using kit = await StatusKit.open();
    const first = new ScriptedMonitor(kit);
    await first.monitor.start();
    await kit.stop();
    kit.clock.now += 20 * MINUTE_MS;
    await kit.start();
    kit.db.isGone = true;
    const second = new ScriptedMonitor(kit, "two");
    await second.monitor.start();
    await second.monitor.stop();
    kit.db.isGone = false;
    const third = new ScriptedMonitor(kit, "three");
    await third.monitor.start();
    expect(secondsOf(kit, "live")).toEqual({ major_outage: 1_200 });
    await third.monitor.stop();
  });
});
