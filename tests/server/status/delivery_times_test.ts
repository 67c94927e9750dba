import { describe, expect, it } from "vitest";
import { PROBE_INTERVAL_MS } from "../../../shared/status/probe_track.ts";
import { DAY_MS } from "../../../shared/status/uptime.ts";
import { dayOfDeliveries, DeliveryTimes, percentilesOf } from "../../../server/status/delivery_times.ts";
import { StatusAnswers } from "../../../server/status/status_answers.ts";
import { StatusKit } from "../../support/status_kit.ts";
import { ScriptedMonitor } from "./monitor_kit.ts";

const QUARTER_MS = 900_000;
const NOW = Date.parse("2030-01-31T12:00:00.000Z");

describe("DeliveryTimes", () => {
  it("keeps a day by quarters of an hour, with gaps, and no more", () => {
    const times = new DeliveryTimes();
    for (const ms of [9, 1, 3]) times.add(ms, NOW - 3 * DAY_MS);
    for (const ms of [9, 1, 3.2]) times.add(ms, NOW - 2 * QUARTER_MS);
    times.add(7, NOW);
    const day = dayOfDeliveries([times.slots], NOW);
    expect(day.length).toBe(96);
    expect(day.slice(-4)).toEqual([null, 4, null, 7]);
    for (let at = 0; at < 3 * DAY_MS; at += QUARTER_MS) times.add(5, NOW + at);
    expect(times.slots.length).toBe(96);
    expect(times.recent).toEqual({ at: NOW + 3 * DAY_MS - QUARTER_MS, ms: [5, 5, 5, 5] });
  });

  it("says of several instances what all of them measured, and of a quarter the slowest", () => {
    expect(percentilesOf([])).toBeNull();
    const ms = (count: number, each: number) => Array.from({ length: count }, () => each);
    const all = [{ at: NOW, ms: ms(90, 4) }, { at: NOW, ms: ms(90, 300) }];
    expect(percentilesOf(all)).toEqual({ p50: 4, p95: 300 });
    const slots = [[{ at: NOW - QUARTER_MS, ms: 3 }], [{ at: NOW - QUARTER_MS, ms: 8 }, { at: NOW, ms: 1 }]];
    expect(dayOfDeliveries(slots, NOW).slice(-3)).toEqual([null, 8, 1]);
  });

  it("begins anew where a clock was set back to", () => {
    const times = new DeliveryTimes();
    times.add(5, NOW);
    times.add(6, NOW - QUARTER_MS);
    expect(times.slots).toEqual([{ at: NOW - QUARTER_MS, ms: 6 }]);
  });

  it("is not known while messages do not work, nor when it was not measured lately", async () => {
    await using kit = await StatusKit.open();
    const script = new ScriptedMonitor(kit);
    const { board } = kit.status;
    const read = () => board.metrics.deliveredMs;
    await script.rounds(1);
    expect(read()).toBeNull();
    await script.rounds(1);
    expect(read()).toEqual({ p50: 5, p95: 5 });
    kit.clock.now += 2 * PROBE_INTERVAL_MS;
    expect(read()).toEqual({ p50: 5, p95: 5 });
    kit.clock.now += 1;
    expect(read()).toBeNull();
    await script.rounds(2);
    expect(read()).toEqual({ p50: 5, p95: 5 });
    script.failing.add("messages");
    await script.rounds(2);
    expect(read()).toBeNull();
    script.failing.clear();
    await script.rounds(2);
    const components = [{ id: "messages", status: "partial_outage" }] as const;
    await kit.status.incidents.open({ title: "Late", text: "Late.", components }, kit.ana);
    // People claim that, and it is measured nevertheless.
    expect(board.current().components.find(({ id }) => id === "messages")?.state).toBe("partial_outage");
    expect([read(), board.current().metrics.deliveredMs]).toEqual([{ p50: 5, p95: 5 }, { p50: 5, p95: 5 }]);
    await kit.status.components.set("messages", { isHidden: true }, kit.ana);
    await kit.status.refresh();
    expect(read()).toEqual({ p50: 5, p95: 5 });
  });

  it("outlives a restart, and is a line on the page", async () => {
    await using kit = await StatusKit.open();
    const before = new ScriptedMonitor(kit);
    await before.monitor.start();
    await before.rounds(170);
    await kit.stop();
    await kit.start();
    expect(kit.status.board.figures.deliveredDay).toEqual([]);
    const after = new ScriptedMonitor(kit);
    await after.monitor.start();
    expect(kit.status.board.figures.deliveredDay.filter((ms) => ms !== null)).toEqual([5, 5, 5, 5]);
    await after.rounds(2);
    const answers = new StatusAnswers({
      ...kit.status,
      publicUrl: () => "https://chat.example.org",
      scriptPath: () => null,
      mirrorUrl: null,
      now: () => kit.clock.now,
    });
    const page = new TextDecoder().decode(answers.page("en").body);
    expect(page).toContain('aria-label="message delivered, last 24 hours: 5–5 ms"');
    expect(page).toMatch(/<path d="M92 0\.0h0L93 0\.0L94 0\.0L95 0\.0">/);
  });
});
