import type { ComponentChildren, JSX } from "preact";
import { Icon } from "./Icon.tsx";
import type { IconChoice } from "./icons.ts";

type ButtonAttributes = Omit<JSX.IntrinsicElements["button"], "icon" | "children">;

/** Props of `Button`. */
export interface ButtonProps extends ButtonAttributes {
  /** `primary` at most once in a view; `danger` for actions that cannot be undone. */
  readonly kind?: "primary" | "plain" | "quiet" | "danger";
  readonly icon?: IconChoice;
  readonly isBusy?: boolean;
  readonly children: ComponentChildren;
}

/** A button with a text. While busy, it keeps focus and width, and does nothing. */
export function Button(
  { kind = "plain", icon, isBusy = false, children, ...rest }: ButtonProps,
): JSX.Element {
  return (
    <button
      type="button"
      {...rest}
      class={`button button-${kind} ${rest.class ?? ""}`}
      aria-disabled={isBusy || rest["aria-disabled"] ? "true" : undefined}
      aria-busy={isBusy ? "true" : undefined}
      onClick={isBusy ? swallow : rest.onClick}
    >
      {icon === undefined ? null : <Icon name={icon} />}
      <span>{children}</span>
    </button>
  );
}

function swallow(event: Event): void {
  event.preventDefault();
}
