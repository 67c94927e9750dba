import type { ComponentChildren, JSX } from "preact";
import { Wordmark } from "../ui/Wordmark.tsx";

/** Props of `Sheet`. */
export interface SheetProps {
  /** The name of the workspace. */
  readonly workspaceName: string;
  readonly title: string;
  readonly lead?: ComponentChildren;
  readonly children?: ComponentChildren;
  readonly foot?: ComponentChildren;
}

/** The card of the sign-in, setup, invite and reset pages. */
export function Sheet({ workspaceName, title, lead, children, foot }: SheetProps): JSX.Element {
  return (
    <main class="sheet">
      <div class="card">
        <Wordmark name={workspaceName} />
        <h1 dir="auto">{title}</h1>
        {lead === undefined ? null : <p class="card-lead" dir="auto">{lead}</p>}
        {children}
        {foot === undefined ? null : <p class="card-foot">{foot}</p>}
      </div>
    </main>
  );
}
