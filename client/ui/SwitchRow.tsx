import type { ComponentChildren, JSX } from "preact";

/** Props of `SwitchRow`. */
export interface SwitchRowProps {
  readonly label: string;
  readonly isOn: boolean;
  readonly isDisabled?: boolean;
  readonly class?: string;
  /** Called with the element, which already shows what the user wants. */
  readonly onToggle: (box: HTMLInputElement) => void;
  /** What it does, below the label. */
  readonly children?: ComponentChildren;
}

/** A setting that is on or off. */
export function SwitchRow(props: SwitchRowProps): JSX.Element {
  const { label, isOn, isDisabled = false, onToggle, children } = props;
  return (
    <label class={props.class === undefined ? "switch-row" : `switch-row ${props.class}`}>
      <span>
        {label}
        {children === undefined ? null : <small class="hint">{children}</small>}
      </span>
      <input
        class="switch"
        type="checkbox"
        role="switch"
        checked={isOn}
        disabled={isDisabled}
        onChange={(event) => onToggle(event.currentTarget)}
      />
    </label>
  );
}
