/** Sorts by a time in ISO format, the latest first. */
export function newestFirst<T>(items: readonly T[], timeOf: (item: T) => string): T[] {
  return items.toSorted((a, b) => {
    const [first, second] = [timeOf(a), timeOf(b)];
    return first === second ? 0 : first < second ? 1 : -1;
  });
}
