import { describe, expect, it, onTestFinished, vi } from "vitest";
import { RECHECK_MS, ROUND_MAX_MS } from "../../../server/status/status_monitor.ts";
import { PROBE_INTERVAL_MS } from "../../../shared/status/probe_track.ts";
import { withoutFormatCharacters } from "../../../shared/format_characters.ts";
import type { StatusEvent } from "../../../shared/status/apply_change.ts";
import { StatusKit } from "../../support/status_kit.ts";
import { waitFor } from "../../support/wait.ts";
import { ScriptedMonitor, secondsOf } from "./monitor_kit.ts";

/** Components whose real probes write and read. */
const STORED = ["messages", "calls"];

/** Collects the sentence of each snapshot that a reader hears. */
async function readSentences(kit: StatusKit, signal: AbortSignal, told: string[]): Promise<void> {
  for await (const item of kit.status.publicFeed.follow({ after: null, connection: null, signal })) {
    const value = (Array.isArray(item) ? item[1] : item) as StatusEvent;
    if (value.type === "snapshot") told.push(value.status.sentence);
  }
}

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

  it("tells at once that storage is gone, and what fails with it, and waits for nothing else", async () => {
    await using kit = await StatusKit.open();
    const scripted = new ScriptedMonitor(kit, "one", false, { needStorage: STORED });
    await scripted.monitor.start();
    await scripted.rounds(2);
    scripted.failing.add("storage");
    await scripted.rounds(1);
    const asked: string[] = [];
    const released = Promise.withResolvers<void>();
    scripted.onProbe = (id) => {
      asked.push(id);
      return id === "storage" ? Promise.resolve() : released.promise;
    };
    const told: string[] = [];
    const reader = new AbortController();
    const reading = readSentences(kit, reader.signal, told);
    const round = scripted.rounds(1);
    await waitFor(() => told.length > 1);
    expect(asked).toEqual(["storage", "live", "events"]);
    released.resolve();
    await round;
    expect([...new Set(told)].map(withoutFormatCharacters)).toEqual([
      "All systems operational.",
      "Messages, Storage and Calls are down. Everything else works normally.",
    ]);
    reader.abort();
    await reading;
    scripted.failing.clear();
    await scripted.rounds(2);
    expect(kit.status.board.current().state).toBe("operational");
  });

  it("counts an outage of storage for storage and messages, and another one of calls for calls", async () => {
    await using kit = await StatusKit.open();
    const scripted = new ScriptedMonitor(kit, "one", false, { needStorage: STORED });
    await scripted.monitor.start();
    await scripted.rounds(4);
    scripted.failing.add("storage");
    await scripted.rounds(6);
    const calls = () => kit.status.board.components().find(({ id }) => id === "calls")?.state;
    expect(calls()).toBe("major_outage");
    scripted.failing.clear();
    await scripted.rounds(3);
    scripted.failing.add("calls");
    await scripted.rounds(3);
    expect(calls()).toBe("major_outage");
    scripted.failing.clear();
    await scripted.rounds(2);
    await scripted.monitor.stop();
    for (const id of ["storage", "messages"]) expect(secondsOf(kit, id)["major_outage"], id).toBe(120);
    expect(secondsOf(kit, "calls")).toEqual({ operational: 160, unknown: 120, major_outage: 60 });
    expect(secondsOf(kit, "live")).toEqual({ operational: 340 });
  });

  it("looks again after half the time where a probe contradicts what is shown, and not otherwise", async () => {
    await using kit = await StatusKit.open();
    vi.useFakeTimers({ now: kit.clock.now });
    onTestFinished(() => vi.useRealTimers());
    const scripted = new ScriptedMonitor(kit, "one", false, { hasTimers: true });
    const { monitor } = scripted;
    const rounds: Promise<void>[] = [];
    const tick = monitor.tick.bind(monitor);
    monitor.tick = () => {
      const round = tick();
      rounds.push(round);
      return round;
    };
    /** Lets time pass and gives the number of rounds so far, with what they show. */
    const after = async (ms: number) => {
      scripted.pass(ms);
      await vi.advanceTimersByTimeAsync(ms);
      await Promise.all(rounds);
      return [rounds.length, kit.status.board.current().state];
    };
    await monitor.start();
    expect(await after(0)).toEqual([1, "unknown"]);
    expect(await after(RECHECK_MS)).toEqual([2, "operational"]);
    scripted.failing.add("live");
    expect(await after(RECHECK_MS)).toEqual([3, "operational"]);
    expect(await after(RECHECK_MS)).toEqual([4, "major_outage"]);
    expect(await after(RECHECK_MS)).toEqual([5, "major_outage"]);
    expect(await after(RECHECK_MS)).toEqual([5, "major_outage"]);
    expect(await after(RECHECK_MS)).toEqual([6, "major_outage"]);
    await monitor.stop();
    expect(vi.getTimerCount()).toBe(0);
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
