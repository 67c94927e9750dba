import type { ComponentChildren, JSX } from "preact";
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { placeBeside } from "../ui/place_beside.ts";

/** Props of `Popover`. */
export interface PopoverProps {
  /** Accessible name and tooltip of the button, and name of what opens. */
  readonly label: string;
  readonly class: string;
  /** The content of the button. */
  readonly button: ComponentChildren;
  /** What opens; `close` closes it. */
  readonly children: (close: () => void) => ComponentChildren;
}

/** A button that opens a small sheet with controls; Esc and a click beside it close it. */
export function Popover({ label, class: className, button, children }: PopoverProps): JSX.Element {
  const id = useId();
  const anchor = useRef<HTMLButtonElement>(null);
  const sheet = useRef<HTMLDivElement>(null);
  const [isOpen, setIsOpen] = useState(false);
  useLayoutEffect(() => {
    const [from, popover] = [anchor.current, sheet.current];
    if (!isOpen || from === null || popover === null) return;
    popover.showPopover();
    placeBeside(popover, from);
    popover.querySelector<HTMLElement>("input, button, select")?.focus();
  }, [isOpen]);
  const close = () => sheet.current?.hidePopover();
  return (
    <>
      <button
        type="button"
        ref={anchor}
        class={className}
        aria-label={label}
        title={label}
        aria-haspopup="dialog"
        aria-expanded={isOpen}
        aria-controls={id}
        onClick={() => setIsOpen(true)}
      >
        {button}
      </button>
      <div
        ref={sheet}
        id={id}
        class="menu call-sheet"
        role="dialog"
        aria-label={label}
        popover="auto"
        onToggle={(event) => {
          if (event.newState === "closed") setIsOpen(false);
        }}
      >
        {isOpen ? children(close) : null}
      </div>
    </>
  );
}
