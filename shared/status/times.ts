/** A moment as people read it, such as "31 Jan 2030, 12:00 UTC"; without a zone in that of the reader. */
export function timeWords(at: string, locale: string, timeZone?: string): string {
  return new Intl.DateTimeFormat(locale, {
    year: "numeric",
    month: "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    timeZoneName: "short",
    ...(timeZone === undefined ? {} : { timeZone }),
  }).format(new Date(at));
}

/** A UTC day such as `2030-01-31` as people read it. */
export function dayWords(day: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: "long", timeZone: "UTC" }).format(new Date(day));
}

/** A month such as `2030-01` as people read it. */
export function monthWords(month: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, { year: "numeric", month: "long", timeZone: "UTC" })
    .format(new Date(month));
}
