import type { JSX } from "preact";
import { useId } from "preact/hooks";

/** Props of `SelectField`. */
export interface SelectFieldProps {
  readonly label: string;
  readonly value: string;
  /** The value and the label of an option. */
  readonly options: readonly (readonly [value: string, text: string])[];
  readonly onValue: (value: string) => void;
  readonly error?: string | null;
}

/** A native select with a label. */
export function SelectField(props: SelectFieldProps): JSX.Element {
  const { label, value, options, onValue, error = null } = props;
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select
        id={id}
        class="input"
        value={value}
        aria-invalid={error === null ? undefined : "true"}
        aria-describedby={error === null ? undefined : `${id}-hint`}
        onChange={(event) => onValue(event.currentTarget.value)}
      >
        {options.map(([key, text]) => <option key={key} value={key}>{text}</option>)}
      </select>
      {error === null ? null : <p class="hint is-bad" id={`${id}-hint`} role="alert">{error}</p>}
    </div>
  );
}
