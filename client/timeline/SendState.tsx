import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { MessageRow } from "./grouping.ts";
import type { TimelineContext } from "./timeline_context.ts";

/** Most messages are sent sooner; a note for each would only flicker. */
const SENDING_AFTER_MS = 500;

/** The state of a message that the server has not stored yet. */
export function SendState(
  { row, context }: { row: MessageRow; context: TimelineContext },
): JSX.Element | null {
  const [isSlow, setIsSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setIsSlow(true), SENDING_AFTER_MS);
    return () => clearTimeout(timer);
  }, []);
  const { model, onTakeBack } = context.props;
  const id = row.message.clientMessageId;
  if (row.state === "failed") {
    return (
      <p class="send-state is-bad" role="alert">
        {row.problem}
        <span class="send-acts">
          <button type="button" class="button-link" onClick={() => model.outbox.retry(id)}>Retry</button>
          <button
            type="button"
            class="button-link"
            onClick={() => {
              const taken = model.outbox.discard(id);
              if (taken !== null) onTakeBack(taken.text, taken.replyTo);
            }}
          >
            Edit
          </button>
          <button type="button" class="button-link" onClick={() => model.outbox.discard(id)}>Discard</button>
        </span>
      </p>
    );
  }
  if (row.state !== "waiting" || !isSlow) return null;
  return <p class="send-state">Sending…</p>;
}
