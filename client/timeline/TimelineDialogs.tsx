import type { JSX } from "preact";
import { ConfirmDialog } from "../ui/ConfirmDialog.tsx";
import { oneLine } from "./message_text.ts";
import { MessageSheet } from "./MessageSheet.tsx";
import type { TimelineContext } from "./timeline_context.ts";

/** What lies over a timeline: a phone's menu of a message, and the question before one is deleted. */
export function TimelineDialogs({ context }: { context: TimelineContext }): JSX.Element | null {
  const { sheet, doomed, props } = context;
  const message = doomed.value;
  if (message !== null) {
    return (
      <ConfirmDialog
        title="Delete this message?"
        verb="Delete"
        action={() => {
          props.model.changes.delete(message.offset);
          return Promise.resolve();
        }}
        onClose={() => doomed.value = null}
      >
        It goes for everybody, for good: “{oneLine(message.text, 80)}”
      </ConfirmDialog>
    );
  }
  return sheet.value === null ? null : <MessageSheet row={sheet.value} context={context} />;
}
