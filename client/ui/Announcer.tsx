import type { JSX } from "preact";
import type { AnnouncerModel } from "./announcer_model.ts";

/** The one hidden region that tells screen readers of new messages; mount it once, from the start. */
export function Announcer({ model }: { model: AnnouncerModel }): JSX.Element {
  return <div class="visually-hidden" aria-live="polite" aria-atomic="true">{model.text.value}</div>;
}
