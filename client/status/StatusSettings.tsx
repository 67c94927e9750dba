import type { ComponentChildren, JSX } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import { INCIDENT_WORDS, MAINTENANCE_WORDS } from "../../shared/status/words.ts";
import type { Announcement } from "../../shared/status/status.ts";
import { Button } from "../ui/Button.tsx";
import { FormFailure } from "../ui/FormFailure.tsx";
import { SubmitModel } from "../ui/submit_model.ts";
import { Announce, LEVEL_WORDS } from "./Announce.tsx";
import { Components } from "./Components.tsx";
import { IncidentView } from "./IncidentView.tsx";
import { describeTime } from "./local_time.ts";
import { MaintenanceView, PlanMaintenance, timesText } from "./Maintenance.tsx";
import type { ManageModel } from "./manage_model.ts";
import { OpenIncident } from "./OpenIncident.tsx";
import { PublicHtml } from "./PublicHtml.tsx";

/** Props of `StatusSettings`. */
export interface StatusSettingsProps {
  readonly model: ManageModel;
  readonly isOwner: boolean;
  readonly onSaved: (text: string) => void;
}

/** The public status for those who manage it: the overview, or the part that is open. */
export function StatusSettings({ model, isOwner, onSaved }: StatusSettingsProps): JSX.Element {
  useEffect(() => void model.load(), [model]);
  const view = model.view.value;
  const part = { model, onSaved };
  if (model.settings.value === null) return <Unloaded model={model} />;
  switch (view.type) {
    case "open_incident":
      return <OpenIncident {...part} />;
    case "plan":
      return <PlanMaintenance {...part} />;
    case "announce":
      return <Announce {...part} />;
    case "components":
      return <Components {...part} />;
    case "incident": {
      const found = model.incident(view.id);
      return found === null
        ? <Overview {...part} />
        : <IncidentView {...part} {...found} isOwner={isOwner} />;
    }
    case "maintenance": {
      const maintenance = model.maintenance(view.id);
      return maintenance === null
        ? <Overview {...part} />
        : <MaintenanceView {...part} maintenance={maintenance} />;
    }
    case "list":
      return <Overview {...part} />;
  }
}

function Unloaded({ model }: { model: ManageModel }): JSX.Element {
  const failure = model.failure.value;
  return (
    <div aria-busy={failure === null ? "true" : undefined}>
      <h3>Public status</h3>
      {failure === null ? <p class="page-lead">Loading…</p> : (
        <p class="form-failure" role="alert">
          {failure.text}{" "}
          <Button kind="quiet" icon="refresh" onClick={() => void model.load()}>Try again</Button>
        </p>
      )}
    </div>
  );
}

function Overview({ model, onSaved }: Pick<StatusSettingsProps, "model" | "onSaved">): JSX.Element {
  const status = model.status.value;
  const drafts = model.drafts.value;
  const incidents = status?.incidents ?? [];
  const maintenances = status?.maintenances ?? [];
  const announcements = status?.announcements ?? [];
  const closed = model.settings.value?.closedIncidents ?? [];
  const wordsOf = ({ state, updates }: typeof incidents[number]) =>
    `${INCIDENT_WORDS[state]}, ${describeTime(updates[0]?.at ?? "")}`;
  return (
    <>
      <h3>Public status</h3>
      <p class="page-lead">
        {status?.sentence ?? "The current state is being read."}{" "}
        <a href="/status" target="_blank" rel="noopener">Open the page</a>
      </p>
      {drafts.length === 0 ? null : (
        <Part title="Drafts">
          {drafts.map((one) => (
            <Row
              key={one.id}
              title={one.title}
              detail="Not public yet"
              onOpen={() => model.show({ type: "incident", id: one.id })}
            />
          ))}
        </Part>
      )}
      <Part
        title="Incidents"
        empty="No incident is open."
        action={
          <Button kind="primary" onClick={() => model.show({ type: "open_incident" })}>
            Open an incident
          </Button>
        }
      >
        {incidents.map((one) => (
          <Row
            key={one.id}
            title={one.title}
            detail={wordsOf(one)}
            onOpen={() => model.show({ type: "incident", id: one.id })}
          />
        ))}
      </Part>
      <Part
        title="Maintenance"
        empty="Nothing is planned."
        action={<Button onClick={() => model.show({ type: "plan" })}>Plan maintenance</Button>}
      >
        {maintenances.map((one) => (
          <Row
            key={one.id}
            title={one.title}
            detail={`${MAINTENANCE_WORDS[one.state]}, ${timesText(one)}`}
            onOpen={() => model.show({ type: "maintenance", id: one.id })}
          />
        ))}
      </Part>
      <Part
        title="Announcements"
        empty="Nothing is announced."
        action={<Button onClick={() => model.show({ type: "announce" })}>Announce</Button>}
      >
        {announcements.map((one) => (
          <AnnouncementRow key={one.id} model={model} announcement={one} onSaved={onSaved} />
        ))}
      </Part>
      {closed.length === 0 ? null : (
        <Part title="Past incidents">
          {closed.map((one) => (
            <Row
              key={one.id}
              title={one.title}
              detail={wordsOf(one)}
              onOpen={() => model.show({ type: "incident", id: one.id })}
            />
          ))}
        </Part>
      )}
      <Part
        title="Components"
        action={<Button onClick={() => model.show({ type: "components" })}>Change components</Button>}
      />
    </>
  );
}

function Part({ title, action, empty, children }: {
  readonly title: string;
  readonly action?: ComponentChildren;
  readonly empty?: string;
  readonly children?: readonly JSX.Element[];
}): JSX.Element {
  return (
    <section class="page-part manage-part" aria-label={title}>
      <div class="page-head">
        <h4>{title}</h4>
        {action}
      </div>
      {children !== undefined && children.length > 0
        ? <ul class="cards">{children.map((child) => <li key={child.key}>{child}</li>)}</ul>
        : empty === undefined
        ? null
        : <p class="page-lead">{empty}</p>}
    </section>
  );
}

function Row(
  { title, detail, onOpen }: { readonly title: string; readonly detail: string; readonly onOpen: () => void },
): JSX.Element {
  return (
    <button type="button" class="card-row manage-row" onClick={onOpen}>
      <span class="card-row-words">
        <b dir="auto">{title}</b>
        <small>{detail}</small>
      </span>
    </button>
  );
}

function AnnouncementRow({ model, announcement, onSaved }: {
  readonly model: ManageModel;
  readonly announcement: Announcement;
  readonly onSaved: (text: string) => void;
}): JSX.Element {
  const submit = useMemo(() => new SubmitModel(), []);
  const { id, html, level, expiresAt } = announcement;
  const retract = async () => {
    if (await submit.run(() => model.change(() => model.api.retract.mutate({ id })))) {
      onSaved("It was taken back.");
    }
  };
  return (
    <div class="card-row">
      <div class="card-row-words">
        <PublicHtml html={html} />
        <small>{LEVEL_WORDS[level]}{expiresAt === null ? "" : `, until ${describeTime(expiresAt)}`}</small>
        <FormFailure model={submit} fields={[]} />
      </div>
      <Button isBusy={submit.isBusy.value} onClick={() => void retract()}>Retract</Button>
    </div>
  );
}
