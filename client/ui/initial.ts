const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** Returns the initial of a name: its first character, in upper case. */
export function initialOf(name: string): string {
  const [first] = segmenter.segment(name.trim());
  return first === undefined ? "?" : first.segment.toLocaleUpperCase();
}
