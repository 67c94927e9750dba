import type { JSX } from "preact";

/** The logo of Parley: two speech bubbles. */
export function Bubbles(): JSX.Element {
  return (
    <svg class="i" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d="M4 6a2 2 0 0 1 2-2h9a2 2 0 0 1 2 2v5a2 2 0 0 1-2 2H9l-4 3.5zM20 9v8.5L17 15.5" />
    </svg>
  );
}
