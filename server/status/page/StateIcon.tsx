/// <reference path="../../../shared/lucide.d.ts" />
import circleAlert from "lucide/dist/esm/icons/circle-alert.mjs";
import circleCheck from "lucide/dist/esm/icons/circle-check.mjs";
import circleHelp from "lucide/dist/esm/icons/circle-question-mark.mjs";
import circleX from "lucide/dist/esm/icons/circle-x.mjs";
import megaphone from "lucide/dist/esm/icons/megaphone.mjs";
import triangleAlert from "lucide/dist/esm/icons/triangle-alert.mjs";
import wrench from "lucide/dist/esm/icons/wrench.mjs";
import { h } from "preact";
import type { JSX } from "preact";
import { faviconOf } from "./favicon.ts";
import { ANNOUNCEMENT_LEVELS, COMPONENT_STATES } from "../../../shared/status/states.ts";
import type { AnnouncementLevel, ComponentState } from "../../../shared/status/states.ts";

const ICONS = {
  operational: circleCheck,
  under_maintenance: wrench,
  unknown: circleHelp,
  degraded_performance: triangleAlert,
  partial_outage: triangleAlert,
  major_outage: circleX,
} as const;

const LEVEL_ICONS = { info: megaphone, warning: triangleAlert, critical: circleAlert } as const;

/** The shapes of all states and levels, once for the whole page. */
export function StateShapes(): JSX.Element {
  return (
    <svg hidden>
      {COMPONENT_STATES.map((state) => (
        <symbol key={state} id={`icon-${state}`} data-icon={faviconOf(state)} viewBox="0 0 24 24">
          {drawShape(ICONS[state])}
        </symbol>
      ))}
      {ANNOUNCEMENT_LEVELS.map((level) => (
        <symbol key={level} id={`icon-${level}`} viewBox="0 0 24 24">{drawShape(LEVEL_ICONS[level])}</symbol>
      ))}
    </svg>
  );
}

function drawShape(icon: typeof megaphone): JSX.Element[] {
  return icon.map(([tag, attributes], index) => h(tag, { ...attributes, key: index }));
}

/** The shape of a state or level, for those who do not tell the colours apart; the word stands beside it. */
export function StateIcon(
  { state }: { readonly state: ComponentState | AnnouncementLevel },
): JSX.Element {
  return (
    <svg aria-hidden="true">
      <use href={`#icon-${state}`} />
    </svg>
  );
}
