import { describe, expect, it } from "vitest";
import { ROUND_MAX_MS } from "../../../server/status/status_monitor.ts";
import { PROBE_INTERVAL_MS } from "../../../shared/status/probe_track.ts";
import { StatusKit } from "../../support/status_kit.ts";
import { ScriptedMonitor } from "./monitor_kit.ts";

describe("a round of probes", () => {
  it("ends before the next one is due, even if nothing answers", () => {
    expect(ROUND_MAX_MS).toBeLessThan(PROBE_INTERVAL_MS);
  });

  it("measures storage first, and then everything else at the same time", async () => {
    await using kit = await StatusKit.open();
    const scripted = new ScriptedMonitor(kit);
    await scripted.monitor.start();
    const started: string[] = [];
    const all = Promise.withResolvers<void>();
    // Each of them ends only once all have started.
    scripted.onProbe = (id) => {
      if (started.push(id) === 4) all.resolve();
      return id === "storage" ? Promise.resolve() : all.promise;
    };
    await scripted.rounds(2);
    expect(started.slice(0, 4)).toEqual(["storage", "messages", "live", "events"]);
    expect(kit.status.board.current().state).toBe("operational");
  });

  it("checks nothing anew where a probe contradicts what is shown", async () => {
    await using kit = await StatusKit.open();
    const scripted = new ScriptedMonitor(kit);
    await scripted.monitor.start();
    const checkedMsAgo = () => {
      const { state, metrics: { measuredAt } } = kit.status.board.current();
      return [state, measuredAt === null ? null : kit.clock.now - Date.parse(measuredAt)];
    };
    expect(checkedMsAgo()).toEqual(["unknown", null]);
    await scripted.rounds(2);
    expect(checkedMsAgo()).toEqual(["operational", 0]);
    scripted.failing.add("live");
    await scripted.rounds(1);
    expect(checkedMsAgo()).toEqual(["operational", PROBE_INTERVAL_MS]);
    await scripted.rounds(1);
    expect(checkedMsAgo()).toEqual(["major_outage", 0]);
    scripted.failing.clear();
    await scripted.rounds(1);
    expect(checkedMsAgo()).toEqual(["major_outage", PROBE_INTERVAL_MS]);
    await scripted.rounds(1);
    expect(checkedMsAgo()).toEqual(["operational", 0]);
  });
});
