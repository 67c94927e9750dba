import type { ComponentChildren, JSX } from "preact";
import { useId } from "preact/hooks";
import { Dialog } from "./Dialog.tsx";
import { IconButton } from "./IconButton.tsx";

/** What a panel has around it. */
export interface PanelFrameProps {
  readonly title: string;
  /** True on a phone: the panel lies over the room as a dialog. */
  readonly isDialog: boolean;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

/** A panel's title and the way out of it. */
export function PanelFrame({ title, isDialog, onClose, children }: PanelFrameProps): JSX.Element {
  const id = useId();
  if (isDialog) return <Dialog title={title} onClose={onClose} size="wide">{children}</Dialog>;
  return (
    <aside class="panel" aria-labelledby={id}>
      <header class="panel-head">
        <h2 id={id}>{title}</h2>
        <IconButton icon="x" label={`Close ${title.toLowerCase()}`} onClick={onClose} />
      </header>
      {children}
    </aside>
  );
}
