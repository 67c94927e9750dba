// deno-lint-ignore no-import-prefix -- test tool: kept out of deno.json, which every start fetches
import ICAL from "npm:ical.js@2.2.1";
import { describe, expect, it } from "vitest";
import type { StatusId } from "../../../shared/ids.ts";
import { COMPONENT_NAME_MAX_CHARACTERS } from "../../../shared/limits.ts";
import { NASTY_TEXTS } from "../../client/ui/nasty_texts.ts";
import { testApp } from "../../support/test_app.ts";
import type { TestApp } from "../../support/test_app.ts";

const NOW = Date.parse("2030-01-31T12:00:00.000Z");
const HOSTILE_TEXTS = [
  ...NASTY_TEXTS,
  'a\\nb;c,d:e"f\\',
  "one\ntwo\r\nEND:VEVENT\rATTENDEE:mailto:x@example.org",
  "a\u0000b\u0008c\u001bd\u007fe",
  "\ud800 alone",
  "é".repeat(80),
  "👩‍👩‍👧 ".repeat(20),
];

async function calendar(app: TestApp): Promise<{ text: string; events: ICAL.Event[] }> {
  const response = await app.device().fetch(`${app.url}/status/maintenance.ics`);
  expect([response.status, response.headers.get("content-type")]).toEqual([
    200,
    "text/calendar; charset=utf-8",
  ]);
  const text = await response.text();
  const component = new ICAL.Component(ICAL.parse(text));
  return { text, events: component.getAllSubcomponents("vevent").map((one) => new ICAL.Event(one)) };
}

function plan(app: TestApp, title: string, text = "We move."): Promise<StatusId> {
  return app.services.status.maintenances.plan({
    title,
    text,
    components: ["storage", "live"],
    startsAt: new Date(NOW + 3_600_000).toISOString(),
    endsAt: new Date(NOW + 7_200_500).toISOString(),
  }, app.owner.id);
}

describe("/status/maintenance.ics", () => {
  it("has an event for each maintenance, under one UID, counting changes", async () => {
    const clock = { now: NOW };
    await using app = await testApp({ now: () => clock.now });
    const { maintenances, incidents } = app.services.status;
    await incidents.open({ title: "Not planned", text: "Oh.", components: [] }, app.owner.id);
    expect((await calendar(app)).events).toEqual([]);
    const id = await plan(app, "Move");
    const { events: [planned], text } = await calendar(app);
    expect(text).toMatch(/^BEGIN:VCALENDAR\r\nVERSION:2.0\r\n/);
    expect([planned?.uid, planned?.sequence, planned?.summary]).toEqual([
      `parley-maintenance-${id}`,
      0,
      "Move",
    ]);
    expect([planned?.startDate.toString(), planned?.endDate.toString()]).toEqual([
      "2030-01-31T13:00:00Z",
      "2030-01-31T14:00:01Z",
    ]);
    const value = (event: ICAL.Event | undefined, name: string) =>
      String(event?.component.getFirstPropertyValue(name));
    expect(value(planned, "status")).toBe("CONFIRMED");
    expect(value(planned, "url")).toBe(`${app.url}/status/incidents/${id}`);
    expect(planned?.component.getFirstProperty("categories")?.getValues()).toEqual([
      "Live connection",
      "Storage",
    ]);
    clock.now += 60_000;
    await maintenances.update({ id, state: "scheduled", text: "It is still so." }, app.owner.id);
    const { events: [changed] } = await calendar(app);
    expect([changed?.uid, changed?.sequence]).toEqual([planned?.uid, 1]);
    expect(changed?.description).toBe("Scheduled: It is still so.\n\nScheduled: We move.");
    expect([value(changed, "dtstamp"), value(changed, "created")]).toEqual([
      "2030-01-31T12:01:00Z",
      "2030-01-31T12:00:00Z",
    ]);
    await maintenances.update({ id, state: "cancelled", text: "Not today." }, app.owner.id);
    const { events: [cancelled] } = await calendar(app);
    expect([cancelled?.uid, cancelled?.sequence, value(cancelled, "status")]).toEqual([
      planned?.uid,
      2,
      "CANCELLED",
    ]);
  });

  it("T16 keeps what people write within its value, in lines of at most 75 octets", async () => {
    const clock = { now: NOW };
    await using app = await testApp({ now: () => clock.now });
    for (const hostile of HOSTILE_TEXTS.filter((one) => one.trim() !== "")) {
      const id = await plan(app, `[${hostile}]`, `[${hostile}]`);
      const { text, events } = await calendar(app);
      const lines = text.split("\r\n");
      expect(lines.join("")).not.toMatch(/[\r\n]/);
      for (const line of lines) expect(new TextEncoder().encode(line).length).toBeLessThanOrEqual(75);
      const stored = app.services.status.board.maintenances().find((one) => one.id === id);
      const kept = (written = "") =>
        written.toWellFormed().replaceAll(/\r\n?/g, "\n")
          // deno-lint-ignore no-control-regex -- what calendars cannot carry
          .replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f]/g, "");
      const event = events.find(({ uid }) => uid === `parley-maintenance-${id}`);
      expect(event?.summary).toBe(kept(stored?.title));
      expect(event?.description).toBe(`Scheduled: ${kept(stored?.updates[0]?.text)}`);
      expect(event?.attendees).toEqual([]);
      await app.services.status.maintenances.update({ id, state: "cancelled", text: "No." }, app.owner.id);
    }
  });

  it("T16 keeps the name of a component within its value", async () => {
    const clock = { now: NOW };
    await using app = await testApp({ now: () => clock.now });
    const { status } = app.services;
    await plan(app, "Move", "We move.");
    for (const hostile of HOSTILE_TEXTS) {
      const line = Array.from(hostile.replaceAll(/[\r\n]/g, " "));
      const name = `[${line.slice(0, COMPONENT_NAME_MAX_CHARACTERS - 2).join("")}]`;
      await status.components.set("storage", { name }, app.owner.id);
      await status.refresh();
      await status.tellChanges();
      const shown = status.board.components().find(({ id }) => id === "storage")?.name ?? "";
      const { events: [event] } = await calendar(app);
      // deno-lint-ignore no-control-regex -- what calendars cannot carry
      const kept = shown.toWellFormed().replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f]/g, "");
      expect(event?.component.getFirstProperty("categories")?.getValues()).toContain(kept);
    }
  });
});
