import type { ComponentChildren, JSX } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { IconButton } from "./IconButton.tsx";

/** Props of `Dialog`. Mounting opens it, unmounting closes it. */
export interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
  /** `wide` is for pages such as settings: the whole screen on a phone. */
  readonly size?: "small" | "medium" | "wide";
}

/** A modal dialog: the browser keeps the focus inside and restores it; Esc and the backdrop close it. */
export function Dialog({ title, onClose, children, size = "medium" }: DialogProps): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    // Without a field, the dialog itself gets the focus, not its close button.
    if (element !== null && element.querySelector("[autofocus]") === null) element.focus();
    // The focus only returns if the dialog is closed before the element is removed.
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
