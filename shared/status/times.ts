/** By locale and options: to make one takes as long as a hundred uses. Locales and zones are ours, so these are few. */
const formats = new Map<string, Intl.DateTimeFormat>();

/** A moment as people read it, such as "31 Jan 2030, 12:00 UTC"; without a zone in that of the reader. */
export function timeWords(at: string, locale: string, timeZone?: string): string {
  return write(at, locale, {
    year: "numeric",
    month: "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    timeZoneName: "short",
    timeZone,
  });
}

/** A UTC day such as `2030-01-31` as people read it. */
export function dayWords(day: string, locale: string): string {
  return write(day, locale, { dateStyle: "long", timeZone: "UTC" });
}

/** A month such as `2030-01` as people read it. */
export function monthWords(month: string, locale: string): string {
  return write(month, locale, { year: "numeric", month: "long", timeZone: "UTC" });
}

function write(at: string, locale: string, options: Intl.DateTimeFormatOptions): string {
  const name = locale + JSON.stringify(options);
  const format = formats.get(name) ?? new Intl.DateTimeFormat(locale, options);
  formats.set(name, format);
  return format.format(new Date(at));
}
