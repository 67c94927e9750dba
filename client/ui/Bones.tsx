import type { JSX } from "preact";

/** Placeholders for rows that are loading. */
export function Bones({ count }: { count: number }): JSX.Element {
  return <>{Array.from({ length: count }, (_, index) => <span key={index} class="bone" />)}</>;
}
