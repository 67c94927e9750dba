import type { JSX } from "preact";
import type { Status, StatusIncident, StatusMaintenance } from "../../../shared/status/status.ts";
import { barState, percentText, uptimePercent } from "../../../shared/status/uptime.ts";
import { STATE_WORDS } from "../../../shared/status/words.ts";
import { PageFrame } from "./PageFrame.tsx";
import type { PartDay } from "./Parts.tsx";
import { IncidentStory, MaintenanceStory } from "./Stories.tsx";

/** What the history shows. */
export interface HistoryPageProps {
  readonly status: Status;
  /** Origin under which the page is served. */
  readonly url: string;
  /** As `2026-11`; null for the newest of all. */
  readonly month: string | null;
  readonly incidents: readonly StatusIncident[];
  readonly maintenances: readonly StatusMaintenance[];
  readonly daysOf: (componentId: string) => readonly PartDay[];
}

/** Incidents of a month, and every day of the last 90 in figures. */
export function HistoryPage(
  { status, url, month, incidents, maintenances, daysOf }: HistoryPageProps,
): JSX.Element {
  const { components, page } = status;
  const days = components.map(({ id }) => new Map(daysOf(id).map(({ day, times }) => [day, times])));
  const rows = daysOf(components[0]?.id ?? "").map(({ day }) => day).toReversed();
  return (
    <PageFrame page={page} url={url} title={`History · ${page.name} status`} state={status.state}>
      <h2>{month === null ? "Newest incidents and maintenance" : `Incidents and maintenance in ${month}`}</h2>
      {incidents.length + maintenances.length === 0 && <p>There was none.</p>}
      {incidents.map((one) => <IncidentStory key={one.id} incident={one} />)}
      {maintenances.map((one) => <MaintenanceStory key={one.id} maintenance={one} />)}
      <h2 id="days">Uptime by day</h2>
      <div class="wide" tabIndex={0} role="region" aria-labelledby="days">
        <table>
          <thead>
            <tr>
              <th scope="col">Day (UTC)</th>
              {components.map(({ id, name }) => <th key={id} scope="col" dir="auto">{name}</th>)}
            </tr>
          </thead>
          <tbody>
            {rows.map((day) => (
              <tr key={day}>
                <th scope="row">{day}</th>
                {days.map((of, index) => <td key={components[index]?.id}>{dayText(of.get(day) ?? {})}</td>)}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </PageFrame>
  );
}

function dayText(times: PartDay["times"]): string {
  const percent = uptimePercent([times]);
  return percent === null ? STATE_WORDS[barState(times)].toLowerCase() : percentText(percent);
}
