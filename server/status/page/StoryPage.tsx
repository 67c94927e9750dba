import type { JSX } from "preact";
import type { Status, StatusIncident, StatusMaintenance } from "../../../shared/status/status.ts";
import { PageFrame } from "./PageFrame.tsx";
import { IncidentStory, MaintenanceStory } from "./Stories.tsx";

/** One of the two is given. */
export interface StoryPageProps {
  readonly status: Status;
  /** Origin under which the page is served. */
  readonly url: string;
  readonly incident: StatusIncident | undefined;
  readonly maintenance: StatusMaintenance | undefined;
}

/** The page to which links to one incident or maintenance lead. */
export function StoryPage({ status, url, incident, maintenance }: StoryPageProps): JSX.Element {
  const { page, state } = status;
  const title = incident?.title ?? maintenance?.title ?? "";
  return (
    <PageFrame page={page} url={url} title={`${title} · ${page.name} status`} state={state}>
      <h2>{incident === undefined ? "Maintenance" : "Incident"}</h2>
      {incident !== undefined && <IncidentStory incident={incident} />}
      {maintenance !== undefined && <MaintenanceStory maintenance={maintenance} />}
    </PageFrame>
  );
}
