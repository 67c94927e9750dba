import { describe, expect, it } from "vitest";
import type { StatusIncident, StatusMaintenance } from "../../../shared/status/status.ts";
import { monthsBetween, timelineDays } from "../../../server/status/page/timeline_days.ts";

const NOW = Date.parse("2030-01-31T12:00:00.000Z");

function incident(id: string, startedAt: string, resolvedAt: string | null): StatusIncident {
  return { id, title: id, startedAt, resolvedAt } as StatusIncident;
}

describe("timelineDays()", () => {
  it("tells what goes on for days once, and names it on the other days", () => {
    const incidents = [
      incident("long", "2030-01-02T23:00:00.000Z", "2030-01-04T00:00:00.000Z"),
      incident("before", "2029-12-20T10:00:00.000Z", "2030-01-01T10:00:00.000Z"),
      incident("open", "2030-01-31T00:00:00.000Z", null),
      incident("other month", "2029-12-30T00:00:00.000Z", "2029-12-31T23:59:59.000Z"),
    ];
    const maintenances = [
      {
        id: "plan",
        startsAt: "2030-01-04T01:00:00.000Z",
        endsAt: "2030-01-04T02:00:00.000Z",
        resolvedAt: null,
      },
    ] as StatusMaintenance[];
    const days = timelineDays("2030-01", { incidents, maintenances, archived: [], now: NOW });
    expect(
      days.map(({ day, begun, linked }) => [day, begun.map(({ id }) => id), linked.map(({ id }) => id)]),
    )
      .toEqual([
        ["2030-01-31", ["open"], []],
        ["2030-01-04", ["plan"], ["long"]],
        ["2030-01-03", [], ["long"]],
        ["2030-01-02", ["long"], []],
        ["2030-01-01", ["before"], []],
      ]);
  });

  it("has a day for what began after its end, as clocks and corrections make it", () => {
    const incidents = [incident("odd", "2030-01-05T10:00:00.000Z", "2030-01-04T10:00:00.000Z")];
    expect(
      timelineDays("2030-01", { incidents, maintenances: [], archived: [], now: NOW }).map(({ day }) => day),
    )
      .toEqual(["2030-01-05"]);
  });
});

describe("monthsBetween()", () => {
  it("crosses years, and ends where there would be too many", () => {
    expect(monthsBetween("2029-11-30", "2030-01-01")).toEqual(["2030-01", "2029-12", "2029-11"]);
    expect(monthsBetween("0001-01-01", "2030-01-31").length).toBe(24);
  });
});
