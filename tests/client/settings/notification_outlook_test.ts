import { describe, expect, it } from "vitest";
import { describeOutlook } from "../../../client/settings/notification_outlook.ts";
import type { OutlookFacts } from "../../../client/settings/notification_outlook.ts";

const NIGHT = { from: "22:00", to: "07:00" };

const CASES: readonly (readonly [Partial<OutlookFacts>, Partial<OutlookFacts["settings"]>, string])[] = [
  [{}, {}, "You will be told of every message."],
  [{}, { level: "mentions" }, "You will be told of mentions, replies and direct messages."],
  [{}, { level: "none", quietHours: NIGHT }, "You will be told of nothing."],
  [{ otherRoomsCount: 1 }, { level: "none" }, "You will be told of nothing, except in one room."],
  [{ otherRoomsCount: 2 }, {}, "You will be told of every message, except in 2 rooms."],
  [{}, { quietHours: NIGHT }, "You will be told of every message; quiet from 22:00."],
  [
    {},
    { quietHours: NIGHT, timeZone: "Europe/Berlin" },
    "You will be told of every message; quiet until 07:00.",
  ],
  [
    { otherRoomsCount: 1 },
    { level: "none", quietHours: NIGHT, timeZone: "Asia/Kolkata" },
    "You will be told of nothing, except in one room; quiet until 07:00.",
  ],
  [{ isShownHere: false }, {}, "You will be told of every message. Not on this device yet: see below."],
  [{ isShownHere: false }, { level: "none" }, "You will be told of nothing."],
  [
    { doNotDisturb: true },
    { quietHours: NIGHT },
    "You will be told of nothing while you do not want to be disturbed.",
  ],
];

describe("describeOutlook()", () => {
  it("says what will happen, and if not on this device", () => {
    for (const [facts, settings, sentence] of CASES) {
      expect(describeOutlook({
        settings: { level: "all", quietHours: null, timeZone: null, ...settings },
        doNotDisturb: false,
        otherRoomsCount: 0,
        isShownHere: true,
        nowMs: Date.parse("2030-01-31T21:30:00Z"),
        ...facts,
      })).toBe(sentence);
    }
  });
});
