import type { JSX } from "preact";
import { Bubbles } from "./Bubbles.tsx";

/** The two bubbles beside the team's own name for the place. */
export function Wordmark({ name }: { name: string }): JSX.Element {
  return (
    <span class="wordmark">
      <Bubbles />
      <span class="wordmark-name" dir="auto">{name}</span>
    </span>
  );
}
