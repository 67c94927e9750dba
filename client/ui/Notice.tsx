import type { ComponentChildren, JSX } from "preact";
import { Icon } from "./Icon.tsx";
import type { IconName } from "./icons.ts";

/** A line across a column; amber for what concerns you, red for what failed, teal for good news. */
export interface NoticeProps {
  readonly kind?: "warn" | "bad" | "good" | "plain";
  readonly icon?: IconName;
  readonly children: ComponentChildren;
  /** Stands at the far end. */
  readonly end?: ComponentChildren;
}

/** Says something about the whole view, in its place above the content. */
export function Notice({ kind = "warn", icon = "triangleAlert", children, end }: NoticeProps): JSX.Element {
  return (
    <div class={`notice notice-${kind}`}>
      <Icon name={icon} />
      <span class="notice-text">{children}</span>
      {end === undefined ? null : <span class="notice-end">{end}</span>}
    </div>
  );
}
