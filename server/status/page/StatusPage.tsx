import type { JSX } from "preact";
import { checkedText, verdictOf } from "../../../shared/status/sentence.ts";
import type { Status, StatusIncident } from "../../../shared/status/status.ts";
import { PageFrame } from "./PageFrame.tsx";
import type { PageSetting } from "./PageFrame.tsx";
import { Parts } from "./Parts.tsx";
import type { PartDay } from "./Parts.tsx";
import { Sparkline } from "./Sparkline.tsx";
import { StateIcon } from "./StateIcon.tsx";
import { Activity } from "./Activity.tsx";
import { IncidentStory, MaintenanceStory, Notice } from "./Stories.tsx";

/** What the page shows. */
export interface StatusPageProps extends PageSetting {
  readonly status: Status;
  /** Incidents that are over, of the last days. */
  readonly past: readonly StatusIncident[];
  readonly daysOf: (componentId: string) => readonly PartDay[];
  /** How long messages took in the last 24 hours, oldest first; null where nothing was measured. */
  readonly deliveredDay: readonly (number | null)[];
  /** When anything was measured last, in epoch ms. */
  readonly measuredAt: number | null;
  /** Epoch time in milliseconds. */
  readonly now: number;
}

/** The status page: the verdict first, then what is wrong, then the parts. */
export function StatusPage(
  { status, past, daysOf, deliveredDay, measuredAt, now, ...setting }: StatusPageProps,
): JSX.Element {
  const { page, state, incidents, maintenances, announcements, components, metrics } = status;
  const { words } = setting;
  const { live } = words;
  const verdict = verdictOf(components, incidents, live);
  const checked = measuredAt === null ? live.notChecked : checkedText(now - measuredAt, live);
  const title = `${verdict.headline} · ${live.pageName(page.name)}`;
  return (
    <PageFrame page={page} title={title} state={state} {...setting}>
      <section class={`verdict ${state}`} aria-label={words.now}>
        <StateIcon state={state} />
        <div>
          <h2 dir="auto">{verdict.headline}</h2>
          <p>{verdict.rest === "" ? checked : `${verdict.rest} ${checked}`}</p>
        </div>
      </section>
      <div class="open">
        {announcements.map((one) => <Notice key={one.id} announcement={one} />)}
        {incidents.map((one) => <IncidentStory key={one.id} incident={one} words={live} />)}
        {maintenances.map((one) => (
          <MaintenanceStory
            key={one.id}
            maintenance={one}
            words={live}
            now={now}
          />
        ))}
      </div>
      <Parts components={components} daysOf={daysOf} now={now} words={words} />
      {metrics.deliveredMs !== null && (
        <section aria-labelledby="now">
          <h2 id="now">{words.rightNow}</h2>
          <dl class="figures">
            <div>
              <dt>{words.deliveredHalf}</dt>
              <dd data-figure="p50">{metrics.deliveredMs.p50} ms</dd>
            </div>
            <div>
              <dt>{words.deliveredMost}</dt>
              <dd data-figure="p95">{metrics.deliveredMs.p95} ms</dd>
            </div>
            {metrics.activity !== undefined && <Activity activity={metrics.activity} words={words} />}
          </dl>
          <Sparkline day={deliveredDay} words={words} />
        </section>
      )}
      <section aria-labelledby="past">
        <h2 id="past">{words.past}</h2>
        {past.length === 0 && <p class="quiet">{words.noPast}</p>}
        {past.map((one) => <IncidentStory key={one.id} incident={one} words={live} />)}
      </section>
    </PageFrame>
  );
}
