import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { PUBLIC_TITLE_MAX_CHARACTERS } from "../../shared/limits.ts";
import { canStepMaintenance, isOpenMaintenance, MAINTENANCE_STATES } from "../../shared/status/states.ts";
import type { MaintenanceState } from "../../shared/status/states.ts";
import type { StatusMaintenance } from "../../shared/status/status.ts";
import { MAINTENANCE_TEMPLATES } from "../../shared/status/templates.ts";
import { MAINTENANCE_WORDS } from "../../shared/status/words.ts";
import { SelectField } from "../ui/SelectField.tsx";
import { SubmitModel } from "../ui/submit_model.ts";
import { TextArea } from "../ui/TextArea.tsx";
import { TextField } from "../ui/TextField.tsx";
import { FormFrame } from "./FormFrame.tsx";
import { describeTime, fromLocalInput, toLocalInput } from "./local_time.ts";
import type { ManageFormProps } from "./OpenIncident.tsx";
import { PublicPreview } from "./PublicPreview.tsx";
import { chosenRoom, RoomHint, RoomSelect } from "./RoomSelect.tsx";
import { UpdateList } from "./UpdateList.tsx";
import { usePreview } from "./use_preview.ts";

const HOUR_MS = 3_600_000;

/** The form of a new maintenance. */
export function PlanMaintenance({ model, onSaved }: ManageFormProps): JSX.Element {
  const submit = useMemo(() => new SubmitModel(), []);
  const form = useMemo(() =>
    model.form("plan", {
      startsAt: toLocalInput(Date.now() + 24 * HOUR_MS),
      endsAt: toLocalInput(Date.now() + 25 * HOUR_MS),
    }), [model]);
  const components = model.settings.value?.components ?? [];
  const affected = components.filter(({ id }) => form.get(`affects ${id}`) === "yes");
  const title = form.get("title");
  const text = form.get("text");
  const words = { title, text };
  const preview = usePreview(model.api, words);
  const startsAt = fromLocalInput(form.get("startsAt"));
  const endsAt = fromLocalInput(form.get("endsAt"));

  const send = async () => {
    if (title.trim() === "") return submit.refuse("title", "Say in a few words what is planned");
    if (text.trim() === "") return submit.refuse("text", "Say what people will notice");
    if (startsAt === null) return submit.refuse("startsAt", "Choose when it starts");
    if (endsAt === null) return submit.refuse("endsAt", "Choose when it ends");
    if (endsAt <= startsAt) return submit.refuse("endsAt", "It must end after it starts");
    const plan = {
      title: title.trim(),
      text: text.trim(),
      components: affected.map(({ id }) => id),
      startsAt,
      endsAt,
      ...chosenRoom(model, form),
    };
    if (
      !await preview.publish(submit, words, () => model.change(() => model.api.planMaintenance.mutate(plan)))
    ) return;
    form.clear();
    model.back();
    onSaved("The maintenance is announced.");
  };
  return (
    <FormFrame
      title="Plan maintenance"
      submit={submit}
      fields={["title", "text", "startsAt", "endsAt"]}
      verb="Announce"
      onSend={() => void send()}
      onBack={() => model.back()}
      preview={
        <PublicPreview
          preview={preview}
          words={words}
          label="Scheduled"
          tone="under_maintenance"
          components={affected.map(({ name }) => ({ name, state: "under_maintenance" }))}
          {...startsAt === null || endsAt === null ? {} : { times: timesText({ startsAt, endsAt }) }}
        />
      }
    >
      <SelectField
        label="Begin with"
        value=""
        options={[["", "A blank page"], ...MAINTENANCE_TEMPLATES.map(({ name }) => [name, name] as const)]}
        onValue={(name) => {
          const template = MAINTENANCE_TEMPLATES.find((one) => one.name === name);
          if (template !== undefined) form.fill({ title: template.title, text: template.text });
        }}
      />
      <TextField
        label="Title"
        maxLength={PUBLIC_TITLE_MAX_CHARACTERS}
        value={title}
        onText={(typed) => form.set("title", typed)}
        error={submit.issue("title")}
      />
      <TextArea
        label="What people will notice"
        value={text}
        onText={(typed) => form.set("text", typed)}
        error={submit.issue("text")}
      />
      <TextField
        label="Starts"
        type="datetime-local"
        value={form.get("startsAt")}
        onText={(typed) => form.set("startsAt", typed)}
        error={submit.issue("startsAt")}
      />
      <TextField
        label="Ends"
        type="datetime-local"
        value={form.get("endsAt")}
        onText={(typed) => form.set("endsAt", typed)}
        error={submit.issue("endsAt")}
      />
      <fieldset class="claims">
        <legend>Affected components</legend>
        {components.map(({ id, name }) => (
          <label class="check-row" key={id}>
            <input
              type="checkbox"
              checked={form.get(`affects ${id}`) === "yes"}
              onChange={(event) => form.set(`affects ${id}`, event.currentTarget.checked ? "yes" : "no")}
            />
            {name}
          </label>
        ))}
      </fieldset>
      <RoomSelect label="Post and remind in" model={model} form={form} />
    </FormFrame>
  );
}

