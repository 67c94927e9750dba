import { describe, expect, it } from "vitest";
import type { UserId } from "../../../shared/ids.ts";
import { mayRing, whoIsTold } from "../../../shared/notify/who_is_told.ts";
import type { Telling, TellingFacts } from "../../../shared/notify/who_is_told.ts";

const [ME, ANA, BEN] = ["me", "ana", "ben"].map((name) => name.padEnd(16, "0")) as [UserId, UserId, UserId];
const NOW = Date.parse("2030-01-31T21:30:00Z");
const phone = { id: "phone", isActive: false };
const laptop = { id: "laptop", isActive: false };
const [usedLaptop, usedPhone] = [{ ...laptop, isActive: true }, { ...phone, isActive: true }];

interface Changes extends Partial<Omit<TellingFacts, "message" | "room" | "settings">> {
  readonly message?: Partial<TellingFacts["message"]>;
  readonly room?: Partial<TellingFacts["room"]>;
  readonly settings?: Partial<TellingFacts["settings"]>;
}

/** A message of Ana in a public room, just sent, to somebody with a phone that lies there. */
function facts({ message, room, settings, ...changes }: Changes): TellingFacts {
  return {
    userId: ME,
    message: { by: ANA, offset: 7, mentions: [], mentionsRoom: false, deletedAt: null, ...message },
    repliesTo: null,
    room: { kind: "public", level: "all", mutedUntil: null, readOffset: 6, ...room },
    settings: { quietHours: null, timeZone: null, ...settings },
    doNotDisturb: false,
    devices: [phone],
    sentMs: NOW,
    nowMs: NOW,
    ...changes,
  };
}

const NIGHT = { from: "22:00", to: "07:00" };
const told = (reason: string, now = ["phone"]) => ({ isTold: true, reason, now, later: null }) as Telling;
const untold = (reason: string) => ({ isTold: false, reason }) as Telling;
const mention: Changes["message"] = { mentions: [BEN, ME] };
const everyone: Changes["message"] = { mentionsRoom: true };
const mentions: Changes["room"] = { level: "mentions" };
const none: Changes["room"] = { level: "none" };

const CASES: Readonly<Record<string, readonly (readonly [Changes, Telling])[]>> = {
  "what one wrote oneself, or what is gone, tells nobody": [
    [{ message: { by: ME, ...mention } }, untold("own")],
    [{ message: { deletedAt: "2030-01-31T21:30:00Z", ...mention } }, untold("deleted")],
  ],
  "what is read already tells nobody": [
    [{ room: { readOffset: 7 } }, untold("read")],
    [{ room: { readOffset: 8 }, message: mention }, untold("read")],
  ],
  "the level of the room decides": [
    [{}, told("message")],
    [{ message: mention }, told("mention")],
    [{ message: everyone }, told("mention")],
    [{ repliesTo: ME }, told("reply")],
    [{ repliesTo: BEN }, told("message")],
    [{ room: mentions }, untold("level")],
    [{ room: mentions, message: { mentions: [BEN] } }, untold("level")],
    [{ room: mentions, message: mention }, told("mention")],
    [{ room: mentions, message: everyone }, told("mention")],
    [{ room: mentions, repliesTo: ME }, told("reply")],
    [{ room: mentions, repliesTo: BEN }, untold("level")],
    [{ room: none, message: mention }, untold("level")],
    [{ room: none, repliesTo: ME }, untold("level")],
  ],
  "a direct message is meant for one, unless the room is off": [
    [{ room: { kind: "direct" } }, told("direct")],
    [{ room: { kind: "direct", ...mentions } }, told("direct")],
    [{ room: { kind: "direct", ...none } }, untold("level")],
  ],
  "a muted room is silent until its time, mentions too": [
    [{ room: { mutedUntil: "2030-01-31T21:30:00.001Z" }, message: mention }, untold("muted")],
    [{ room: { kind: "direct", mutedUntil: "2030-02-01T00:00:00Z" } }, untold("muted")],
    [{ room: { mutedUntil: "2030-01-31T21:30:00Z" } }, told("message")],
  ],
  "nobody is told while they do not want to be disturbed": [
    [{ doNotDisturb: true, message: mention }, untold("do_not_disturb")],
    [{ doNotDisturb: true, room: { kind: "direct" } }, untold("do_not_disturb")],
  ],
  "nor in quiet hours, by the clock of the person": [
    [{ settings: { quietHours: NIGHT } }, told("message")],
    [{ settings: { quietHours: NIGHT, timeZone: "Europe/Berlin" }, message: mention }, untold("quiet_hours")],
    [{ settings: { quietHours: NIGHT, timeZone: "America/New_York" } }, told("message")],
    [
      { settings: { quietHours: NIGHT, timeZone: "Asia/Kolkata" }, room: { kind: "direct" } },
      untold("quiet_hours"),
    ],
  ],
  "all devices at once, if none is used": [
    [{ devices: [] }, untold("no_device")],
    [{ devices: [phone, laptop] }, told("message", ["phone", "laptop"])],
  ],
  "the one that is used first, the others after 30 s": [
    [{ devices: [usedLaptop, phone] }, {
      isTold: true,
      reason: "message",
      now: ["laptop"],
      later: { atMs: NOW + 30_000, devices: ["phone"] },
    }],
    [{ devices: [usedLaptop, phone], nowMs: NOW + 29_999 }, {
      isTold: true,
      reason: "message",
      now: ["laptop"],
      later: { atMs: NOW + 30_000, devices: ["phone"] },
    }],
    [{ devices: [usedLaptop, phone], nowMs: NOW + 30_000 }, told("message", ["laptop", "phone"])],
    [{ devices: [usedLaptop, phone], nowMs: NOW + 30_000, room: { readOffset: 7 } }, untold("read")],
    [{ devices: [usedLaptop, usedPhone] }, told("message", ["laptop", "phone"])],
    [{ devices: [usedLaptop] }, told("message", ["laptop"])],
  ],
};

describe("whoIsTold()", () => {
  for (const [title, cases] of Object.entries(CASES)) {
    it(title, () => {
      for (const [changes, expected] of cases) expect(whoIsTold(facts(changes))).toEqual(expected);
    });
  }
});

describe("mayRing()", () => {
  it.for<[string, boolean, Changes]>([
    ["in a public room", true, {}],
    ["in a direct room", true, { room: { kind: "direct" } }],
    ["in a room of which one is told of mentions", true, { room: mentions }],
    ["in a room of which one is told of nothing", false, { room: none }],
    ["in a muted room", false, { room: { mutedUntil: new Date(NOW + 1).toISOString() } }],
    ["in a room that was muted", true, { room: { mutedUntil: new Date(NOW).toISOString() } }],
    ["by oneself", false, { userId: ANA }],
    ["while one does not want to be disturbed", false, { doNotDisturb: true }],
    ["before quiet hours", true, { settings: { quietHours: NIGHT } }],
    ["in quiet hours", false, { settings: { quietHours: NIGHT, timeZone: "Europe/Berlin" } }],
  ])("%s: %s", ([, expected, changes]) => {
    expect(mayRing({ ...facts(changes), by: ANA })).toBe(expected);
  });
});
