import { describe, expect, it } from "vitest";
import { DAY_MS } from "../../../shared/status/uptime.ts";
import { DeliveryTimes } from "../../../server/status/delivery_times.ts";
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
    expect(times.day(NOW).length).toBe(96);
    expect(times.day(NOW).slice(-4)).toEqual([null, 4, null, 7]);
    for (let at = 0; at < 3 * DAY_MS; at += QUARTER_MS) times.add(5, NOW + at);
    expect(times.slots.length).toBe(96);
    expect(times.percentiles()).toEqual({ p50: 5, p95: 5 });
  });

  it("begins anew where a clock was set back to", () => {
    const times = new DeliveryTimes();
    times.add(5, NOW);
    times.add(6, NOW - QUARTER_MS);
    expect(times.slots).toEqual([{ at: NOW - QUARTER_MS, ms: 6 }]);
  });

  it("outlives a restart, and is a line on the page", async () => {
    await using kit = await StatusKit.open();
    const before = new ScriptedMonitor(kit);
    await before.monitor.start();
    await before.rounds(170);
    await kit.stop();
    await kit.start();
    expect(kit.status.board.deliveredDay).toEqual([]);
    const after = new ScriptedMonitor(kit);
    await after.monitor.start();
    expect(kit.status.board.deliveredDay.filter((ms) => ms !== null)).toEqual([5, 5, 5, 5]);
    await after.rounds(2);
    const answers = new StatusAnswers({
      publicFeed: kit.status.publicFeed,
      board: kit.status.board,
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
