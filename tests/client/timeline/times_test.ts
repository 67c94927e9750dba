import { expect, it } from "vitest";
import { formatClock } from "../../../client/timeline/times.ts";

it("formatClock() fits beside a row: no AM or PM", () => {
  expect(formatClock("2026-11-02T16:49:00.000Z")).toMatch(/^\d{1,2}:\d\d$/);
});
