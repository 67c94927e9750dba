import type { ComponentChildren, JSX } from "preact";
import { Wordmark } from "../ui/Wordmark.tsx";

/** A page before the rooms: one card with one question. */
export interface SheetProps {
  /** The team's own name for the place. */
  readonly placeName: string;
  readonly title: string;
  readonly lead?: ComponentChildren;
  readonly children?: ComponentChildren;
  readonly foot?: ComponentChildren;
}

/** The card that sign-in, setup, invite and reset share. */
export function Sheet({ placeName, title, lead, children, foot }: SheetProps): JSX.Element {
  return (
    <main class="sheet">
      <div class="card">
        <Wordmark name={placeName} />
        <h1 dir="auto">{title}</h1>
        {lead === undefined ? null : <p class="card-lead" dir="auto">{lead}</p>}
        {children}
        {foot === undefined ? null : <p class="card-foot">{foot}</p>}
      </div>
    </main>
  );
}
