import type { ComponentChildren, JSX } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { IconButton } from "./IconButton.tsx";

/** What a dialog shows. Mount it to open it, unmount it to close it. */
export interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
  /** `wide` for pages such as settings: the whole screen on a phone. */
  readonly size?: "small" | "medium" | "wide";
}

/** A modal dialog: the browser keeps the focus in it and gives it back; Esc and the backdrop close it. */
export function Dialog({ title, onClose, children, size = "medium" }: DialogProps): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    // Without a field to fill in, the dialog itself: the way out should not be what one is led to.
    if (element !== null && element.querySelector("[autofocus]") === null) element.focus();
    // Closing before the element leaves the document is what returns the focus.
    return () => element?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      tabIndex={-1}
      class={`dialog dialog-${size}`}
      aria-labelledby={titleId}
      onCancel={(event) => {
        if (event.target !== dialog.current) return;
        event.preventDefault();
        onClose();
      }}
      onPointerDown={(event) => {
        if (event.target === dialog.current) onClose();
      }}
    >
      <div class="dialog-sheet">
        <header class="dialog-head">
          <h2 id={titleId} dir="auto">{title}</h2>
          <IconButton icon="x" label="Close" onClick={onClose} />
        </header>
        {children}
      </div>
    </dialog>
  );
}
