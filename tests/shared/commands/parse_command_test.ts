import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { completeCommand } from "../../../shared/commands/complete_command.ts";
import { COMMANDS } from "../../../shared/commands/command_specs.ts";
import { readMoment } from "../../../shared/commands/moment.ts";
import { parseCommand } from "../../../shared/commands/parse_command.ts";
import type { CommandSurroundings } from "../../../shared/commands/parse_command.ts";

const NOW = new Date(2030, 0, 31, 12, 0).getTime();
const local = (day: number, hours: number, minutes = 0) =>
  new Date(2030, 0, day, hours, minutes).toISOString();

const incident = { id: "i1", title: "Calls fail", state: "investigating" };
const maintenance = { id: "m1", title: "New disks", state: "scheduled" };
const around = (changes: object = {}): CommandSurroundings => ({
  isManager: true,
  now: NOW,
  status: {
    components: [{ id: "calls", name: "Calls" }, { id: "live", name: "Apps" }],
    incidents: [incident],
    maintenances: [maintenance],
    ...changes,
  } as unknown as CommandSurroundings["status"],
});
const parse = (text: string, changes: object = {}) => parseCommand(text, around(changes));
const commandOf = (text: string) => {
  const parsed = parse(text);
  return parsed.type === "command" ? parsed.command : parsed.text;
};
const problemOf = (text: string, changes: object = {}) => {
  const parsed = parse(text, changes);
  return parsed.type === "problem" ? parsed.text : null;
};

describe("parseCommand", () => {
  it("reads incidents", () => {
    expect(commandOf('/incident open "Calls fail" component:calls impact:major')).toEqual({
      type: "open_incident",
      title: "Calls fail",
      text: "We are looking into it.",
      components: [{ id: "calls", status: "partial_outage" }],
      impact: "major",
    });
    expect(commandOf("/Incident OPEN “Calls fail” component:Apps We *look*\n\nnow")).toMatchObject({
      title: "Calls fail",
      text: "We *look*\n\nnow",
      components: [{ id: "live", status: "partial_outage" }],
      impact: null,
    });
    const update = { type: "update_incident", id: "i1", title: "Calls fail" };
    expect(commandOf("/incident update identified Found: a cable")).toEqual({
      ...update,
      state: "identified",
      text: "Found: a cable",
    });
    expect(commandOf('/incident resolve "Works again"')).toEqual({
      ...update,
      state: "resolved",
      text: "Works again",
    });
  });

  it("reads announcements and maintenance", () => {
    expect(commandOf('/announce warning "We restart" until:18:00')).toEqual({
      type: "announce",
      level: "warning",
      text: "We restart",
      expiresAt: local(31, 18),
    });
    expect(commandOf("/announce info Lunch until:11:30")).toMatchObject({
      expiresAt: new Date(2030, 1, 1, 11, 30).toISOString(),
    });
    expect(commandOf('/maintenance plan "New disks" from:23:00 until:1:00 component:live')).toEqual({
      type: "plan_maintenance",
      title: "New disks",
      text: "New disks",
      components: ["live"],
      startsAt: local(31, 23),
      endsAt: new Date(2030, 1, 1, 1, 0).toISOString(),
    });
    expect(commandOf("/maintenance start Here we go")).toMatchObject({ state: "in_progress", endsAt: null });
    expect(commandOf("/maintenance extend until:2h Longer")).toMatchObject({
      state: "scheduled",
      endsAt: local(31, 14),
    });
    expect(commandOf("/maintenance cancel No")).toMatchObject({ state: "cancelled" });
  });

  it("says what is allowed", () => {
    expect(problemOf("/tea now")).toBe(
      "There is no command /tea. You can use /incident, /announce, /maintenance. " +
        "To send the text as it is, begin it with // or a space.",
    );
    expect(problemOf("/incident")).toBe("After /incident comes one of: open, update, resolve.");
    expect(problemOf("/announce loud Hi")).toContain(
      "Say one of info, warning, critical. For example: /announce",
    );
    expect(problemOf("/announce info")).toContain("Say something");
    expect(problemOf('/incident open "T" component:tea')).toContain("The components are calls, live");
    expect(problemOf('/incident open "T" impact:huge')).toContain("The impact is one of");
    expect(problemOf("/announce info Hi until:25:00")).toContain("until: takes a time");
    expect(problemOf("/maintenance finish Done")).toContain("It is scheduled and cannot become completed");
    expect(problemOf("/incident resolve Done", { incidents: [] })).toContain("No incident is open");
  });

  it("asks which one is meant if several are open", () => {
    const incidents = [incident, { ...incident, id: "i2", title: "Late" }];
    expect(problemOf("/incident resolve Done", { incidents })).toContain(
      "add incident:1 for “Calls fail” or incident:2 for “Late”",
    );
    expect(parse("/incident resolve incident:2 Done", { incidents })).toMatchObject({
      command: { id: "i2" },
    });
  });

  it("offers nothing to people who may not manage the status", () => {
    expect(parseCommand("/incident resolve Done", { ...around(), isManager: false })).toEqual({
      type: "problem",
      text: "There is no command /incident. To send the text as it is, begin it with // or a space.",
    });
    expect(completeCommand("", { ...around(), isManager: false })).toEqual([]);
  });

  it("understands its own examples, and never throws", () => {
    for (const { name, usage } of COMMANDS) {
      const isFinish = name === "maintenance finish";
      const parsed = parse(usage.replace("component:storage", "component:live"), {
        maintenances: [{ ...maintenance, state: isFinish ? "in_progress" : "scheduled" }],
      });
      expect(parsed, usage).toMatchObject({ type: "command" });
    }
    const words = fc.constantFrom(
      "incident",
      "open",
      "update",
      '"',
      "component:",
      "until:9:00",
      "announce",
      "info",
      " ",
    );
    fc.assert(fc.property(fc.array(fc.oneof(words, fc.string())), (parts) => {
      const parsed = parse(`/${parts.join(" ")}`);
      expect(["command", "problem"]).toContain(parsed.type);
    }));
  });
});

describe("readMoment", () => {
  it("reads times of the day, today or tomorrow, and durations", () => {
    expect(readMoment("12:01", NOW)).toBe(local(31, 12, 1));
    expect(readMoment("12:00", NOW)).toBe(new Date(2030, 1, 1, 12).toISOString());
    expect(readMoment("90m", NOW)).toBe(local(31, 13, 30));
    expect(["24:00", "9:60", "0m", "9", "noon", ""].map((text) => readMoment(text, NOW))).toEqual(
      [null, null, null, null, null, null],
    );
  });
});

describe("completeCommand", () => {
  const labels = (query: string) => completeCommand(query, around()).map(({ label }) => label);

  it("completes names, choices and options, and leaves text alone", () => {
    expect(labels("inc")).toEqual(["/incident open", "/incident update", "/incident resolve"]);
    expect(labels("incident u")).toEqual(["/incident update"]);
    expect(labels("incident update i")).toEqual(["investigating", "identified"]);
    expect(labels("announce ")).toEqual(["info", "warning", "critical"]);
    expect(completeCommand('incident open "A" comp', around())).toEqual([
      { insert: 'incident open "A" component:calls', label: "component:calls", about: "" },
      { insert: 'incident open "A" component:live', label: "component:live", about: "" },
    ]);
    expect(labels('incident open "A comp')).toEqual([]);
    expect(labels("incident resolve It works")).toEqual([]);
    expect(labels("incident open")).toEqual([]);
  });
});
