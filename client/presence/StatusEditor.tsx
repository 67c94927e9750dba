import type { JSX } from "preact";
import { useId } from "preact/hooks";
import { STATUS_TEXT_MAX_CHARACTERS } from "../../shared/limits.ts";
import { Button } from "../ui/Button.tsx";
import { FormFailure } from "../ui/FormFailure.tsx";
import { TextField } from "../ui/TextField.tsx";
import { describeEnd } from "../ui/clear_after.ts";
import type { ClearAfter } from "../ui/clear_after.ts";
import { STATUS_PRESETS } from "./status_editor_model.ts";
import type { StatusEditorModel } from "./status_editor_model.ts";

/** Props of `StatusEditor`. */
export interface StatusEditorProps {
  readonly model: StatusEditorModel;
  /** The server has saved the status. */
  readonly onSaved: () => void;
  readonly now?: () => number;
}

const CHOICES: readonly (readonly [Exclude<ClearAfter, "keep">, string])[] = [
  ["never", "Don't clear"],
  ["30m", "30 minutes"],
  ["1h", "1 hour"],
  ["4h", "4 hours"],
  ["today", "Today"],
  ["week", "This week"],
];

/** The user's status: a line of text, its end, and do not disturb. */
export function StatusEditor({ model, onSaved, now = Date.now }: StatusEditorProps): JSX.Element {
  const id = useId();
  const { submit } = model;
  const endsAt = model.endsAt.value;
  const finish = async (work: Promise<boolean>) => {
    if (await work) onSaved();
  };
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void finish(model.save());
      }}
    >
      <TextField
        label="Status"
        name="status"
        placeholder="What are you up to?"
        autofocus
        enterkeyhint="done"
        maxLength={STATUS_TEXT_MAX_CHARACTERS * 2}
        value={model.text.value}
        onText={(text) => model.text.value = text}
        hint="Everyone sees it next to your name."
        error={model.problem.value ?? submit.issue("text")}
      />
      <div class="status-presets" role="group" aria-label="Suggestions">
        {STATUS_PRESETS.map((preset) => (
          <button
            type="button"
            key={preset.text}
            onClick={() => model.choose(preset)}
          >
            {preset.text}
          </button>
        ))}
      </div>
      <div class="field">
        <label for={`${id}-until`}>Clear after</label>
        <select
          id={`${id}-until`}
          class="input"
          value={model.clearAfter.value}
          onChange={(event) => model.clearAfter.value = event.currentTarget.value as ClearAfter}
        >
          {endsAt === null
            ? null
            : <option value="keep">{`Don't change (${describeEnd(endsAt, now())})`}</option>}
          {CHOICES.map(([value, words]) => <option key={value} value={value}>{words}</option>)}
        </select>
      </div>
      <label class="switch-row status-quiet">
        <span>
          Do not disturb<small>Others see that you do not want to be disturbed.</small>
        </span>
        <input
          type="checkbox"
          role="switch"
          class="switch"
          checked={model.doNotDisturb.value}
          onChange={(event) => model.doNotDisturb.value = event.currentTarget.checked}
        />
      </label>
      <FormFailure model={submit} fields={["text"]} />
      <div class="dialog-foot">
        <Button
          class="is-start"
          kind="quiet"
          isBusy={submit.isBusy.value}
          onClick={() => void finish(model.clear())}
        >
          Clear status
        </Button>
        <Button kind="primary" type="submit" isBusy={submit.isBusy.value}>Save</Button>
      </div>
    </form>
  );
}
