import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { PUBLIC_TITLE_MAX_CHARACTERS } from "../../shared/limits.ts";
import { IMPACTS, worstOf } from "../../shared/status/states.ts";
import type { ComponentState } from "../../shared/status/states.ts";
import { INCIDENT_TEMPLATES } from "../../shared/status/templates.ts";
import { Button } from "../ui/Button.tsx";
import { SelectField } from "../ui/SelectField.tsx";
import { SubmitModel } from "../ui/submit_model.ts";
import { TextArea } from "../ui/TextArea.tsx";
import { TextField } from "../ui/TextField.tsx";
import { ComponentClaims } from "./ComponentClaims.tsx";
import { claimField, readClaims } from "./component_claims.ts";
import { FormFrame } from "./FormFrame.tsx";
import type { ManageModel } from "./manage_model.ts";
import { PublicPreview } from "./PublicPreview.tsx";
import { chosenRoom, RoomSelect } from "./RoomSelect.tsx";
import { usePreview } from "./use_preview.ts";

/** Props of the forms of the status page. */
export interface ManageFormProps {
  readonly model: ManageModel;
  readonly onSaved: (text: string) => void;
}

const IMPACT_WORDS = { none: "None", minor: "Minor", major: "Major", critical: "Critical" } as const;

/** The form of a new incident, which is published at once or kept as a draft. */
export function OpenIncident({ model, onSaved }: ManageFormProps): JSX.Element {
  const submit = useMemo(() => new SubmitModel(), []);
  const form = model.form("open incident");
  const components = model.settings.value?.components ?? [];
  const claims = readClaims(form, components);
  const title = form.get("title");
  const text = form.get("text");
  const words = { title, text };
  const preview = usePreview(model.api, words);
  const impact = IMPACTS.find((one) => one === form.get("impact"));
  const tone: ComponentState =
    worstOf<ComponentState>(["degraded_performance", ...claims.map((one) => one.status)]) ??
      "degraded_performance";

  const send = async (isDraft: boolean) => {
    if (title.trim() === "") return submit.refuse("title", "Say in a few words what is wrong");
    if (text.trim() === "") return submit.refuse("text", "Say what people notice, and what you do about it");
    const open = () =>
      model.change(() =>
        model.api.openIncident.mutate({
          title: title.trim(),
          text: text.trim(),
          components: claims,
          ...impact === undefined ? {} : { impact },
          ...isDraft ? { draft: true as const } : {},
          ...chosenRoom(model, form),
        })
      );
    if (!await (isDraft ? submit.run(open) : preview.publish(submit, words, open))) return;
    form.clear();
    model.back();
    onSaved(isDraft ? "The draft is kept." : "The incident is public.");
  };
  const begin = (name: string) => {
    const template = INCIDENT_TEMPLATES.find((one) => one.name === name);
    if (template === undefined) return;
    const states = components.map(({ id }) => [claimField(id), template.components[id] ?? "operational"]);
    form.fill({ title: template.title, text: template.text, ...Object.fromEntries(states) });
  };
  return (
    <FormFrame
      title="Open an incident"
      submit={submit}
      fields={["title", "text"]}
      verb="Publish"
      onSend={() => void send(false)}
      onBack={() => model.back()}
      actions={<Button onClick={() => void send(true)}>Keep as draft</Button>}
      preview={
        <PublicPreview
          preview={preview}
          words={words}
          label="Investigating"
          tone={tone}
          components={namedStates(components, claims)}
        />
      }
    >
      <SelectField
        label="Begin with"
        value=""
        options={[["", "A blank page"], ...INCIDENT_TEMPLATES.map(({ name }) => [name, name] as const)]}
        onValue={begin}
      />
      <TextField
        label="Title"
        maxLength={PUBLIC_TITLE_MAX_CHARACTERS}
        value={title}
        onText={(typed) => form.set("title", typed)}
        error={submit.issue("title")}
      />
      <TextArea
        label="First update"
        value={text}
        onText={(typed) => form.set("text", typed)}
        hint="Markdown as in messages. Mentions and links to rooms are taken out."
        error={submit.issue("text")}
      />
      <ComponentClaims form={form} components={components} />
      <SelectField
        label="Impact"
        value={form.get("impact")}
        options={[["", "From the components"], ...IMPACTS.map((one) => [one, IMPACT_WORDS[one]] as const)]}
        onValue={(value) => form.set("impact", value)}
      />
      <RoomSelect label="Post and remind in" model={model} form={form} />
    </FormFrame>
  );
}

/** Puts names to the states that a form claims. */
export function namedStates<State extends ComponentState>(
  components: readonly { readonly id: string; readonly name: string }[],
  claims: readonly { readonly id: string; readonly status: State }[],
): { readonly name: string; readonly state: State }[] {
  return claims.map(({ id, status }) => ({
    name: components.find((one) => one.id === id)?.name ?? id,
    state: status,
  }));
}
