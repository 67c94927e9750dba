const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;

/** Formats a size, such as "2.3 MB", in the user's language. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let step = 0;
  // Rounded to one digit, 999,950 bytes are a megabyte.
  for (; value >= 999.95 && step < UNITS.length - 1; step++) value /= 1_000;
  return new Intl.NumberFormat(undefined, {
    style: "unit",
    unit: UNITS[step] ?? "byte",
    unitDisplay: step === 0 ? "long" : "short",
    maximumFractionDigits: 1,
  }).format(value);
}
