/** The middle value; the mean of the two middle ones for an even count. */
export function median(values: readonly number[]): number {
  return percentile(values, 50);
}

/** The value below which `percent` of the values lie (nearest rank). */
export function percentile(values: readonly number[], percent: number): number {
  if (values.length === 0) return NaN;
  const sorted = values.toSorted((a, b) => a - b);
  const rank = Math.max(0, Math.ceil(sorted.length * percent / 100) - 1);
  return sorted[rank] as number;
}

/** One budget and what was measured. */
export interface Verdict {
  readonly what: string;
  readonly measured: number;
  readonly budget: number;
  /** Whether the measured figure has to stay below the budget or reach it. */
  readonly rule: "at most" | "at least";
  readonly unit: string;
}

/** Prints a table of figures. */
export function printTable(title: string, rows: readonly (readonly string[])[]): void {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, index) => widths[index] = Math.max(widths[index] ?? 0, cell.length));
  }
  console.log(`\n${title}`);
  for (const row of rows) {
    console.log(
      "  " +
        row.map((cell, index) =>
          index === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[index] ?? 0)
        ).join("  "),
    );
  }
}

/** Prints each budget with what was measured; false when one is missed. */
export function printVerdicts(verdicts: readonly Verdict[]): boolean {
  console.log("");
  let isMet = true;
  for (const { what, measured, budget, rule, unit } of verdicts) {
    const holds = rule === "at most" ? measured <= budget : measured >= budget;
    isMet &&= holds;
    console.log(
      `  ${holds ? "met   " : "MISSED"} ${what}: ${
        measured.toFixed(2)
      }${unit}, budget ${rule} ${budget}${unit}`,
    );
  }
  return isMet;
}
