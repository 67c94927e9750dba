import { CLOCK } from "./clock.ts";

const formatter = new Intl.RelativeTimeFormat(undefined, { numeric: "auto", style: "long" });
const dates = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });
const moments = new Intl.DateTimeFormat(undefined, {
  day: "numeric",
  month: "long",
  ...CLOCK,
});

const UNITS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
];

/** Formats a time relative to now, in the user's language: "3 hours ago", "in 6 days". */
export function describeTime(iso: string, now: number = Date.now()): string {
  const distance = Date.parse(iso) - now;
  for (const [unit, ms] of UNITS) {
    if (Math.abs(distance) >= ms) return formatter.format(Math.trunc(distance / ms), unit);
  }
  return formatter.format(0, "minute");
}

/** Formats a day: "29 Nov 2026". */
export function describeDay(iso: string): string {
  return dates.format(new Date(iso));
}

/** Formats day and time of the last weeks: "27 November at 14:20". */
export function describeMoment(iso: string): string {
  return moments.format(new Date(iso));
}
