import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { ANNOUNCEMENT_LEVELS } from "../../shared/status/states.ts";
import { LEVEL_TONES } from "../../shared/status/tones.ts";
import { SelectField } from "../ui/SelectField.tsx";
import { SubmitModel } from "../ui/submit_model.ts";
import { TextArea } from "../ui/TextArea.tsx";
import { TextField } from "../ui/TextField.tsx";
import { FormFrame } from "./FormFrame.tsx";
import { describeTime, fromLocalInput } from "./local_time.ts";
import type { ManageFormProps } from "./OpenIncident.tsx";
import { PublicPreview } from "./PublicPreview.tsx";
import { chosenRoom, RoomSelect } from "./RoomSelect.tsx";
import { usePreview } from "./use_preview.ts";

/** Levels of announcements as people read them. */
export const LEVEL_WORDS = { info: "Information", warning: "Warning", critical: "Critical" } as const;

/** The form of an announcement. */
export function Announce({ model, onSaved }: ManageFormProps): JSX.Element {
  const submit = useMemo(() => new SubmitModel(), []);
  const form = model.form("announce", { level: "info" });
  const text = form.get("text");
  const preview = usePreview(model.api, { text });
  const level = ANNOUNCEMENT_LEVELS.find((one) => one === form.get("level")) ?? "info";
  const expiresAt = fromLocalInput(form.get("until"));

  const send = async () => {
    if (text.trim() === "") return submit.refuse("text", "Say what everybody should know");
    const until = expiresAt === null ? {} : { expiresAt };
    const announcement = { text: text.trim(), level, ...until, ...chosenRoom(model, form) };
    if (
      !await preview.publish(
        submit,
        { text },
        () => model.change(() => model.api.announce.mutate(announcement)),
      )
    ) return;
    form.clear();
    model.back();
    onSaved("Everybody is told.");
  };
  return (
    <FormFrame
      title="Announce something"
      submit={submit}
      fields={["text", "expiresAt"]}
      verb="Announce"
      onSend={() => void send()}
      onBack={() => model.back()}
      preview={
        <PublicPreview
          preview={preview}
          words={{ text }}
          label={expiresAt === null
            ? LEVEL_WORDS[level]
            : `${LEVEL_WORDS[level]}, until ${describeTime(expiresAt)}`}
          tone={LEVEL_TONES[level]}
        />
      }
    >
      <TextArea
        label="Text"
        value={text}
        onText={(typed) => form.set("text", typed)}
        hint="Shown above everything in every app, on the sign-in page and on the status page."
        error={submit.issue("text")}
      />
      <SelectField
        label="Level"
        value={level}
        options={ANNOUNCEMENT_LEVELS.map((one) => [one, LEVEL_WORDS[one]] as const)}
        onValue={(value) => form.set("level", value)}
      />
      <TextField
        label="Until"
        type="datetime-local"
        value={form.get("until")}
        onText={(typed) => form.set("until", typed)}
        hint="Empty: until it is taken back."
        error={submit.issue("expiresAt")}
      />
      <RoomSelect label="Also post in" model={model} form={form} />
    </FormFrame>
  );
}
