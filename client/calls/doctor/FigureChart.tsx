import type { JSX } from "preact";
import { HISTORY_SECONDS } from "./figures_history.ts";

const HEIGHT = 24;

/** Props of `FigureChart`. */
export interface FigureChartProps {
  readonly title: string;
  /** One a second, the newest last; null where nothing was measured. */
  readonly values: readonly (number | null)[];
  /** The scale reaches at least this far, so that nothing small looks large. */
  readonly scale: number;
  readonly format: (value: number) => string;
}

/** One figure: its name, its value now, and its course over the last minute. */
export function FigureChart({ title, values, scale, format }: FigureChartProps): JSX.Element {
  const known = values.filter((value) => value !== null);
  const now = values.at(-1) ?? null;
  const top = Math.max(scale, ...known);
  const text = now === null ? "–" : format(now);
  const range = known.length < 2
    ? ""
    : `, ${format(Math.min(...known))} to ${format(Math.max(...known))} in the last minute`;
  return (
    <div class="figure">
      <span class="figure-title">{title}</span>
      <b class="figure-value">{text}</b>
      <svg
        class="figure-chart"
        viewBox={`0 0 ${HISTORY_SECONDS - 1} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${title}: ${text}${range}`}
      >
        {linesOf(values, top).map((points) => <polyline key={points} points={points} />)}
      </svg>
    </div>
  );
}

/** The newest value is at the right edge; where nothing was measured, the line breaks. */
function linesOf(values: readonly (number | null)[], top: number): string[] {
  const lines: string[][] = [[]];
  values.forEach((value, index) => {
    if (value === null) {
      lines.push([]);
      return;
    }
    const x = HISTORY_SECONDS - values.length + index;
    const y = HEIGHT - 1 - value / top * (HEIGHT - 2);
    lines.at(-1)?.push(`${x},${y.toFixed(1)}`);
  });
  return lines.filter((points) => points.length > 0).map((points) => points.join(" "));
}
