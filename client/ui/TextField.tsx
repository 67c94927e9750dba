import type { ComponentChildren, JSX } from "preact";
import { useId } from "preact/hooks";

/** The attributes of an input that forms use. */
export interface InputAttributes {
  readonly name?: string;
  readonly type?: "text" | "password" | "search" | "number" | "url" | "time" | "datetime-local";
  readonly autocomplete?: string;
  readonly autofocus?: boolean;
  readonly autocapitalize?: "off" | "words" | "sentences";
  readonly spellcheck?: boolean;
  readonly dir?: "auto" | "ltr";
  readonly maxLength?: number;
  readonly min?: number;
  readonly max?: number;
  readonly required?: boolean;
  readonly readOnly?: boolean;
  readonly placeholder?: string;
  readonly inputMode?: "text" | "numeric" | "search";
  readonly enterkeyhint?: "done" | "go" | "next" | "search" | "send";
}

/** Props of `TextField`; `error` replaces the hint. */
export interface TextFieldProps extends InputAttributes {
  readonly label: string;
  readonly value: string;
  readonly onText: (text: string) => void;
  readonly hint?: ComponentChildren;
  readonly error?: string | null;
  /** Shown inside the field at its end, such as the button of a password. */
  readonly tail?: ComponentChildren;
}

/** An input with a label, described by its hint or error; 16 px so that phones do not zoom. */
export function TextField(
  { label, value, onText, hint, error = null, tail, type = "text", ...rest }: TextFieldProps,
): JSX.Element {
  const id = useId();
  const describedBy = `${id}-hint`;
  const isDescribed = error !== null || hint !== undefined;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="input-box">
        <input
          dir="auto"
          autocomplete="off"
          {...rest}
          // Preact has separate types for each type of input; these all take the same attributes.
          type={type as "text"}
          id={id}
          class="input"
          value={value}
          aria-invalid={error !== null ? "true" : undefined}
          aria-describedby={isDescribed ? describedBy : undefined}
          onInput={(event) => onText(event.currentTarget.value)}
        />
        {tail}
      </div>
      {error !== null
        ? <p class="hint is-bad" id={describedBy} role="alert">{error}</p>
        : hint !== undefined
        ? <p class="hint" id={describedBy}>{hint}</p>
        : null}
    </div>
  );
}
