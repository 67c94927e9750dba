/** By locale and what they write: to make one takes as long as a hundred uses. Locales and zones are ours, so these are few. */
const formats = new Map<string, Intl.DateTimeFormat>();

/** Writes moments as people read them; without a zone in that of the reader. */
export function timeFormat(locale: string, timeZone?: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat(locale, {
    year: "numeric",
    month: "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    timeZoneName: "short",
    timeZone,
  });
}

/** A moment as people read it, such as "31 Jan 2030, 12:00 UTC". */
export function timeWords(at: string, locale: string, timeZone: string): string {
  return write(at, `${locale} ${timeZone}`, () => timeFormat(locale, timeZone));
}

/** A UTC day such as `2030-01-31` as people read it. */
export function dayWords(day: string, locale: string): string {
  return write(
    day,
    `${locale} day`,
    () => new Intl.DateTimeFormat(locale, { dateStyle: "long", timeZone: "UTC" }),
  );
}

/** A month such as `2030-01` as people read it. */
export function monthWords(month: string, locale: string): string {
  return write(
    month,
    `${locale} month`,
    () => new Intl.DateTimeFormat(locale, { year: "numeric", month: "long", timeZone: "UTC" }),
  );
}

function write(at: string, name: string, make: () => Intl.DateTimeFormat): string {
  // Browsers of last year, and Node, have no `getOrInsertComputed`.
  let format = formats.get(name);
  if (format === undefined) formats.set(name, format = make());
  return format.format(new Date(at));
}
