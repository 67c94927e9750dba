/** After how much silence a room is reminded, and how long after each reminder again. */
export const REMINDER_INTERVAL_MS = 30 * 60_000;
/** How often a room is reminded without anything new. */
export const REMINDERS_MAX_COUNT = 6;

/** How many reminders are due when the last text of an incident was published at `lastAt`. */
export function incidentReminders(lastAt: string, now: number): number {
  return limited((now - Date.parse(lastAt)) / REMINDER_INTERVAL_MS);
}

/** How many reminders are due when the last text of a maintenance was published at `lastAt`: the first at its end. */
export function maintenanceReminders(lastAt: string, endsAt: string, now: number): number {
  if (now < Date.parse(endsAt)) return 0;
  // Whoever says after the end how it stands needs no reminder at once.
  if (lastAt >= endsAt) return incidentReminders(lastAt, now);
  return limited((now - Date.parse(endsAt)) / REMINDER_INTERVAL_MS + 1);
}

function limited(count: number): number {
  return Math.min(Math.max(Math.floor(count), 0), REMINDERS_MAX_COUNT);
}
