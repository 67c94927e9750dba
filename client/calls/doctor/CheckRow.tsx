import type { ComponentChildren, JSX } from "preact";
import { Icon } from "../../ui/Icon.tsx";
import type { IconName } from "../../ui/icons.ts";
import type { DescribedCheck } from "./describe_findings.ts";
import { DOCTOR_ICONS } from "./doctor_icons.ts";

const MARKS: Readonly<Record<"good" | "warn" | "bad", readonly [IconName, string]>> = {
  good: ["circleCheck", "Works"],
  warn: ["triangleAlert", "Warning"],
  bad: ["circleAlert", "Problem"],
};

/** Props of `CheckRow`. */
export interface CheckRowProps {
  readonly check: DescribedCheck;
  readonly isRunning: boolean;
  /** Replaces the lines while the test runs or waits for an answer. */
  readonly children?: ComponentChildren;
  readonly action?: ComponentChildren;
}

/** One test of the call doctor and what it found. */
export function CheckRow({ check, isRunning, children, action }: CheckRowProps): JSX.Element {
  const { name, title, mark, lines } = check;
  const [icon, word] = mark === null ? [null, null] : MARKS[mark];
  return (
    <li class="card-row check">
      <Icon name={DOCTOR_ICONS[name]} />
      <div class="card-row-words">
        <b>{title}</b>
        {children ?? lines.map((line) => <small key={line} dir="auto">{line}</small>)}
      </div>
      {action === undefined || action === null ? null : <div class="check-action">{action}</div>}
      {isRunning
        ? (
          <span class="check-mark">
            <span class="check-busy" aria-hidden="true" />
            <span class="visually-hidden">Testing …</span>
          </span>
        )
        : icon === null
        ? null
        : (
          <span class={`check-mark is-${mark}`}>
            <Icon name={icon} />
            <span class="visually-hidden">{word}</span>
          </span>
        )}
    </li>
  );
}
