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
});
