/** Writes a time as `<input type="datetime-local">` has it, in the zone of the device. */
export function toLocalInput(ms: number): string {
  const date = new Date(ms);
  const two = (part: number) => String(part).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** Reads such a time; null if there is none. */
export function fromLocalInput(text: string): string | null {
  const ms = new Date(text).getTime();
  return text === "" || Number.isNaN(ms) ? null : new Date(ms).toISOString();
}

/** Writes a time for people, with its day unless that is the day of `now`. */
export function describeClock(iso: string, now: number): string {
  const date = new Date(iso);
  const isToday = date.toDateString() === new Date(now).toDateString();
  return isToday ? date.toLocaleTimeString([], { timeStyle: "short" }) : describeTime(iso);
}

/** Writes a time for people, with its day. */
export function describeTime(iso: string): string {
  return new Date(iso).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
}
