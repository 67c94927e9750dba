import type { JSX } from "preact";
import type { LiveWords } from "../../../shared/status/live_words.ts";
import { incidentTone, isOverrun } from "../../../shared/status/tones.ts";
import type { ComponentState } from "../../../shared/status/states.ts";
import type { Announcement, StatusIncident, StatusMaintenance } from "../../../shared/status/status.ts";
import { PublicMarkdown } from "../PublicMarkdown.tsx";
import { StateIcon } from "./StateIcon.tsx";
import { Time } from "./Time.tsx";

/** A line for everybody, and how long it is in force. */
export function Notice(
  { announcement, words }: { readonly announcement: Announcement; readonly words: LiveWords },
): JSX.Element {
  const { id, level, at, expiresAt } = announcement;
  return (
    <div class={`notice ${level}`} role="note" data-item={id}>
      <p class="label">
        <StateIcon state={level} />
        <strong>{words.levels[level]}</strong>
        <span>
          <Time at={at} words={words} />
          {expiresAt !== null && [" – ", <Time key="end" at={expiresAt} words={words} />]}
        </span>
      </p>
      <PublicMarkdown source={announcement} />
    </div>
  );
}

interface TimelineProps {
  readonly words: LiveWords;
  /** Of the server, on a page that another one serves. */
  readonly origin?: string;
}

export interface IncidentTimelineProps extends TimelineProps {
  readonly incident: StatusIncident;
  /** Given where that of the incident is not known to be true any more. */
  readonly tone?: ComponentState;
}

/** An incident with all that was said about it, the newest first. */
export function IncidentTimeline(
  { incident, words, origin = "", tone = incidentTone(incident) }: IncidentTimelineProps,
): JSX.Element {
  const { id, title, updates } = incident;
  return (
    <article class={`timeline ${tone}`} data-item={id}>
      <h3>
        <a href={`${origin}/status/incidents/${id}`} dir="auto">{title}</a>
      </h3>
      <Updates updates={updates} states={words.incidentStates} words={words} />
    </article>
  );
}

export interface MaintenanceTimelineProps extends TimelineProps {
  readonly maintenance: StatusMaintenance;
  /** Epoch time in milliseconds. */
  readonly now: number;
}

/** Planned work, with its times. */
export function MaintenanceTimeline(
  { maintenance, words, now, origin = "" }: MaintenanceTimelineProps,
): JSX.Element {
  const { id, title, state, startsAt, endsAt, updates } = maintenance;
  return (
    <article class="timeline under_maintenance" data-item={id}>
      <h3>
        <a href={`${origin}/status/incidents/${id}`} dir="auto">{title}</a>
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

/** The texts of one item. */
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
