import { CLOCK } from "../ui/clock.ts";

/** Returns the local date of a time, as a key. */
export function localDayOf(at: string): string {
  const date = new Date(at);
  return `${date.getFullYear()}-${date.getMonth() + 1}-${date.getDate()}`;
}

const timeFormat = new Intl.DateTimeFormat(undefined, CLOCK);
const fullFormat = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "short" });
const dayFormat = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const farDayFormat = new Intl.DateTimeFormat(undefined, { dateStyle: "long" });

/** Formats the time of day, such as "09:52", in the user's language. */
export function formatTime(at: string): string {
  return timeFormat.format(new Date(at));
}

/** Formats the time of day without "AM" or "PM", where there is little space. */
export function formatClock(at: string): string {
  const parts = timeFormat.formatToParts(new Date(at)).filter(({ type }) => type !== "dayPeriod");
  return parts.map(({ value }) => value).join("").trim();
}

/** Formats date and time in full, for tooltips. */
export function formatFullTime(at: string): string {
  return fullFormat.format(new Date(at));
}

/** Returns "Today", "Yesterday", or the date, with the year if it is another one. */
export function formatDay(at: string, now: number): string {
  const day = localDayOf(at);
  if (day === localDayOf(new Date(now).toISOString())) return "Today";
  const yesterday = new Date(now);
  yesterday.setDate(yesterday.getDate() - 1);
  if (day === localDayOf(yesterday.toISOString())) return "Yesterday";
  const date = new Date(at);
  return (date.getFullYear() === yesterday.getFullYear() ? dayFormat : farDayFormat).format(date);
}
