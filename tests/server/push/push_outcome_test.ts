import { describe, expect, it } from "vitest";
import { outcomeOf } from "../../../server/push/push_outcome.ts";

const NOW_MS = Date.parse("2030-01-31T12:00:00Z");

describe("outcomeOf", () => {
  it.each(
    [
      [null, null],
      ["0", 0],
      ["7", 7_000],
      ["Thu, 31 Jan 2030 12:00:09 GMT", 9_000],
      ["Thu, 31 Jan 2030 11:00:00 GMT", 0],
      // A push service cannot keep a push waiting for a day.
      ["86400", 300_000],
      ["Fri, 01 Feb 2030 12:00:00 GMT", 300_000],
      ["soon", null],
    ] as const,
  )("waits after Retry-After: %s for %s ms", (value, afterMs) => {
    const headers = new Headers(value === null ? {} : { "retry-after": value });
    expect(outcomeOf({ status: 429, headers }, NOW_MS)).toEqual({ type: "again", afterMs });
  });
});
