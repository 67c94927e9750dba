import type { JSX } from "preact";
import type { Status, StatusIncident, StatusMaintenance } from "../../../shared/status/status.ts";
import { PageFrame } from "./PageFrame.tsx";
import type { PageSetting } from "./PageFrame.tsx";
import { IncidentStory, MaintenanceStory } from "./Stories.tsx";

/** One of the two is given. */
export interface StoryPageProps extends PageSetting {
  readonly status: Status;
  readonly incident: StatusIncident | undefined;
  readonly maintenance: StatusMaintenance | undefined;
  /** Epoch time in milliseconds. */
  readonly now: number;
}

/** The page to which links to one incident or maintenance lead. */
export function StoryPage(
  { status, incident, maintenance, now, ...setting }: StoryPageProps,
): JSX.Element {
  const { page, state } = status;
  const { words } = setting;
  const { live } = words;
  const title = `${incident?.title ?? maintenance?.title ?? ""} · ${live.pageName(page.name)}`;
  return (
    <PageFrame page={page} title={title} state={state} {...setting}>
      <h2>{incident === undefined ? words.maintenance : words.incident}</h2>
      {incident !== undefined && <IncidentStory incident={incident} words={live} />}
      {maintenance !== undefined && <MaintenanceStory maintenance={maintenance} words={live} now={now} />}
    </PageFrame>
  );
}
