/// <reference path="../../../shared/lucide.d.ts" />
import circleCheck from "lucide/dist/esm/icons/circle-check.mjs";
import circleHelp from "lucide/dist/esm/icons/circle-question-mark.mjs";
import circleX from "lucide/dist/esm/icons/circle-x.mjs";
import triangleAlert from "lucide/dist/esm/icons/triangle-alert.mjs";
import wrench from "lucide/dist/esm/icons/wrench.mjs";
import { h } from "preact";
import type { JSX } from "preact";
import { faviconOf } from "./favicon.ts";
import { COMPONENT_STATES } from "../../../shared/status/states.ts";
import type { ComponentState } from "../../../shared/status/states.ts";

const ICONS = {
  operational: circleCheck,
  under_maintenance: wrench,
  unknown: circleHelp,
  degraded_performance: triangleAlert,
  partial_outage: triangleAlert,
  major_outage: circleX,
} as const;

/** The shapes of all states, once for the whole page. */
export function StateShapes(): JSX.Element {
  return (
    <svg hidden>
      {COMPONENT_STATES.map((state) => (
        <symbol key={state} id={`icon-${state}`} data-icon={faviconOf(state)} viewBox="0 0 24 24">
          {ICONS[state].map(([tag, attributes], index) =>
            h(tag, { ...attributes, key: index })
          )}
        </symbol>
      ))}
    </svg>
  );
}

/** The shape of a state, for those who do not tell the colours apart; the word stands beside it. */
export function StateIcon({ state }: { readonly state: ComponentState }): JSX.Element {
  return (
    <svg aria-hidden="true">
      <use href={`#icon-${state}`} />
    </svg>
  );
}
