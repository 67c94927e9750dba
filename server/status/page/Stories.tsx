import type { JSX } from "preact";
import type { LiveWords } from "../../../shared/status/live_words.ts";
import { incidentTone, isOverrun, LEVEL_TONES } from "../../../shared/status/tones.ts";
import type { Announcement, StatusIncident, StatusMaintenance } from "../../../shared/status/status.ts";
import { PublicMarkdown } from "../PublicMarkdown.tsx";
import { Time } from "./Time.tsx";

/** A line for everybody. */
export function Notice({ announcement }: { readonly announcement: Announcement }): JSX.Element {
  const { id, level } = announcement;
  return (
    <div class={`notice ${LEVEL_TONES[level]}`} role="note" data-item={id}>
      <PublicMarkdown source={announcement} />
    </div>
  );
}

/** An incident with all that was said about it, the newest first. */
export function IncidentStory(
  { incident, words }: { readonly incident: StatusIncident; readonly words: LiveWords },
): JSX.Element {
  const { id, title, updates } = incident;
  return (
    <article class={`story ${incidentTone(incident)}`} data-item={id}>
      <h3>
        <a href={`/status/incidents/${id}`} dir="auto">{title}</a>
      </h3>
      <Updates updates={updates} states={words.incidentStates} words={words} />
    </article>
  );
}

export interface MaintenanceStoryProps {
  readonly maintenance: StatusMaintenance;
  readonly words: LiveWords;
  /** Epoch time in milliseconds. */
  readonly now: number;
}

/** Planned work, with its times. */
export function MaintenanceStory({ maintenance, words, now }: MaintenanceStoryProps): JSX.Element {
  const { id, title, state, startsAt, endsAt, updates } = maintenance;
  return (
    <article class="story under_maintenance" data-item={id}>
      <h3>
        <a href={`/status/incidents/${id}`} dir="auto">{title}</a>
        <small>
          {words.maintenanceStates[state]} · <Time at={startsAt} words={words} /> –{" "}
          <Time at={endsAt} words={words} />
        </small>
        {isOverrun(maintenance, now) && <small class="overrun">{words.overruns}</small>}
      </h3>
      <Updates updates={updates} states={words.maintenanceStates} words={words} />
    </article>
  );
}

/** The texts of one story. */
function Updates<State extends string>(
  { updates, states, words }: {
    readonly updates: readonly {
      readonly id: string;
      readonly state: State;
      readonly text: string;
      readonly at: string;
      readonly editedAt: string | null;
    }[];
    readonly states: Readonly<Record<State, string>>;
    readonly words: LiveWords;
  },
): JSX.Element {
  return (
    <dl>
      {updates.map((update) => {
        const { id, state, at, editedAt } = update;
        return (
          <>
            <dt key={`${id} state`} id={id}>
              {states[state]}
              <Time at={at} words={words} />
              {editedAt !== null && (
                <small>
                  {words.edited} <Time at={editedAt} words={words} />
                </small>
              )}
            </dt>
            <dd key={id}>
              <PublicMarkdown source={update} />
            </dd>
          </>
        );
      })}
    </dl>
  );
}
