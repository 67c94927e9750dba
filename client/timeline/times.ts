/** The viewer's date of a time, as a key. */
export function localDayOf(at: string): string {
  const date = new Date(at);
  return `${date.getFullYear()}-${date.getMonth() + 1}-${date.getDate()}`;
}

const timeFormat = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const fullFormat = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "short" });
const dayFormat = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const farDayFormat = new Intl.DateTimeFormat(undefined, { dateStyle: "long" });

/** "09:52", as the viewer's language writes it. */
export function formatTime(at: string): string {
  return timeFormat.format(new Date(at));
}

/** The same without "AM" or "PM", where there is room for no more than "09:52". */
export function formatClock(at: string): string {
  const parts = timeFormat.formatToParts(new Date(at)).filter(({ type }) => type !== "dayPeriod");
  return parts.map(({ value }) => value).join("").trim();
}

/** Date and time in full, for tooltips. */
export function formatFullTime(at: string): string {
  return fullFormat.format(new Date(at));
}

/** "Today", "Yesterday", or the date; the year only when it is another one. */
export function formatDay(at: string, now: number): string {
  const day = localDayOf(at);
  if (day === localDayOf(new Date(now).toISOString())) return "Today";
  const yesterday = new Date(now);
  yesterday.setDate(yesterday.getDate() - 1);
  if (day === localDayOf(yesterday.toISOString())) return "Yesterday";
  const date = new Date(at);
  return (date.getFullYear() === yesterday.getFullYear() ? dayFormat : farDayFormat).format(date);
}
