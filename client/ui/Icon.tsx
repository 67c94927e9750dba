import { h } from "preact";
import type { JSX } from "preact";
import { ICONS } from "./icons.ts";
import type { IconChoice } from "./icons.ts";

/** Renders an icon. It is hidden from screen readers, so its button needs a name. */
export function Icon({ name }: { name: IconChoice }): JSX.Element {
  const drawing = typeof name === "string" ? ICONS[name] : name;
  return (
    <svg class="i" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      {drawing.map(([tag, attributes], index) => h(tag, { ...attributes, key: index }))}
    </svg>
  );
}
