import type { JSX } from "preact";
import { checkedText } from "../../../shared/status/sentence.ts";
import type { Verdict } from "../../../shared/status/sentence.ts";
import type { Status, StatusIncident } from "../../../shared/status/status.ts";
import { PageFrame } from "./PageFrame.tsx";
import { Parts } from "./Parts.tsx";
import type { PartDay } from "./Parts.tsx";
import { StateIcon } from "./StateIcon.tsx";
import { IncidentStory, MaintenanceStory, Notice } from "./Stories.tsx";

/** What the page shows. */
export interface StatusPageProps {
  readonly status: Status;
  /** Origin under which the page is served. */
  readonly url: string;
  readonly verdict: Verdict;
  /** Incidents that are over, of the last days. */
  readonly past: readonly StatusIncident[];
  readonly daysOf: (componentId: string) => readonly PartDay[];
  /** When anything was measured last, in epoch ms. */
  readonly measuredAt: number | null;
  /** Epoch time in milliseconds. */
  readonly now: number;
}

/** The status page: the verdict first, then what is wrong, then the parts. */
export function StatusPage(
  { status, url, verdict, past, daysOf, measuredAt, now }: StatusPageProps,
): JSX.Element {
  const { page, state, incidents, maintenances, announcements, components, metrics } = status;
  const checked = measuredAt === null ? "Not checked yet." : checkedText(now - measuredAt);
  return (
    <PageFrame page={page} url={url} title={`${verdict.headline} · ${page.name} status`} state={state}>
      <section class={`verdict ${state}`} aria-label="Now">
        <StateIcon state={state} />
        <div>
          <h2 dir="auto">{verdict.headline}</h2>
          <p>{verdict.rest === "" ? checked : `${verdict.rest} ${checked}`}</p>
        </div>
      </section>
      {announcements.map((one) => <Notice key={one.id} announcement={one} />)}
      {incidents.map((one) => <IncidentStory key={one.id} incident={one} />)}
      {maintenances.map((one) => <MaintenanceStory key={one.id} maintenance={one} />)}
      <Parts components={components} daysOf={daysOf} now={now} />
      {metrics.deliveredMs !== null && (
        <section aria-labelledby="now">
          <h2 id="now">Right now</h2>
          <dl class="figures">
            <div>
              <dt>message delivered, half of all</dt>
              <dd>{metrics.deliveredMs.p50} ms</dd>
            </div>
            <div>
              <dt>message delivered, 95 of 100</dt>
              <dd>{metrics.deliveredMs.p95} ms</dd>
            </div>
          </dl>
        </section>
      )}
      {past.length > 0 && (
        <section aria-labelledby="past">
          <h2 id="past">Past incidents</h2>
          {past.map((one) => <IncidentStory key={one.id} incident={one} />)}
        </section>
      )}
    </PageFrame>
  );
}
