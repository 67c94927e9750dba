const DURATION = /^(\d{1,3})(m|h|d)$/;
const CLOCK = /^(\d{1,2}):(\d{2})$/;
const UNIT_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * Reads a time such as `18:00` or `30m`, in the zone of this device and after `afterMs`: a time of day that is over
 * means tomorrow. Null for anything else.
 */
export function readMoment(text: string, afterMs: number): string | null {
  const duration = DURATION.exec(text);
  if (duration !== null) {
    const ms = Number(duration[1]) * (UNIT_MS[duration[2] ?? ""] ?? 0);
    return ms === 0 ? null : new Date(afterMs + ms).toISOString();
  }
  const clock = CLOCK.exec(text);
  if (clock === null) return null;
  const [hours, minutes] = [Number(clock[1]), Number(clock[2])];
  if (hours > 23 || minutes > 59) return null;
  const moment = new Date(afterMs);
  moment.setHours(hours, minutes, 0, 0);
  // By the calendar and not by 24 hours: the clocks may change tonight.
  if (moment.getTime() <= afterMs) moment.setDate(moment.getDate() + 1);
  return moment.toISOString();
}
