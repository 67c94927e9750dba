import { describe, expect, it } from "vitest";
import { PROBE_INTERVAL_MS } from "../../../shared/status/probe_track.ts";
import { StatusKit } from "../../support/status_kit.ts";
import { ScriptedMonitor, secondsOf } from "./monitor_kit.ts";

const MINUTE_MS = 60_000;
/** Rounds of probes in five minutes, and in the time after which a silence is judged. */
const [OUTAGE_ROUNDS, WAIT_ROUNDS] = [15, 6];

/** Rounds of probes of several instances at the same time. */
async function rounds(count: number, monitors: readonly ScriptedMonitor[]): Promise<void> {
  for (let round = 0; round < count; round++) {
    for (const [index, one] of monitors.entries()) {
      one.pass(index === 0 ? PROBE_INTERVAL_MS : 0, PROBE_INTERVAL_MS);
    }
    for (const { monitor } of monitors) await monitor.tick();
  }
}

async function started(kit: StatusKit, instanceId: string, isFirst = true): Promise<ScriptedMonitor> {
  const scripted = new ScriptedMonitor(kit, instanceId, true);
  scripted.isFirst = isFirst;
  await scripted.monitor.start();
  return scripted;
}

describe("a silence of several instances", () => {
  for (const isFirst of [true, false]) {
    it(`is one of storage and messages only when an instance lived that ${isFirst ? "counts" : "does not count"}`, async () => {
      await using kit = await StatusKit.open();
      const a = await started(kit, "a1");
      const b = await started(kit, "b", false);
      await rounds(6, [a, b]);
      // The first is killed, and storage is gone for both.
      kit.db.isGone = true;
      b.isFirst = isFirst;
      for (const id of ["messages", "storage"]) b.failing.add(id);
      await rounds(OUTAGE_ROUNDS, [b]);
      kit.db.isGone = false;
      b.failing.clear();
      // The new process is faster than the next round of the living one.
      const again = await started(kit, "a2", !isFirst);
      await rounds(WAIT_ROUNDS, [b, again]);
      expect(secondsOf(kit, "live")["major_outage"]).toBeUndefined();
      expect(secondsOf(kit, "calls")["major_outage"]).toBeUndefined();
      for (const id of ["storage", "messages"]) expect(secondsOf(kit, id)["major_outage"], id).toBe(300);
      await rounds(WAIT_ROUNDS, [b, again]);
      expect(secondsOf(kit, "live")["operational"]).toBeGreaterThanOrEqual(240);
      expect(secondsOf(kit, "storage")["major_outage"]).toBe(300);
    });
  }

  it("is an outage of everything when all were dead, judged once", async () => {
    await using kit = await StatusKit.open();
    await rounds(6, [await started(kit, "a1"), await started(kit, "b1", false)]);
    kit.clock.now += 5 * MINUTE_MS;
    const all = [await started(kit, "a2"), await started(kit, "b2", false)];
    await rounds(WAIT_ROUNDS - 1, all);
    expect(secondsOf(kit, "live")["major_outage"]).toBeUndefined();
    await rounds(1, all);
    expect(secondsOf(kit, "live")).toMatchObject({ major_outage: 300 });
    await rounds(WAIT_ROUNDS, [...all, await started(kit, "c", false)]);
    expect(secondsOf(kit, "live")).toMatchObject({ major_outage: 300 });
    expect(secondsOf(kit, "storage")).toMatchObject({ major_outage: 300 });
  });

  it("is an outage of everything for one instance alone, though another counts by then", async () => {
    await using kit = await StatusKit.open();
    await rounds(6, [await started(kit, "a1")]);
    kit.clock.now += 5 * MINUTE_MS;
    const alone = await started(kit, "a2");
    await rounds(3, [alone]);
    alone.isFirst = false;
    await rounds(WAIT_ROUNDS - 3, [alone]);
    expect(secondsOf(kit, "live")).toMatchObject({ major_outage: 300 });
  });

  it("is not forgotten when the process that saw it is killed or stopped before it judges", async () => {
    await using kit = await StatusKit.open();
    await rounds(6, [await started(kit, "a1")]);
    kit.clock.now += 5 * MINUTE_MS;
    // Killed after a minute, which nobody wrote down.
    await rounds(3, [await started(kit, "a2")]);
    const third = await started(kit, "a3");
    await rounds(3, [third]);
    await third.monitor.stop();
    expect(secondsOf(kit, "live")).toMatchObject({ major_outage: 360 });
  });

  it("is judged by the clock that only moves forward", async () => {
    await using kit = await StatusKit.open();
    await rounds(6, [await started(kit, "a1")]);
    kit.clock.now += 5 * MINUTE_MS;
    const second = await started(kit, "a2");
    second.pass(-30 * MINUTE_MS, 0);
    // The next heartbeat after the wait.
    await rounds(WAIT_ROUNDS + 3, [second]);
    expect(secondsOf(kit, "live")).toMatchObject({ major_outage: 300 });
    // Set back before the start: how long it was silent is not known.
    const before = secondsOf(kit, "live");
    kit.clock.now -= 10 * MINUTE_MS;
    await rounds(WAIT_ROUNDS, [await started(kit, "a3")]);
    expect(secondsOf(kit, "live")).toEqual(before);
  });
});
