import type { JSX } from "preact";
import { describeTyping } from "./typing_model.ts";

/** The names of the users who are typing. */
export interface TypingIndicatorProps {
  readonly names: readonly string[];
}

/** The line of who is typing: always present, so that nothing moves, and hidden from screen readers. */
export function TypingIndicator({ names }: TypingIndicatorProps): JSX.Element {
  const words = describeTyping(names);
  return (
    <div class="typing" aria-hidden="true">
      {words === "" ? null : (
        <>
          <span class="typing-dots">
            <i />
            <i />
            <i />
          </span>
          <span class="typing-words" dir="auto">{words}</span>
        </>
      )}
    </div>
  );
}
