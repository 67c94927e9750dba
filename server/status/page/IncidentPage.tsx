import type { JSX } from "preact";
import { isolated } from "../../../shared/format_characters.ts";
import type { Status, StatusIncident, StatusMaintenance } from "../../../shared/status/status.ts";
import { PageFrame } from "./PageFrame.tsx";
import type { PageSetting } from "./PageFrame.tsx";
import { IncidentTimeline, MaintenanceTimeline } from "./Timelines.tsx";

/** What the page of one incident or maintenance shows. */
export interface IncidentPageProps extends PageSetting {
  readonly status: Status;
  readonly item: StatusIncident | StatusMaintenance;
  /** Epoch time in milliseconds. */
  readonly now: number;
}

/** The page to which links to one incident or maintenance lead. */
export function IncidentPage({ status, item, now, ...setting }: IncidentPageProps): JSX.Element {
  const { page, state } = status;
  const { words } = setting;
  const { live } = words;
  const title = `${isolated(item.title)} · ${live.pageName(isolated(page.name))}`;
  const isPlanned = "startsAt" in item;
  return (
    <PageFrame page={page} title={title} state={state} {...setting}>
      <h2>{isPlanned ? words.maintenance : words.incident}</h2>
      {isPlanned
        ? <MaintenanceTimeline maintenance={item} words={live} now={now} />
        : <IncidentTimeline incident={item} words={live} />}
    </PageFrame>
  );
}
