import type { JSX } from "preact";
import { isolated } from "../../../shared/format_characters.ts";
import { checkedText, verdictOf } from "../../../shared/status/sentence.ts";
import type { Status, StatusIncident } from "../../../shared/status/status.ts";
import { timeWords } from "../../../shared/status/times.ts";
import { PageFrame } from "./PageFrame.tsx";
import type { PageSetting } from "./PageFrame.tsx";
import { Parts } from "./Parts.tsx";
import type { PartDay } from "./Parts.tsx";
import { RightNow } from "./RightNow.tsx";
import { IncidentTimeline, MaintenanceTimeline, Notice } from "./Timelines.tsx";
import { Verdict } from "./Verdict.tsx";

/** What the page shows. */
export interface StatusPageProps extends PageSetting {
  readonly status: Status;
  /** Incidents that are over, of the last days. */
  readonly past: readonly StatusIncident[];
  readonly daysOf: (componentId: string) => readonly PartDay[];
  /** The first month of which there is a history. */
  readonly firstMonth: string;
  /** How long messages took in the last 24 hours, oldest first; null where nothing was measured. */
  readonly deliveredDay: readonly (number | null)[];
  /** Since when everything known was checked, in epoch ms; null before the first check. */
  readonly checkedAt: number | null;
  /** When an earlier process measured what is shown, in epoch ms; null where it is about now. */
  readonly lastKnownAt: number | null;
  /** Epoch time in milliseconds. */
  readonly now: number;
}

/** The status page: the verdict first, then what is wrong, then the parts. */
export function StatusPage(
  { status, past, daysOf, firstMonth, deliveredDay, checkedAt, lastKnownAt, now, ...setting }:
    StatusPageProps,
): JSX.Element {
  const { page, state, incidents, maintenances, announcements, components, metrics } = status;
  const { words } = setting;
  const { live } = words;
  const verdict = verdictOf(components, incidents, live);
  const unchecked = lastKnownAt === null
    ? words.notChecked
    : words.lastKnownState(timeWords(new Date(lastKnownAt).toISOString(), live.locale, "UTC"));
  const checked = checkedAt === null ? unchecked : checkedText(now - checkedAt, live);
  const title = `${verdict.headline} · ${live.pageName(isolated(page.name))}`;
  return (
    <PageFrame page={page} title={title} state={state} {...setting}>
      <Verdict
        state={state}
        headline={verdict.headline}
        line={verdict.rest === "" ? checked : `${verdict.rest} ${checked}`}
        unchecked={unchecked}
        label={words.now}
      />
      <div class="open">
        {announcements.map((one) => <Notice key={one.id} announcement={one} words={live} />)}
        {incidents.map((one) => <IncidentTimeline key={one.id} incident={one} words={live} />)}
        {maintenances.map((one) => (
          <MaintenanceTimeline
            key={one.id}
            maintenance={one}
            words={live}
            now={now}
          />
        ))}
      </div>
      <Parts components={components} daysOf={daysOf} firstMonth={firstMonth} now={now} words={words} />
      <RightNow metrics={metrics} day={deliveredDay} words={words} />
      {(past.length > 0 || incidents.length === 0) && (
        <section aria-labelledby="past" class={past.length === 0 ? "no-past" : undefined}>
          <h2 id="past">{words.past}</h2>
          {past.length === 0 && <p class="quiet">{words.noPast}</p>}
          {past.map((one) => <IncidentTimeline key={one.id} incident={one} words={live} />)}
        </section>
      )}
    </PageFrame>
  );
}
