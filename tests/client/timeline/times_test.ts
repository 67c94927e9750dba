import { expect, it } from "vitest";
import { clockOf } from "../../../client/ui/clock.ts";
import { formatClock } from "../../../client/timeline/times.ts";

it("formatClock() fits beside a row: no AM or PM", () => {
  expect(formatClock("2026-11-02T16:49:00.000Z")).toMatch(/^\d{1,2}:\d\d$/);
});

it("clockOf() has no leading zero where hours end at twelve, and two digits elsewhere", () => {
  const morning = new Date(2026, 10, 2, 7, 5);
  const format = (locale: string) => new Intl.DateTimeFormat(locale, clockOf(locale)).format(morning);
  expect(format("en-US").replace(/\s/g, " ")).toBe("7:05 AM");
  expect(["en-GB", "de", "es", "fr"].map(format)).toEqual(Array(4).fill("07:05"));
});
