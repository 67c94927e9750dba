import type { ComponentChildren, JSX } from "preact";
import { Button } from "../ui/Button.tsx";
import { FormFailure } from "../ui/FormFailure.tsx";
import type { SubmitModel } from "../ui/submit_model.ts";

/** Props of `FormFrame`. */
export interface FormFrameProps {
  readonly title: string;
  readonly submit: SubmitModel;
  /** Fields that show their own failures. */
  readonly fields: readonly string[];
  /** The label of the button. */
  readonly verb: string;
  readonly onSend: () => void;
  readonly onBack: () => void;
  /** Shown beside what is typed. */
  readonly preview: ComponentChildren;
  readonly children: ComponentChildren;
  /** More buttons. */
  readonly actions?: ComponentChildren;
}

/** A form with what strangers will see of it at its side, or above its buttons where there is no room. */
export function FormFrame(props: FormFrameProps): JSX.Element {
  const { title, submit, fields, verb, onSend, onBack, preview, children, actions } = props;
  return (
    <>
      <Button kind="quiet" icon="chevronLeft" onClick={onBack}>Status</Button>
      <h3 dir="auto">{title}</h3>
      <form
        class="manage-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          onSend();
        }}
      >
        <div>{children}</div>
        {preview}
        <div>
          <FormFailure model={submit} fields={fields} />
          <div class="manage-actions">
            <Button kind="primary" type="submit" isBusy={submit.isBusy.value}>{verb}</Button>
            {actions}
          </div>
        </div>
      </form>
    </>
  );
}
