import { compareStates, MEASURED_STATES, worstOf } from "./states.ts";
import type { ComponentState } from "./states.ts";

/** Length of every UTC day. */
export const DAY_MS = 86_400_000;
/** Days shown and counted. */
export const UPTIME_DAYS_COUNT = 90;

/** How long a component was in each state on one UTC day, in milliseconds. */
export type DayTimes = Readonly<Partial<Record<ComponentState, number>>>;

/** A stretch of time in one state; `from` included, `to` excluded, in epoch ms. */
export interface Span {
  readonly from: number;
  readonly to: number;
  readonly state: ComponentState;
}

/** A span's share of one day. */
export interface DayShare {
  readonly day: string;
  readonly state: ComponentState;
  readonly ms: number;
}

/** How much of an outage counts as time that the component was not up. */
const DOWN_WEIGHTS: DayTimes = { partial_outage: 0.3, major_outage: 1 };

/** The UTC day of a moment, as `2026-11-29`. */
export function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** The last `count` days, oldest first, today included. */
export function lastDays(now: number, count: number): string[] {
  return Array.from({ length: count }, (_, index) => dayOf(now - (count - 1 - index) * DAY_MS));
}

/** Divides a span at midnight UTC; a clock that was set back makes none. */
export function splitByDay({ from, to, state }: Span): DayShare[] {
  const shares: DayShare[] = [];
  for (let at = from; at < to;) {
    const end = Math.min(to, (Math.floor(at / DAY_MS) + 1) * DAY_MS);
    shares.push({ day: dayOf(at), state, ms: end - at });
    at = end;
  }
  return shares;
}

/** Cuts off what was counted already, so that an hour which a clock shows twice is counted once. */
export function uncounted(span: Span, countedUntil: number): Span | null {
  const from = Math.max(span.from, countedUntil);
  return from < span.to ? { ...span, from } : null;
}

/** Adds a share to the times of its day. */
export function addTime(times: DayTimes, { state, ms }: DayShare): DayTimes {
  return { ...times, [state]: (times[state] ?? 0) + ms };
}

/** How long something was measured; unknown and maintenance are not part of it. */
export function measuredMs(times: DayTimes): number {
  return MEASURED_STATES.reduce((sum, state) => sum + (times[state] ?? 0), 0);
}

/**
 * The state in which a day is shown: its worst measured one. Today also takes the component's `present` state: its bar
 * is not green while something is wrong, even if that is not written to the day yet, nor while nothing is known.
 */
export function barState(times: DayTimes, present: ComponentState = "operational"): ComponentState {
  const measured = MEASURED_STATES.filter((state) => (times[state] ?? 0) > 0);
  return worstOf(isTrouble(present) ? [...measured, present] : measured) ??
    ((times.under_maintenance ?? 0) > 0 ? "under_maintenance" : "unknown");
}

/**
 * Percent of the measured time that a component was up, rounded down to two places; null when nothing was measured.
 * It is never 100 while the bar of a measured day is not green, nor today's in the component's `present` state.
 */
export function uptimePercent(
  days: Iterable<DayTimes>,
  present: ComponentState = "operational",
): number | null {
  let measured = 0;
  let down = 0;
  let isGreen = !isTrouble(present);
  for (const times of days) {
    measured += measuredMs(times);
    for (const state of MEASURED_STATES) down += (times[state] ?? 0) * (DOWN_WEIGHTS[state] ?? 0);
    if (measuredMs(times) > 0 && barState(times) !== "operational") isGreen = false;
  }
  if (measured === 0) return null;
  const percent = Math.floor(Math.max(0, measured - down) / measured * 10_000) / 100;
  return isGreen ? percent : Math.min(percent, 99.99);
}

/** Whether a present state alone keeps today's bar from being green. */
function isTrouble(present: ComponentState): boolean {
  return compareStates(present, "unknown") >= 0;
}

/** Percent of `elapsedMs` that was measured, rounded down; it stands beside the uptime. */
export function measuredPercent(days: Iterable<DayTimes>, elapsedMs: number): number {
  if (elapsedMs <= 0) return 0;
  let measured = 0;
  for (const times of days) measured += measuredMs(times);
  return Math.min(100, Math.floor(measured / elapsedMs * 100));
}

/** By locale and digits, since each takes long to make. */
const percentFormats = new Map<string, Intl.NumberFormat>();

/** Writes a percentage as people read it. */
export function percentText(percent: number, locale = "en"): string {
  const minimumFractionDigits = percent === 100 ? 0 : 2;
  const name = locale + minimumFractionDigits;
  const format = percentFormats.get(name) ?? new Intl.NumberFormat(locale, { minimumFractionDigits });
  percentFormats.set(name, format);
  return `${format.format(percent)} %`;
}
