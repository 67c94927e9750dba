import type { ComponentChildren, JSX } from "preact";
import { Icon } from "./Icon.tsx";
import type { IconName } from "./icons.ts";

/** Props of `Notice`: amber for the user's concerns, teal for good news. */
export interface NoticeProps {
  readonly kind?: "warn" | "good" | "plain";
  readonly icon?: IconName;
  readonly children: ComponentChildren;
  /** Shown at the end. */
  readonly end?: ComponentChildren;
}

/** A notice about the whole view, above its content. */
export function Notice({ kind = "warn", icon = "triangleAlert", children, end }: NoticeProps): JSX.Element {
  return (
    <div class={`notice notice-${kind}`}>
      <Icon name={icon} />
      <span class="notice-text">{children}</span>
      {end === undefined ? null : <span class="notice-end">{end}</span>}
    </div>
  );
}
