import type { JSX } from "preact";
import { Button } from "../ui/Button.tsx";
import { useKeptFocus } from "../ui/use_kept_focus.ts";
import type { EndAction, EndWords } from "./call_words.ts";

/** Props of `CallEnded`. */
export interface CallEndedProps {
  readonly words: EndWords;
  readonly onAction: (action: EndAction) => void;
  readonly onDismiss: () => void;
}

const VERBS: Readonly<Record<EndAction, string>> = {
  call_again: "Call again",
  join_again: "Join again",
  without_camera: "Join without camera",
  leave_message: "Leave a message",
  take_over: "Take over here",
};

/** Why a call ended, and what one can do now. */
export function CallEnded({ words, onAction, onDismiss }: CallEndedProps): JSX.Element {
  const { title, text, actions } = words;
  const { ref, onFocusIn } = useKeptFocus<HTMLElement>();
  return (
    <section class="call-ended" ref={ref} onFocusIn={onFocusIn} role="status" aria-label="The call ended">
      <div class="call-ended-words">
        <b>{title}</b>
        {text === null ? null : <p>{text}</p>}
      </div>
      <div class="call-ended-buttons">
        {actions.map((action) => (
          <Button
            key={action}
            onClick={() => onAction(action)}
          >
            {VERBS[action]}
          </Button>
        ))}
        <Button kind="quiet" onClick={onDismiss}>Close</Button>
      </div>
    </section>
  );
}
