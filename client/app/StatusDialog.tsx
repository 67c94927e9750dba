import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { StatusEditor } from "../presence/StatusEditor.tsx";
import { StatusEditorModel } from "../presence/status_editor_model.ts";
import { Dialog } from "../ui/Dialog.tsx";
import { useSignedIn } from "./app_context.ts";

/** What one says of oneself, in a dialog. */
export function StatusDialog({ onClose }: { onClose: () => void }): JSX.Element {
  const { chat } = useSignedIn();
  const model = useMemo(
    () =>
      new StatusEditorModel({
        own: chat.presence.own,
        save: (change) => chat.presence.setText(change),
      }),
    [chat],
  );
  return (
    <Dialog title="Your status" onClose={onClose} size="small">
      <div class="dialog-body">
        <StatusEditor model={model} onSaved={onClose} />
      </div>
    </Dialog>
  );
}
