import type { QuietHours } from "./notification_settings.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** More zones than there are; names differ in case, so the number that somebody can ask for is far larger. */
const FORMATS_MAX_COUNT = 600;

const formats = new Map<string, Intl.DateTimeFormat>();

/**
 * Returns when quiet hours end that apply at `nowMs`, in epoch milliseconds, or null if none apply. They follow the
 * clock on the wall: an end that daylight saving skips is the moment of the change, and of an end that comes twice
 * the next one counts. `timeZone` is an IANA name; null is UTC.
 */
export function quietUntil(hours: QuietHours | null, timeZone: string | null, nowMs: number): number | null {
  if (hours === null) return null;
  const [from, to] = [minutesOf(hours.from), minutesOf(hours.to)];
  const wallMs = wallTime(timeZone, nowMs);
  const minutes = (wallMs % DAY_MS) / MINUTE_MS;
  const isQuiet = from <= to ? from <= minutes && minutes < to : from <= minutes || minutes < to;
  if (!isQuiet) return null;
  const midnightMs = wallMs - wallMs % DAY_MS;
  const endMs = midnightMs + to * MINUTE_MS + (minutes < to ? 0 : DAY_MS);
  return instantOf(endMs, timeZone, nowMs);
}

/** Returns the first moment after `nowMs` at which the clock on the wall shows `wallMs`, or has just skipped it. */
function instantOf(wallMs: number, timeZone: string | null, nowMs: number): number {
  const offsets = [nowMs, nowMs + DAY_MS].map((atMs) => wallTime(timeZone, atMs) - atMs);
  const candidates = offsets.map((offset) => wallMs - offset).toSorted((a, b) => a - b);
  const exact = candidates.find((atMs) => atMs > nowMs && wallTime(timeZone, atMs) === wallMs);
  if (exact !== undefined) return exact;
  let [before = nowMs, after = nowMs] = candidates;
  while (after - before > MINUTE_MS) {
    const middle = before + Math.floor((after - before) / 2 / MINUTE_MS) * MINUTE_MS;
    if (wallTime(timeZone, middle) < wallMs) before = middle;
    else after = middle;
  }
  return after;
}

/** What the clock on the wall shows, as if it were UTC. */
function wallTime(timeZone: string | null, atMs: number): number {
  if (timeZone === null) return atMs;
  const part: Record<string, number> = {};
  for (const { type, value } of formatOf(timeZone).formatToParts(atMs)) part[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  return Date.UTC(year, month - 1, day, hour, minute, second) + atMs % 1_000;
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (format === undefined) {
    if (formats.size >= FORMATS_MAX_COUNT) formats.clear();
    format = new Intl.DateTimeFormat("en-US", {
      timeZone,
      hourCycle: "h23",
      calendar: "iso8601",
      numberingSystem: "latn",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    formats.set(timeZone, format);
  }
  return format;
}

function minutesOf(time: string): number {
  return 60 * Number(time.slice(0, 2)) + Number(time.slice(3));
}
