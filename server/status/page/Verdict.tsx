import type { JSX } from "preact";
import type { ComponentState } from "../../../shared/status/states.ts";
import { StateIcon } from "./StateIcon.tsx";

export interface VerdictProps {
  readonly state: ComponentState;
  readonly headline: string;
  /** The line below it. */
  readonly line: string;
  /** What the line says where nothing is checked, for the script that keeps it up to date. */
  readonly unchecked?: string;
  /** What the section is called. */
  readonly label: string;
}

/** How things stand, in one sentence. */
export function Verdict({ state, headline, line, unchecked, label }: VerdictProps): JSX.Element {
  return (
    <section class={`verdict ${state}`} aria-label={label}>
      <StateIcon state={state} />
      <div>
        <h2>{headline}</h2>
        <p data-unchecked={unchecked}>{line}</p>
      </div>
    </section>
  );
}
