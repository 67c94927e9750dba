import type { JSX } from "preact";
import type { PageWords } from "./page_words.ts";

const HEIGHT = 24;
/** One hour; less is no line worth looking at. */
const POINTS_MIN_COUNT = 4;

/** How long messages took over 24 hours, as a line with gaps where nothing was measured. */
export function Sparkline(
  { day, words }: { readonly day: readonly (number | null)[]; readonly words: PageWords },
): JSX.Element | null {
  const known = day.filter((ms) => ms !== null);
  if (known.length < POINTS_MIN_COUNT) return null;
  const most = Math.max(1, ...known);
  const points = day.map((ms, index) => {
    if (ms === null) return "";
    const place = `${index} ${(HEIGHT - ms / most * HEIGHT).toFixed(1)}`;
    // A line of no length is a dot, where nothing was measured before and after.
    return (day[index - 1] ?? null) === null ? `M${place}h0` : `L${place}`;
  });
  const label = words.deliveredDay(Math.min(...known), most);
  return (
    <figure class="spark">
      <svg
        viewBox={`0 0 ${day.length - 1} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={label}
      >
        <path d={points.join("")} />
      </svg>
      <figcaption aria-hidden="true">{label}</figcaption>
    </figure>
  );
}
