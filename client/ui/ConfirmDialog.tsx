import "../base.ts";
import type { ComponentChildren, JSX } from "preact";
import { useMemo } from "preact/hooks";
import { Button } from "./Button.tsx";
import { Dialog } from "./Dialog.tsx";
import { FormFailure } from "./FormFailure.tsx";
import { SubmitModel } from "./submit_model.ts";

/** Props of `ConfirmDialog`. */
export interface ConfirmDialogProps {
  readonly title: string;
  readonly children: ComponentChildren;
  /** The label of the button, a verb. */
  readonly verb: string;
  readonly action: () => Promise<unknown>;
  readonly onClose: () => void;
}

/** Asks for confirmation, runs the action and closes; a failure is shown. */
export function ConfirmDialog(props: ConfirmDialogProps): JSX.Element {
  const { title, children, verb, action, onClose } = props;
  const submit = useMemo(() => new SubmitModel(), []);
  const run = async () => {
    if (await submit.run(action)) onClose();
  };
  return (
    <Dialog title={title} onClose={onClose} size="small">
      <div class="dialog-body">
        <p class="dialog-text">{children}</p>
        <FormFailure model={submit} fields={[]} />
        <div class="dialog-foot">
          <Button onClick={onClose}>Cancel</Button>
          <Button
            kind="danger"
            isBusy={submit.isBusy.value}
            onClick={() => void run()}
          >
            {verb}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
