import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { COMPONENT_DESCRIPTION_MAX_CHARACTERS, COMPONENT_NAME_MAX_CHARACTERS } from "../../shared/limits.ts";
import { Button } from "../ui/Button.tsx";
import { FormFailure } from "../ui/FormFailure.tsx";
import { SubmitModel } from "../ui/submit_model.ts";
import { TextField } from "../ui/TextField.tsx";
import type { ManageModel, StatusSettings } from "./manage_model.ts";
import type { ManageFormProps } from "./OpenIncident.tsx";

type Entry = StatusSettings["components"][number];

/** Names, groups and order of components, and which ones are hidden. */
export function Components({ model, onSaved }: ManageFormProps): JSX.Element {
  const submit = useMemo(() => new SubmitModel(), []);
  const [editing, setEditing] = useState<string | null>(null);
  const components = model.settings.value?.components ?? [];
  const move = (index: number, step: 1 | -1) => {
    const order = components.map(({ id }) => id);
    const [id] = order.splice(index, 1);
    if (id === undefined) return;
    order.splice(index + step, 0, id);
    void submit.run(() => model.change(() => reorder(model, components, order)));
  };
  return (
    <>
      <Button kind="quiet" icon="chevronLeft" onClick={() => model.back()}>Status</Button>
      <h3>Components</h3>
      <p class="page-lead">What the status page measures, in this order.</p>
      <FormFailure model={submit} fields={[]} />
      <ul class="cards">
        {components.map((component, index) => (
          <li key={component.id}>
            <div class={component.hidden ? "card-row is-gone" : "card-row"}>
              <span class="card-row-words">
                <b dir="auto">{component.name}</b>
                <small dir="auto">
                  {[component.group, component.hidden ? "Hidden" : null, component.description]
                    .filter((part) => part !== null && part !== "").join(" · ")}
                </small>
              </span>
              <span class="manage-row-actions">
                <Button
                  kind="quiet"
                  aria-label={`Move ${component.name} up`}
                  disabled={index === 0}
                  onClick={() => move(index, -1)}
                >
                  ↑
                </Button>
                <Button
                  kind="quiet"
                  aria-label={`Move ${component.name} down`}
                  disabled={index === components.length - 1}
                  onClick={() => move(index, 1)}
                >
                  ↓
                </Button>
                <Button
                  aria-label={`Edit ${component.name}`}
                  aria-expanded={editing === component.id}
                  onClick={() => setEditing(editing === component.id ? null : component.id)}
                >
                  Edit
                </Button>
              </span>
            </div>
            {editing === component.id
              ? (
                <EditComponent
                  model={model}
                  component={component}
                  onDone={() => {
                    setEditing(null);
                    onSaved("The component was changed.");
                  }}
                />
              )
              : null}
          </li>
        ))}
      </ul>
    </>
  );
}

function EditComponent(
  { model, component, onDone }: { model: ManageModel; component: Entry; onDone: () => void },
): JSX.Element {
  const submit = useMemo(() => new SubmitModel(), []);
  const [name, setName] = useState(component.name);
  const [description, setDescription] = useState(component.description);
  const [group, setGroup] = useState(component.group ?? "");
  const [hidden, setHidden] = useState(component.hidden);
  const save = async () => {
    const { id } = component;
    const change = { id, name: name.trim(), description: description.trim(), group: group.trim(), hidden };
    if (await submit.run(() => model.change(() => model.api.setComponent.mutate(change)))) onDone();
  };
  return (
    <form
      class="component-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <TextField
        label="Name"
        maxLength={COMPONENT_NAME_MAX_CHARACTERS}
        value={name}
        onText={setName}
        hint="Empty: the usual name."
        error={submit.issue("name")}
      />
      <TextField
        label="Description"
        maxLength={COMPONENT_DESCRIPTION_MAX_CHARACTERS}
        value={description}
        onText={setDescription}
        error={submit.issue("description")}
      />
      <TextField
        label="Group"
        maxLength={COMPONENT_NAME_MAX_CHARACTERS}
        value={group}
        onText={setGroup}
        error={submit.issue("group")}
      />
      <label class="check-row">
        <input
          type="checkbox"
          checked={hidden}
          onChange={(event) => setHidden(event.currentTarget.checked)}
        />
        Hide it from visitors
      </label>
      <FormFailure model={submit} fields={["name", "description", "group"]} />
      <div class="manage-actions">
        <Button kind="primary" type="submit" isBusy={submit.isBusy.value}>Save</Button>
      </div>
    </form>
  );
}

/** Numbers all components anew, and sends only what changed. */
async function reorder(
  model: ManageModel,
  components: readonly Entry[],
  order: readonly string[],
): Promise<void> {
  for (const [index, id] of order.entries()) {
    const position = index + 1;
    const isChanged = components.some((one) => one.id === id && one.position !== position);
    if (isChanged) await model.api.setComponent.mutate({ id, position });
  }
}
