import type { JSX } from "preact";
import { isOpenIncident, worstOf } from "../../../shared/status/states.ts";
import type { ComponentState } from "../../../shared/status/states.ts";
import type { Announcement, StatusIncident, StatusMaintenance } from "../../../shared/status/status.ts";
import { INCIDENT_WORDS, MAINTENANCE_WORDS } from "../../../shared/status/words.ts";
import { PublicMarkdown } from "../PublicMarkdown.tsx";
import { timeText } from "../status_text.ts";

const LEVELS: Readonly<Record<Announcement["level"], ComponentState>> = {
  info: "under_maintenance",
  warning: "degraded_performance",
  critical: "major_outage",
};

/** A line for everybody. */
export function Notice({ announcement }: { readonly announcement: Announcement }): JSX.Element {
  return (
    <div class={`notice ${LEVELS[announcement.level]}`} role="note">
      <PublicMarkdown text={announcement.text} />
    </div>
  );
}

/** An incident with all that was said about it, the newest first. */
export function IncidentStory({ incident }: { readonly incident: StatusIncident }): JSX.Element {
  const { id, title, components, updates } = incident;
  const worst = isOpenIncident(incident) ? worstOf(components.map(({ status }) => status)) : null;
  const tone = isOpenIncident(incident)
    ? worstOf([worst ?? "operational", "degraded_performance"])
    : "unknown";
  return (
    <article class={`story ${tone}`}>
      <h3>
        <a href={`/status/incidents/${id}`} dir="auto">{title}</a>
      </h3>
      <Updates updates={updates} words={INCIDENT_WORDS} />
    </article>
  );
}

/** Planned work, with its times. */
export function MaintenanceStory({ maintenance }: { readonly maintenance: StatusMaintenance }): JSX.Element {
  const { id, title, startsAt, endsAt, updates } = maintenance;
  return (
    <article class="story under_maintenance">
      <h3>
        <a href={`/status/incidents/${id}`} dir="auto">{title}</a>
        <small>
          <time dateTime={startsAt}>{timeText(startsAt)}</time> to{" "}
          <time dateTime={endsAt}>{timeText(endsAt)}</time>
        </small>
      </h3>
      <Updates updates={updates} words={MAINTENANCE_WORDS} />
    </article>
  );
}

/** The texts of one story. */
function Updates<State extends string>(
  { updates, words }: {
    readonly updates: readonly {
      readonly id: string;
      readonly state: State;
      readonly text: string;
      readonly at: string;
      readonly editedAt: string | null;
    }[];
    readonly words: Readonly<Record<State, string>>;
  },
): JSX.Element {
  return (
    <dl>
      {updates.map(({ id, state, text, at, editedAt }) => (
        <>
          <dt key={`${id} state`} id={id}>
            {words[state]}
            <time dateTime={at}>{timeText(at)}</time>
            {editedAt !== null && <small>edited {timeText(editedAt)}</small>}
          </dt>
          <dd key={id}>
            <PublicMarkdown text={text} />
          </dd>
        </>
      ))}
    </dl>
  );
}
