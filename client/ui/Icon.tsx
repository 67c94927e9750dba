import { h } from "preact";
import type { JSX } from "preact";
import { ICONS } from "./icons.ts";
import type { IconName } from "./icons.ts";

/** Draws an icon; it says nothing to a screen reader, so give its button a name. */
export function Icon({ name }: { name: IconName }): JSX.Element {
  return (
    <svg class="i" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      {ICONS[name].map(([tag, attributes], index) => h(tag, { ...attributes, key: index }))}
    </svg>
  );
}
