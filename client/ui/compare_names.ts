const collator = new Intl.Collator(undefined, { sensitivity: "base", numeric: true });

/** Orders names as the user's language does: case and accents do not count, and 9 comes before 10. */
export function compareNames(a: string, b: string): number {
  return collator.compare(a, b);
}
