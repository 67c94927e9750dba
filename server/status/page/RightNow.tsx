import type { JSX } from "preact";
import type { StatusMetrics } from "../../../shared/status/status.ts";
import { Activity } from "./Activity.tsx";
import type { PageWords } from "./page_words.ts";
import { Sparkline } from "./Sparkline.tsx";

export interface RightNowProps {
  readonly metrics: StatusMetrics;
  /** How long messages took in the last 24 hours, oldest first; null where nothing was measured. */
  readonly day: readonly (number | null)[];
  readonly words: PageWords;
}

/** Figures of now; where there is none, it says so, since an old one would be wrong. */
export function RightNow({ metrics: { deliveredMs, activity }, day, words }: RightNowProps): JSX.Element {
  const { deliveredHalf, deliveredMost, noFigure } = words;
  return (
    <section aria-labelledby="now">
      <h2 id="now">{words.rightNow}</h2>
      <dl class="figures" data-none={noFigure}>
        {([["p50", deliveredHalf], ["p95", deliveredMost]] as const).map(([name, about]) => (
          <div key={name}>
            <dt>{about}</dt>
            <dd data-figure={name} class={deliveredMs === null ? "none" : ""}>
              {deliveredMs === null ? noFigure : `${deliveredMs[name]} ms`}
            </dd>
          </div>
        ))}
        {activity !== undefined && <Activity activity={activity} words={words} />}
      </dl>
      <Sparkline day={day} words={words} />
    </section>
  );
}
