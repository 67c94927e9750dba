import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { StatusUpdate } from "../../shared/status/status.ts";
import type { Trpc } from "../net/trpc.ts";
import { Button } from "../ui/Button.tsx";
import { FormFailure } from "../ui/FormFailure.tsx";
import { SubmitModel } from "../ui/submit_model.ts";
import { TextArea } from "../ui/TextArea.tsx";
import { describeTime } from "./local_time.ts";
import { PublicHtml } from "./PublicHtml.tsx";
import { PublicPreview } from "./PublicPreview.tsx";
import { usePreview } from "./use_preview.ts";

/** Props of `UpdateList`. */
export interface UpdateListProps<State extends string> {
  readonly api: Pick<Trpc["status"], "preview">;
  readonly updates: readonly StatusUpdate<State>[];
  readonly words: Readonly<Record<State, string>>;
  readonly onEdit: (updateId: string, text: string) => Promise<void>;
}

/** What was said so far, the newest first. */
export function UpdateList<State extends string>(
  { api, updates, words, onEdit }: UpdateListProps<State>,
): JSX.Element {
  const [editing, setEditing] = useState<string | null>(null);
  return (
    <ol class="manage-updates">
      {updates.map((update) => (
        <li key={update.id}>
          <p class="manage-update-head">
            <b>{words[update.state]}</b> <time dateTime={update.at}>{describeTime(update.at)}</time>
            {update.editedAt === null ? null : <small>edited {describeTime(update.editedAt)}</small>}
            {editing === update.id
              ? null
              : <Button kind="quiet" icon="pencil" onClick={() => setEditing(update.id)}>Edit</Button>}
          </p>
          {editing === update.id
            ? (
              <EditUpdate
                api={api}
                text={update.text}
                label={words[update.state]}
                onSave={(text) => onEdit(update.id, text)}
                onClose={() => setEditing(null)}
              />
            )
            : <PublicHtml html={update.html} />}
        </li>
      ))}
    </ol>
  );
}

function EditUpdate({ api, text, label, onSave, onClose }: {
  readonly api: Pick<Trpc["status"], "preview">;
  readonly text: string;
  readonly label: string;
  readonly onSave: (text: string) => Promise<void>;
  readonly onClose: () => void;
}): JSX.Element {
  const submit = useMemo(() => new SubmitModel(), []);
  const [typed, setTyped] = useState(text);
  const preview = usePreview(api, { text: typed });
  const save = async () => {
    if (typed.trim() === "") return submit.refuse("text", "Say something");
    if (await preview.publish(submit, { text: typed }, () => onSave(typed.trim()))) onClose();
  };
  return (
    <form
      class="manage-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <div>
        <TextArea label="Text" value={typed} onText={setTyped} error={submit.issue("text")} />
      </div>
      <PublicPreview
        preview={preview}
        words={{ text: typed }}
        label={`${label}, edited`}
        tone="unknown"
        name="What visitors will see after the edit"
      />
      <div>
        <FormFailure model={submit} fields={["text"]} />
        <div class="manage-actions">
          <Button kind="primary" type="submit" isBusy={submit.isBusy.value}>Save</Button>
          <Button onClick={onClose}>Cancel</Button>
        </div>
      </div>
    </form>
  );
}
