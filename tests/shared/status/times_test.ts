import { describe, expect, it } from "vitest";
import { dayWords, monthWords, timeWords } from "../../../shared/status/times.ts";
import { percentText } from "../../../shared/status/uptime.ts";

const AT = "2030-01-31T12:00:00.000Z";

/** Counts formats that are made while `work` runs. */
function countMade(work: () => void): number {
  const { DateTimeFormat, NumberFormat } = Intl;
  let count = 0;
  const counting = <T extends typeof DateTimeFormat | typeof NumberFormat>(format: T): T =>
    new Proxy(format, { construct: (target, args) => (count++, Reflect.construct(target, args)) });
  Object.assign(Intl, { DateTimeFormat: counting(DateTimeFormat), NumberFormat: counting(NumberFormat) });
  try {
    work();
  } finally {
    Object.assign(Intl, { DateTimeFormat, NumberFormat });
  }
  return count;
}

describe("times and percentages", () => {
  it("are written in each language and zone", () => {
    expect(timeWords(AT, "en-GB", "UTC")).toBe("31 Jan 2030, 12:00 UTC");
    expect(timeWords(AT, "en-GB", "Asia/Kolkata")).toContain("17:30");
    expect([dayWords("2030-01-31", "en-GB"), dayWords("2030-01-31", "de")]).toEqual([
      "31 January 2030",
      "31. Januar 2030",
    ]);
    expect([monthWords("2030-01", "en-GB"), monthWords("2030-01", "fr")]).toEqual([
      "January 2030",
      "janvier 2030",
    ]);
    expect([percentText(99.9), percentText(100), percentText(99.9, "de")]).toEqual([
      "99.90 %",
      "100 %",
      "99,90 %",
    ]);
  });

  it("make a format once, however many are written", () => {
    const writeAll = () => {
      for (const locale of ["es-CL", "fr-CA"]) {
        timeWords(AT, locale, "UTC");
        dayWords("2030-01-31", locale);
        monthWords("2030-01", locale);
        percentText(99.5, locale);
      }
    };
    expect(countMade(writeAll)).toBe(8);
    expect(countMade(writeAll)).toBe(0);
  });
});
