import type { ComponentChildren, JSX } from "preact";
import { Icon } from "./Icon.tsx";
import type { IconChoice } from "./icons.ts";

type ButtonAttributes = Omit<JSX.IntrinsicElements["button"], "icon" | "children">;

/** What a button with words shows. */
export interface ButtonProps extends ButtonAttributes {
  /** `primary` once a view at most; `danger` for what cannot be taken back. */
  readonly kind?: "primary" | "plain" | "quiet" | "danger";
  readonly icon?: IconChoice;
  readonly isBusy?: boolean;
  readonly children: ComponentChildren;
}

/** A button with words. While busy it keeps its focus and its width, and does nothing. */
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
