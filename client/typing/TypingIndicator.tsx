import type { JSX } from "preact";
import { describeTyping } from "./typing_model.ts";

/** Who types, by name. */
export interface TypingIndicatorProps {
  readonly names: readonly string[];
}

/** The line of who types: always there, so that nothing moves; screen readers are not bothered with it. */
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
