import { describe, expect, it } from "vitest";
import { isTimeOfDay, isTimeZone } from "../../../shared/notify/notification_settings.ts";
import { quietUntil } from "../../../shared/notify/quiet_hours.ts";

const NIGHT = { from: "22:00", to: "07:00" };
const NAP = { from: "13:00", to: "14:30" };

/** Hours, zone, a moment, and when it is quiet until at that moment; null if it is not quiet. */
type Case = readonly [{ from: string; to: string } | null, string | null, string, string | null];

const CASES: Readonly<Record<string, readonly Case[]>> = {
  "without hours it is never quiet": [[null, "Europe/Berlin", "2030-01-31T23:30:00Z", null]],
  "the start is quiet, the end is not": [
    [NAP, null, "2030-01-31T12:59:59.999Z", null],
    [NAP, null, "2030-01-31T13:00:00Z", "2030-01-31T14:30:00.000Z"],
    [NAP, null, "2030-01-31T14:29:59.999Z", "2030-01-31T14:30:00.000Z"],
    [NAP, null, "2030-01-31T14:30:00Z", null],
  ],
  "hours cross midnight": [
    [NIGHT, null, "2030-01-31T21:59:00Z", null],
    [NIGHT, null, "2030-01-31T22:00:00Z", "2030-02-01T07:00:00.000Z"],
    [NIGHT, null, "2030-02-01T00:00:00Z", "2030-02-01T07:00:00.000Z"],
    [NIGHT, null, "2030-02-01T06:59:00Z", "2030-02-01T07:00:00.000Z"],
    [NIGHT, null, "2030-02-01T07:00:00Z", null],
  ],
  "hours with the same ends are empty": [
    [{ from: "08:00", to: "08:00" }, null, "2030-01-31T08:00:00Z", null],
  ],
  "they are those of the person's zone": [
    [NIGHT, "Europe/Berlin", "2030-01-31T20:59:00Z", null],
    [NIGHT, "Europe/Berlin", "2030-01-31T21:00:00Z", "2030-02-01T06:00:00.000Z"],
    [NIGHT, "Europe/Berlin", "2030-07-31T20:00:00Z", "2030-08-01T05:00:00.000Z"],
    [NIGHT, "America/New_York", "2030-01-31T21:00:00Z", null],
    [NIGHT, "Pacific/Auckland", "2030-01-31T10:00:00Z", "2030-01-31T18:00:00.000Z"],
  ],
  "zones with halves and quarters of hours": [
    [NIGHT, "Asia/Kolkata", "2030-01-31T16:29:00Z", null],
    [NIGHT, "Asia/Kolkata", "2030-01-31T16:30:00Z", "2030-02-01T01:30:00.000Z"],
    [NIGHT, "Asia/Kathmandu", "2030-01-31T16:15:00Z", "2030-02-01T01:15:00.000Z"],
    [
      { from: "01:00", to: "02:15" },
      "Australia/Lord_Howe",
      "2030-10-05T14:45:00Z",
      "2030-10-05T15:30:00.000Z",
    ],
  ],
  "a night in which clocks are set forward is an hour shorter": [
    [NIGHT, "Europe/Berlin", "2030-03-30T21:00:00Z", "2030-03-31T05:00:00.000Z"],
    [NIGHT, "America/New_York", "2030-03-10T03:00:00Z", "2030-03-10T11:00:00.000Z"],
  ],
  "an end that is skipped is the moment of the change": [
    [{ from: "22:00", to: "02:30" }, "Europe/Berlin", "2030-03-31T00:59:00Z", "2030-03-31T01:00:00.000Z"],
    [{ from: "22:00", to: "02:30" }, "Europe/Berlin", "2030-03-31T01:00:00Z", null],
  ],
  "a start that is skipped begins with the change": [
    [{ from: "02:30", to: "06:00" }, "Europe/Berlin", "2030-03-31T00:59:00Z", null],
    [{ from: "02:30", to: "06:00" }, "Europe/Berlin", "2030-03-31T01:00:00Z", "2030-03-31T04:00:00.000Z"],
  ],
  "a night in which clocks are set back is an hour longer": [
    [NIGHT, "Europe/Berlin", "2030-10-26T20:00:00Z", "2030-10-27T06:00:00.000Z"],
    [NIGHT, "America/New_York", "2030-11-03T02:00:00Z", "2030-11-03T12:00:00.000Z"],
  ],
  "of an end that comes twice the next one counts": [
    [{ from: "22:00", to: "02:30" }, "Europe/Berlin", "2030-10-26T23:00:00Z", "2030-10-27T00:30:00.000Z"],
    [{ from: "22:00", to: "02:30" }, "Europe/Berlin", "2030-10-27T00:30:00Z", null],
    [{ from: "22:00", to: "02:30" }, "Europe/Berlin", "2030-10-27T01:10:00Z", "2030-10-27T01:30:00.000Z"],
  ],
};

describe("quietUntil()", () => {
  for (const [title, cases] of Object.entries(CASES)) {
    it(title, () => {
      for (const [hours, zone, at, until] of cases) {
        const untilMs = quietUntil(hours, zone, Date.parse(at));
        expect([at, untilMs === null ? null : new Date(untilMs).toISOString()]).toEqual([at, until]);
      }
    });
  }

  it("ends the quiet, whatever the zone and the day", () => {
    const zones = [
      "Europe/Berlin",
      "America/New_York",
      "Asia/Kolkata",
      "Australia/Lord_Howe",
      "Asia/Kathmandu",
    ];
    for (const zone of zones) {
      for (
        let atMs = Date.parse("2030-01-01T00:10:00Z");
        atMs < Date.parse("2031-01-01");
        atMs += 37 * 3_600_000
      ) {
        const untilMs = quietUntil(NIGHT, zone, atMs);
        if (untilMs === null) continue;
        expect(quietUntil(NIGHT, zone, untilMs)).toBe(null);
        expect(quietUntil(NIGHT, zone, untilMs - 60_000)).toBe(untilMs);
      }
    }
  });
});

describe("times and zones", () => {
  it("are checked", () => {
    expect(["00:00", "09:30", "23:59"].every(isTimeOfDay)).toBe(true);
    expect(["24:00", "9:30", "09:60", "09:30 ", "", "٠٩:٣٠", "09:30\n"].some(isTimeOfDay)).toBe(false);
    expect(["Europe/Berlin", "America/Argentina/Buenos_Aires", "Etc/GMT+5", "UTC"].every(isTimeZone)).toBe(
      true,
    );
    expect(["+05:30", "Mars/Olympus", "", "Europe/", "../etc", "UTC ", "U".repeat(65)].some(isTimeZone)).toBe(
      false,
    );
  });
});
