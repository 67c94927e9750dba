import { h } from "preact";
import type { JSX } from "preact";
import { ICONS } from "./icons.ts";
import type { IconChoice } from "./icons.ts";

/** Draws an icon; it says nothing to a screen reader, so give its button a name. */
export function Icon({ name }: { name: IconChoice }): JSX.Element {
  const drawing = typeof name === "string" ? ICONS[name] : name;
  return (
    <svg class="i" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      {drawing.map(([tag, attributes], index) => h(tag, { ...attributes, key: index }))}
    </svg>
  );
}
