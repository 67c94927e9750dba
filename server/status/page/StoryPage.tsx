import type { JSX } from "preact";
import { isolated } from "../../../shared/format_characters.ts";
import type { Status, StatusIncident, StatusMaintenance } from "../../../shared/status/status.ts";
import { PageFrame } from "./PageFrame.tsx";
import type { PageSetting } from "./PageFrame.tsx";
import { IncidentStory, MaintenanceStory } from "./Stories.tsx";

/** What the page of one story shows. */
export interface StoryPageProps extends PageSetting {
  readonly status: Status;
  readonly story: StatusIncident | StatusMaintenance;
  /** Epoch time in milliseconds. */
  readonly now: number;
}

/** The page to which links to one incident or maintenance lead. */
export function StoryPage({ status, story, now, ...setting }: StoryPageProps): JSX.Element {
  const { page, state } = status;
  const { words } = setting;
  const { live } = words;
  const title = `${isolated(story.title)} · ${live.pageName(isolated(page.name))}`;
  const isPlanned = "startsAt" in story;
  return (
    <PageFrame page={page} title={title} state={state} {...setting}>
      <h2>{isPlanned ? words.maintenance : words.incident}</h2>
      {isPlanned
        ? <MaintenanceStory maintenance={story} words={live} now={now} />
        : <IncidentStory incident={story} words={live} />}
    </PageFrame>
  );
}
