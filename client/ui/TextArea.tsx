import type { JSX } from "preact";
import { useId } from "preact/hooks";

/** Props of `TextArea`; `error` replaces the hint. */
export interface TextAreaProps {
  readonly label: string;
  readonly value: string;
  readonly onText: (text: string) => void;
  readonly hint?: string;
  readonly error?: string | null;
  readonly rows?: number;
}

/** A field of several lines with a label. */
export function TextArea({ label, value, onText, hint, error = null, rows = 4 }: TextAreaProps): JSX.Element {
  const id = useId();
  const note = error ?? hint ?? null;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <textarea
        id={id}
        class="input input-area"
        dir="auto"
        rows={rows}
        value={value}
        aria-invalid={error === null ? undefined : "true"}
        aria-describedby={note === null ? undefined : `${id}-hint`}
        onInput={(event) => onText(event.currentTarget.value)}
      />
      {note === null ? null : (
        <p
          class={error === null ? "hint" : "hint is-bad"}
          id={`${id}-hint`}
          role={error === null ? undefined : "alert"}
        >
          {note}
        </p>
      )}
    </div>
  );
}
