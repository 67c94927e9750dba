import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { incidentTone } from "../../shared/status/tones.ts";
import { canStep, INCIDENT_STATES } from "../../shared/status/states.ts";
import type { IncidentState } from "../../shared/status/states.ts";
import type { StatusIncident } from "../../shared/status/status.ts";
import { INCIDENT_WORDS } from "../../shared/status/words.ts";
import { Button } from "../ui/Button.tsx";
import { ConfirmDialog } from "../ui/ConfirmDialog.tsx";
import { SelectField } from "../ui/SelectField.tsx";
import { SubmitModel } from "../ui/submit_model.ts";
import { TextArea } from "../ui/TextArea.tsx";
import { ComponentClaims } from "./ComponentClaims.tsx";
import { readClaims } from "./component_claims.ts";
import { FormFrame } from "./FormFrame.tsx";
import { namedStates } from "./OpenIncident.tsx";
import type { ManageFormProps } from "./OpenIncident.tsx";
import { PublicPreview } from "./PublicPreview.tsx";
import { RoomHint } from "./RoomSelect.tsx";
import { UpdateList } from "./UpdateList.tsx";
import { usePreview } from "./use_preview.ts";

/** Props of `IncidentView`. */
export interface IncidentViewProps extends ManageFormProps {
  readonly incident: StatusIncident;
  readonly isDraft: boolean;
  /** Only owners delete what was public. */
  readonly isOwner: boolean;
}

/** One incident: its updates, the next one, and what else can be done with it. */
export function IncidentView(props: IncidentViewProps): JSX.Element {
  const { model, incident, isDraft, isOwner, onSaved } = props;
  const { id, title } = incident;
  const [isDeleting, setIsDeleting] = useState(false);
  const mayDelete = isDraft || isOwner;
  const edit = async (updateId: string, text: string) => {
    await model.editUpdate(id, updateId, text);
    onSaved("The update was changed.");
  };
  const remove = mayDelete
    ? (
      <Button kind="danger" onClick={() => setIsDeleting(true)}>
        {isDraft ? "Discard draft" : "Delete"}
      </Button>
    )
    : null;
  return (
    <>
      {isDraft
        ? <PublishDraft {...props} actions={remove} />
        : <NextUpdate key={incident.state} {...props} actions={remove} />}
      <h4 class="manage-past">{isDraft ? "What the draft says" : "Updates"}</h4>
      <UpdateList api={model.api} updates={incident.updates} words={INCIDENT_WORDS} onEdit={edit} />
      {isDeleting
        ? (
          <ConfirmDialog
            title={isDraft ? "Discard this draft?" : `Delete “${title}”?`}
            verb={isDraft ? "Discard" : "Delete"}
            action={async () => {
              await model.change(() => model.api.deleteIncident.mutate({ id }));
              model.back();
            }}
            onClose={() => setIsDeleting(false)}
          >
            {isDraft
              ? "Nobody else has seen it."
              : "It disappears from the page and its history, for everybody. That you deleted it is recorded."}
          </ConfirmDialog>
        )
        : null}
    </>
  );
}

interface PartProps extends IncidentViewProps {
  readonly actions: JSX.Element | null;
}

function PublishDraft({ model, incident, onSaved, actions }: PartProps): JSX.Element {
  const submit = useMemo(() => new SubmitModel(), []);
  const words = { title: incident.title, text: incident.updates[0]?.text ?? "" };
  const preview = usePreview(model.api, words);
  const publish = async () => {
    const { id } = incident;
    if (!await preview.publish(submit, words, () => model.change(() => model.api.publish.mutate({ id })))) {
      return;
    }
    onSaved("The incident is public.");
  };
  return (
    <FormFrame
      title={`Draft: ${incident.title}`}
      submit={submit}
      fields={[]}
      verb="Publish"
      onSend={() => void publish()}
      onBack={() => model.back()}
      actions={actions}
      preview={
        <PublicPreview
          preview={preview}
          words={words}
          label={INCIDENT_WORDS[incident.state]}
          tone={incidentTone(incident)}
          components={namedStates(model.settings.value?.components ?? [], incident.components)}
        />
      }
    >
      <p class="page-lead">
        Only owners and admins see this. Change its text below, then publish it, or discard it.
      </p>
      <RoomHint name={model.roomNameOf(incident.id)} />
    </FormFrame>
  );
}

function NextUpdate({ model, incident, onSaved, actions }: PartProps): JSX.Element {
  const submit = useMemo(() => new SubmitModel(), []);
  const { id, title } = incident;
  const steps = INCIDENT_STATES.filter((state) => canStep(incident.state, state));
  const form = model.form(`incident ${id}`);
  const chosen = steps.find((state) => state === form.get("state"));
  const state: IncidentState = chosen ?? usualStep(incident.state, steps);
  const text = form.get("text");
  const words = { title, text };
  const preview = usePreview(model.api, words);
  const components = model.settings.value?.components ?? [];
  const isOver = state === "resolved" || state === "postmortem";
  const claims = isOver ? [] : readClaims(form, components, incident.components);
  const shown = new Map([...incident.components, ...claims].map((one) => [one.id, one.status]));
  const after = [...shown].map(([id, status]) => ({ id, status: isOver ? "operational" as const : status }));

  const send = async () => {
    if (text.trim() === "") return submit.refuse("text", "Say what is new");
    const update = { id, state, text: text.trim(), ...claims.length === 0 ? {} : { components: claims } };
    if (
      !await preview.publish(submit, words, () => model.change(() => model.api.updateIncident.mutate(update)))
    ) return;
    form.clear();
    onSaved(`Published: ${INCIDENT_WORDS[state]}.`);
  };
  return (
    <FormFrame
      title={title}
      submit={submit}
      fields={["text"]}
      verb={state === "resolved" ? "Resolve" : "Publish update"}
      onSend={() => void send()}
      onBack={() => model.back()}
      actions={actions}
      preview={
        <PublicPreview
          preview={preview}
          words={words}
          label={INCIDENT_WORDS[state]}
          tone={incidentTone({ state, components: after })}
          components={namedStates(components, after)}
        />
      }
    >
      <SelectField
        label="Step"
        value={state}
        options={steps.map((one) => [one, INCIDENT_WORDS[one]] as const)}
        onValue={(value) => form.set("state", value)}
      />
      <TextArea
        label={state === "postmortem" ? "Post-mortem" : "Update"}
        rows={state === "postmortem" ? 10 : 4}
        value={text}
        onText={(typed) => form.set("text", typed)}
        error={submit.issue("text")}
      />
      {isOver ? null : <ComponentClaims form={form} components={components} before={incident.components} />}
      <RoomHint name={model.roomNameOf(id)} />
    </FormFrame>
  );
}

/** Incidents usually go one step on; what is resolved gets a post-mortem. */
function usualStep(from: IncidentState, steps: readonly IncidentState[]): IncidentState {
  const next = INCIDENT_STATES[INCIDENT_STATES.indexOf(from) + 1];
  return next !== undefined && steps.includes(next) ? next : from;
}
