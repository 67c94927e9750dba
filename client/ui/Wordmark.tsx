import type { JSX } from "preact";
import { Bubbles } from "./Bubbles.tsx";

/** The logo next to the name of the workspace. */
export function Wordmark({ name }: { name: string }): JSX.Element {
  return (
    <span class="wordmark">
      <Bubbles />
      <span class="wordmark-name" dir="auto">{name}</span>
    </span>
  );
}
