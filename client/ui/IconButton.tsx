import type { JSX } from "preact";
import { Icon } from "./Icon.tsx";
import type { IconName } from "./icons.ts";

/** Props of `IconButton`; `label` is its accessible name and its tooltip. */
export interface IconButtonProps extends Omit<JSX.IntrinsicElements["button"], "icon" | "label"> {
  readonly icon: IconName;
  readonly label: string;
  /** Whether a toggle is on; absent for plain buttons. */
  readonly isOn?: boolean;
}

/** A button with an icon only, and an accessible name. */
export function IconButton({ icon, label, isOn, ...rest }: IconButtonProps): JSX.Element {
  return (
    <button
      type="button"
      {...rest}
      class={`icon-button ${isOn ? "is-on" : ""} ${rest.class ?? ""}`}
      aria-label={label}
      title={rest.title ?? label}
      aria-pressed={isOn}
    >
      <Icon name={icon} />
    </button>
  );
}
