import type { JSX } from "preact";
import { isolated } from "../../../shared/format_characters.ts";
import { shownName } from "../../../shared/status/live_words.ts";
import type { ComponentState } from "../../../shared/status/states.ts";
import type { StatusComponent } from "../../../shared/status/status.ts";
import { dayWords } from "../../../shared/status/times.ts";
import {
  barState,
  DAY_MS,
  measuredPercent,
  percentText,
  uptimePercent,
} from "../../../shared/status/uptime.ts";
import type { DayTimes } from "../../../shared/status/uptime.ts";
import { shownText } from "./page_words.ts";
import type { PageWords } from "./page_words.ts";
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
  /** The first month of which there is a history. */
  readonly firstMonth: string;
  /** Epoch time in milliseconds. */
  readonly now: number;
  readonly words: PageWords;
}

/** All components with their last days, those of a group together. */
export function Parts({ components, daysOf, firstMonth, now, words }: PartsProps): JSX.Element {
  const groups = [...new Set(components.map(({ group }) => group))];
  return (
    <section aria-labelledby="parts">
      <h2 id="parts">{words.parts}</h2>
      {components.length === 0 && <p class="quiet">{`${words.live.nothingMeasured}.`}</p>}
      {groups.map((group) => (
        <div key={group ?? ""}>
          {group !== null && <h3 dir="auto">{group}</h3>}
          <ul class="parts">
            {components.filter((one) => one.group === group).map((component) => (
              <Part
                key={component.id}
                component={component}
                days={daysOf(component.id)}
                firstMonth={firstMonth}
                now={now}
                words={words}
              />
            ))}
          </ul>
        </div>
      ))}
      {components.length > 0 && (
        <p class="more">
          <a href="/status/history#days">{words.inFigures}</a>
        </p>
      )}
    </section>
  );
}

/** Name and state of a component. */
export function PartHead(
  { name, state, word }: {
    readonly name: string;
    readonly state: ComponentState;
    /** The state as people read it. */
    readonly word: string;
  },
): JSX.Element {
  return (
    <div class="part-head">
      <strong dir="auto">{name}</strong>
      <span class="state">
        <StateIcon state={state} /> {word}
      </span>
    </div>
  );
}

interface PartProps {
  readonly component: StatusComponent;
  readonly days: readonly PartDay[];
  readonly firstMonth: string;
  readonly now: number;
  readonly words: PageWords;
}

function Part({ component, days, firstMonth, now, words }: PartProps): JSX.Element {
  const { id, state, note, description } = component;
  const { live } = words;
  const name = shownName(component.name, live);
  const percent = uptimePercent(days.map(({ times }) => times), state);
  const uptime = percent === null ? words.notMeasured : uptimeWords(percent, days, now, words);
  return (
    <li class={`part ${state}`} data-item={id}>
      <PartHead name={name} state={state} word={live.states[state]} />
      {description !== null && <p dir="auto">{shownText(description, words)}</p>}
      {note !== null && <p>{shownText(note, words)}</p>}
      <div class="bars" role="group" aria-label={`${isolated(name)}: ${uptime}`}>
        {days.map(({ day, times }, index) => {
          const isToday = index === days.length - 1;
          const present = isToday ? state : undefined;
          return (
            <a
              key={day}
              // One stop for the Tab key; with a script, arrows lead to the others.
              tabIndex={isToday ? 0 : -1}
              class={barState(times, present)}
              href={`/status/history${day >= firstMonth ? `?month=${day.slice(0, 7)}#${day}` : "#days"}`}
              aria-label={`${dayWords(day, live.locale)}: ${dayFigure(times, present, words)}`}
            />
          );
        })}
      </div>
      <div class="scale" aria-hidden="true">
        <span class="d90">{words.daysAgo(90)}</span>
        <span class="d60">{words.daysAgo(60)}</span>
        <span class="d30">{words.daysAgo(30)}</span>
        {/* Hidden as soon as the state says otherwise, until the page is renewed. */}
        <span class={percent === 100 ? "full" : undefined}>{uptime}</span>
        <span>{words.today}</span>
      </div>
    </li>
  );
}

/** A day's uptime, or why there is none; today's takes the component's `present` state. */
export function dayFigure(
  times: DayTimes,
  present: ComponentState | undefined,
  { live }: PageWords,
): string {
  const percent = uptimePercent([times], present);
  return percent === null ? live.states[barState(times, present)] : percentText(percent, live.locale);
}

/** The uptime, and how much of the time it is known of where that is not nearly all. */
function uptimeWords(percent: number, days: readonly PartDay[], now: number, words: PageWords): string {
  const times = days.map((one) => one.times);
  const first = days.find((one) => Object.keys(one.times).length > 0);
  // The installation may be younger than its first day.
  const firstMs = Object.values(first?.times ?? {}).reduce((sum, ms) => sum + ms, 0);
  const elapsedMs = firstMs + Math.max(0, now - Date.parse(first?.day ?? "") - DAY_MS);
  const measured = measuredPercent(times, elapsedMs);
  const text = percentText(percent, words.live.locale);
  return measured >= 99 ? text : words.measured(text, measured);
}
