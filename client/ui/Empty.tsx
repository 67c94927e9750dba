import type { ComponentChildren, JSX } from "preact";
import { Bubbles } from "./Bubbles.tsx";
import { Icon } from "./Icon.tsx";
import type { IconName } from "./icons.ts";

/** Props of `Empty`. */
export interface EmptyProps {
  readonly title: string;
  readonly icon?: IconName;
  /** True if the page has no other heading. */
  readonly isPage?: boolean;
  readonly children?: ComponentChildren;
  /** Buttons below the text. */
  readonly actions?: ComponentChildren;
}

/** Shown where there is nothing yet. */
export function Empty({ title, icon, isPage = false, children, actions }: EmptyProps): JSX.Element {
  return (
    <div class="empty">
      <span class="empty-mark">{icon === undefined ? <Bubbles /> : <Icon name={icon} />}</span>
      {isPage ? <h1 dir="auto">{title}</h1> : <h2 dir="auto">{title}</h2>}
      {children === undefined ? null : <p>{children}</p>}
      {actions === undefined ? null : <div class="empty-actions">{actions}</div>}
    </div>
  );
}
