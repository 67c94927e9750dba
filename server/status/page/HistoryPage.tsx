import type { JSX } from "preact";
import { isolated } from "../../../shared/format_characters.ts";
import { shownName } from "../../../shared/status/live_words.ts";
import type { Status, StatusIncident, StatusMaintenance } from "../../../shared/status/status.ts";
import { dayWords, monthWords } from "../../../shared/status/times.ts";
import { PageFrame } from "./PageFrame.tsx";
import type { PageSetting } from "./PageFrame.tsx";
import { dayFigure } from "./Parts.tsx";
import type { PartDay } from "./Parts.tsx";
import type { TimelineDay } from "./timeline_days.ts";
import { IncidentTimeline, MaintenanceTimeline } from "./Timelines.tsx";

/** What the history shows. */
export interface HistoryPageProps extends PageSetting {
  readonly status: Status;
  /** As `2026-11`; null for the newest of all. */
  readonly month: string | null;
  /** Months to go to, the newest first. */
  readonly months: readonly string[];
  readonly incidents: readonly StatusIncident[];
  readonly maintenances: readonly StatusMaintenance[];
  readonly timelineDays: readonly TimelineDay[];
  /** Whether what memory no longer holds could not be read. */
  readonly isPartial: boolean;
  readonly daysOf: (componentId: string) => readonly PartDay[];
  /** Epoch time in milliseconds. */
  readonly now: number;
}

/** Incidents of a month by day or the newest of all, and the days in figures. */
export function HistoryPage(props: HistoryPageProps): JSX.Element {
  const { status: { page, state }, month, months, ...setting } = props;
  const { words } = setting;
  const { live } = words;
  const shownMonth = month === null ? null : monthWords(month, live.locale);
  const title = `${words.history} · ${live.pageName(isolated(page.name))}`;
  return (
    <PageFrame page={page} title={title} state={state} {...setting}>
      <h2>{shownMonth === null ? words.newest : words.ofMonth(shownMonth)}</h2>
      <nav aria-label={words.history} class="months">
        {months.map((one) => (
          <a
            key={one}
            href={`/status/history?month=${one}`}
            aria-current={one === month ? "page" : undefined}
          >
            {monthWords(one, live.locale)}
          </a>
        ))}
      </nav>
      {month === null ? <Newest {...props} /> : <ByDay {...props} />}
      <Figures {...props} />
    </PageFrame>
  );
}

function Newest({ incidents, maintenances, words, now }: HistoryPageProps): JSX.Element {
  const { live } = words;
  return (
    <>
      {incidents.length + maintenances.length === 0 && <p class="quiet">{words.none}</p>}
      {incidents.map((one) => <IncidentTimeline key={one.id} incident={one} words={live} />)}
      {maintenances.map((one) => (
        <MaintenanceTimeline
          key={one.id}
          maintenance={one}
          words={live}
          now={now}
        />
      ))}
    </>
  );
}

/** Each day on which something happened; what goes on for days is told on its first, what is old on its own page. */
function ByDay({ timelineDays, isPartial, words, now }: HistoryPageProps): JSX.Element {
  const { live } = words;
  return (
    <>
      {isPartial
        ? <p class="quiet">{words.notRead}</p>
        : timelineDays.length === 0 && <p class="quiet">{words.none}</p>}
      {timelineDays.map(({ day, begun, linked }) => (
        <section key={day} id={day} class="day">
          <h3>{dayWords(day, live.locale)}</h3>
          {linked.map(({ id, title }) => (
            <p key={id}>
              <a href={`/status/incidents/${id}`} dir="auto">{title}</a>
            </p>
          ))}
          {begun.map((one) =>
            "startsAt" in one
              ? <MaintenanceTimeline key={one.id} maintenance={one} words={live} now={now} />
              : <IncidentTimeline key={one.id} incident={one} words={live} />
          )}
        </section>
      ))}
    </>
  );
}

function Figures(
  { status: { components }, month, timelineDays, daysOf, words }: HistoryPageProps,
): JSX.Element {
  const days = components.map(({ id }) => new Map(daysOf(id).map(({ day, times }) => [day, times])));
  const all = daysOf(components[0]?.id ?? "").map(({ day }) => day).toReversed();
  const isKnown = (day: string) => days.some((one) => Object.keys(one.get(day) ?? {}).length > 0);
  // Before the first day that anything is known of there was no installation. Today is always there.
  const first = all.findLast(isKnown) ?? all[0] ?? "";
  const rows = all.filter((day) => day >= first && (month === null || day.startsWith(month)));
  if (components.length === 0) return <p class="quiet">{`${words.live.nothingMeasured}.`}</p>;
  // The links of the bars lead to what happened on a day, or else to its figures.
  const told = new Set(timelineDays.map(({ day }) => day));
  return (
    <>
      <h2 id="days">{words.uptimeByDay}</h2>
      <div class="wide" tabIndex={0} role="region" aria-labelledby="days">
        <table>
          <thead>
            <tr>
              <th scope="col">{words.day}</th>
              {components.map(({ id, name }) => (
                <th key={id} scope="col" dir="auto">{shownName(name, words.live)}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((day) => (
              <tr key={day} id={month === null || told.has(day) ? undefined : day}>
                <th scope="row">{day}</th>
                {components.map(({ id, state }, index) => (
                  <td key={id}>
                    {dayFigure(days[index]?.get(day) ?? {}, day === all[0] ? state : undefined, words)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
