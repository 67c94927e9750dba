import { CLOCK } from "./clock.ts";

/** When a status text or a mute ends; `keep` leaves its end unchanged. */
export type ClearAfter = "keep" | "never" | "30m" | "1h" | "4h" | "today" | "week";

const DURATIONS: Partial<Record<ClearAfter, number>> = {
  "30m": 30 * 60_000,
  "1h": 60 * 60_000,
  "4h": 4 * 60 * 60_000,
};

/** Returns the end of a choice as ISO time in UTC; null for never. Days are in local time. */
export function endOf(choice: Exclude<ClearAfter, "keep">, nowMs: number): string | null {
  const duration = DURATIONS[choice];
  if (duration !== undefined) return new Date(nowMs + duration).toISOString();
  if (choice === "never") return null;
  const end = new Date(nowMs);
  end.setHours(24, 0, 0, 0);
  if (choice === "week") {
    // Until Sunday night; Sunday is day 0.
    while (end.getDay() !== 1) end.setDate(end.getDate() + 1);
  }
  return end.toISOString();
}

const times = new Intl.DateTimeFormat(undefined, CLOCK);
const days = new Intl.DateTimeFormat(undefined, {
  weekday: "short",
  day: "numeric",
  month: "short",
  ...CLOCK,
});

/** Describes when it ends: "until 14:30", with the day if it is not today. */
export function describeEnd(iso: string, nowMs: number): string {
  const end = new Date(iso);
  const isToday = end.toDateString() === new Date(nowMs).toDateString();
  return `until ${(isToday ? times : days).format(end)}`;
}
