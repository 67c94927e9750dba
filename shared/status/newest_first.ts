/** Sorts by a time in ISO format, the latest first. */
export function newestFirst<T>(items: readonly T[], timeOf: (item: T) => string): T[] {
  return items.toSorted((a, b) => timeOf(b).localeCompare(timeOf(a), "en"));
}
