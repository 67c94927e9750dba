import type { JSX } from "preact";
import { compareStates, worstOf } from "../../../shared/status/states.ts";
import type { ComponentState } from "../../../shared/status/states.ts";
import type { StatusComponent } from "../../../shared/status/status.ts";
import {
  barState,
  DAY_MS,
  measuredPercent,
  percentText,
  uptimePercent,
} from "../../../shared/status/uptime.ts";
import type { DayTimes } from "../../../shared/status/uptime.ts";
import { STATE_WORDS } from "../../../shared/status/words.ts";
import { StateIcon } from "./StateIcon.tsx";

/** One day of a component. */
export interface PartDay {
  readonly day: string;
  readonly times: DayTimes;
}

/** What the list of components shows. */
export interface PartsProps {
  readonly components: readonly StatusComponent[];
  readonly daysOf: (componentId: string) => readonly PartDay[];
  /** Epoch time in milliseconds. */
  readonly now: number;
}

/** All components with their last days, those of a group together. */
export function Parts({ components, daysOf, now }: PartsProps): JSX.Element {
  const groups = [...new Set(components.map(({ group }) => group))];
  return (
    <section aria-labelledby="parts">
      <h2 id="parts">Parts</h2>
      {groups.map((group) => (
        <div key={group ?? ""}>
          {group !== null && <h3 dir="auto">{group}</h3>}
          <ul class="parts">
            {components.filter((one) => one.group === group).map((component) => (
              <Part key={component.id} component={component} days={daysOf(component.id)} now={now} />
            ))}
          </ul>
        </div>
      ))}
    </section>
  );
}

function Part(
  { component, days, now }: {
    readonly component: StatusComponent;
    readonly days: readonly PartDay[];
    readonly now: number;
  },
): JSX.Element {
  const { name, state, note, description } = component;
  return (
    <li class={`part ${state}`}>
      <div class="part-head">
        <strong dir="auto">{name}</strong>
        <span class="state">
          <StateIcon state={state} /> {STATE_WORDS[state]}
        </span>
      </div>
      {description !== null && <p dir="auto">{description}</p>}
      {note !== null && <p>{note}</p>}
      <div class="bars" role="img" aria-label={`${name}: ${uptimeWords(days, now)}`}>
        {days.map(({ day, times }, index) => (
          <i
            key={day}
            class={index === days.length - 1 ? todayState(state, times) : barState(times)}
            title={dayWords(day, times)}
          />
        ))}
      </div>
      <div class="scale" aria-hidden="true">
        <span class="d90">90 days ago</span>
        <span class="d60">60 days ago</span>
        <span class="d30">30 days ago</span>
        <span>{uptimeWords(days, now)}</span>
        <span>today</span>
      </div>
    </li>
  );
}

/** Today is not green while something is wrong, even if that is not written to the day yet. */
function todayState(state: ComponentState, times: DayTimes): ComponentState {
  const bar = barState(times);
  return compareStates(state, "unknown") > 0 ? worstOf([state, bar]) ?? bar : bar;
}

/** The uptime, and how much of the time it is known of where that is not nearly all. */
function uptimeWords(days: readonly PartDay[], now: number): string {
  const times = days.map((one) => one.times);
  const percent = uptimePercent(times);
  if (percent === null) return "not measured yet";
  const first = days.find((one) => Object.keys(one.times).length > 0);
  const elapsedMs = now - Math.max(Date.parse(first?.day ?? ""), now - days.length * DAY_MS);
  const measured = measuredPercent(times, elapsedMs);
  return measured >= 99
    ? percentText(percent)
    : `${percentText(percent)}, measured ${measured} % of the time`;
}

function dayWords(day: string, times: DayTimes): string {
  const percent = uptimePercent([times]);
  return percent === null ? day : `${day}: ${percentText(percent)}`;
}