/** Props of `MaintenanceView`. */
export interface MaintenanceViewProps extends ManageFormProps {
  readonly maintenance: StatusMaintenance;
}

/** One maintenance: start, extend, finish or cancel it, with a text for everybody. */
export function MaintenanceView({ model, maintenance, onSaved }: MaintenanceViewProps): JSX.Element {
  const submit = useMemo(() => new SubmitModel(), []);
  const { id, title, startsAt } = maintenance;
  const form = model.form(`maintenance ${id}`);
  const steps = MAINTENANCE_STATES.filter((state) => canStepMaintenance(maintenance.state, state));
  const state: MaintenanceState = steps.find((one) => one === form.get("state")) ?? maintenance.state;
  const text = form.get("text");
  const words = { title, text };
  const preview = usePreview(model.api, words);
  const typedEnd = form.get("endsAt") || toLocalInput(Date.parse(maintenance.endsAt));
  const isOpen = isOpenMaintenance({ state });
  const isEndChanged = isOpen && typedEnd !== toLocalInput(Date.parse(maintenance.endsAt));
  const endsAt = isEndChanged ? fromLocalInput(typedEnd) : maintenance.endsAt;

  const send = async () => {
    if (text.trim() === "") return submit.refuse("text", "Say what is new");
    if (endsAt === null) return submit.refuse("endsAt", "Choose when it ends");
    const update = { id, state, text: text.trim(), ...isEndChanged ? { endsAt } : {} };
    if (
      !await preview.publish(
        submit,
        words,
        () => model.change(() => model.api.updateMaintenance.mutate(update)),
      )
    ) return;
    form.clear();
    if (!isOpen) model.back();
    onSaved(`Published: ${MAINTENANCE_WORDS[state]}.`);
  };
  const edit = async (updateId: string, text: string) => {
    await model.editUpdate(id, updateId, text);
    onSaved("The update was changed.");
  };
  return (
    <>
      <FormFrame
        title={title}
        submit={submit}
        fields={["text", "endsAt"]}
        verb="Publish update"
        onSend={() => void send()}
        onBack={() => model.back()}
        preview={
          <PublicPreview
            preview={preview}
            words={words}
            label={MAINTENANCE_WORDS[state]}
            tone="under_maintenance"
            {...endsAt === null ? {} : { times: timesText({ startsAt, endsAt }) }}
          />
        }
      >
        <SelectField
          label="Step"
          value={state}
          options={steps.map((one) => [one, MAINTENANCE_WORDS[one]] as const)}
          onValue={(value) => form.set("state", value)}
        />
        <TextArea
          label="Update"
          value={text}
          onText={(typed) => form.set("text", typed)}
          error={submit.issue("text")}
        />
        {isOpen
          ? (
            <TextField
              label="Planned end"
              type="datetime-local"
              value={typedEnd}
              onText={(typed) => form.set("endsAt", typed)}
              error={submit.issue("endsAt")}
            />
          )
          : null}
        <RoomHint name={model.roomNameOf(id)} />
      </FormFrame>
      <h4 class="manage-past">Updates</h4>
      <UpdateList api={model.api} updates={maintenance.updates} words={MAINTENANCE_WORDS} onEdit={edit} />
    </>
  );
}

/** Writes from when to when. */
export function timesText({ startsAt, endsAt }: Pick<StatusMaintenance, "startsAt" | "endsAt">): string {
  return `${describeTime(startsAt)} to ${describeTime(endsAt)}`;
}
