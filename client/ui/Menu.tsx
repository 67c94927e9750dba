import type { ComponentChildren, JSX } from "preact";
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { IconChoice } from "./icons.ts";
import { MenuButton } from "./MenuButton.tsx";
import { placeBeside } from "./place_beside.ts";

/** One item of a menu. */
export interface MenuItem {
  readonly label: string;
  readonly icon?: IconChoice;
  readonly isDanger?: boolean;
  readonly onSelect: () => void;
}

/** Props of `Menu`. */
export interface MenuProps {
  /** Accessible name and tooltip of the button. */
  readonly label: string;
  readonly items: readonly MenuItem[];
  readonly class?: string;
  /** Called when the menu opens, and when it is closed or removed. */
  readonly onToggle?: (isOpen: boolean) => void;
  /** The content of the button. */
  readonly children: ComponentChildren;
}

/** A menu button as ARIA describes it: arrows move, Esc closes, and the focus returns to the button. */
export function Menu(props: MenuProps): JSX.Element {
  const { label, items, class: className = "icon-button", onToggle, children } = props;
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const [isOpen, setIsOpen] = useState(false);

  const open = () => setIsOpen(true);
  // After the items are rendered, since the place of the menu depends on its size.
  useLayoutEffect(() => {
    const [anchor, popover] = [button.current, list.current];
    if (!isOpen || anchor === null || popover === null) return;
    popover.showPopover();
    placeBeside(popover, anchor);
    moveFocus(popover, "first");
    onToggle?.(true);
    return () => onToggle?.(false);
  }, [isOpen]);
  const close = () => list.current?.hidePopover();

  return (
    <>
      <button
        type="button"
        ref={button}
        class={className}
        aria-label={label}
        title={label}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        aria-controls={id}
        onClick={open}
        onKeyDown={(event) => {
          if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
          event.preventDefault();
          open();
        }}
      >
        {children}
      </button>
      <div
        ref={list}
        id={id}
        class="menu"
        role="menu"
        aria-label={label}
        popover="auto"
        onToggle={(event) => {
          if (event.newState === "closed") setIsOpen(false);
        }}
        onKeyDown={(event) => {
          const step = STEPS[event.key];
          if (step !== undefined) moveFocus(event.currentTarget, step);
          else if (event.key === "Tab" || event.key === "Escape") close();
          else return;
          event.stopPropagation();
          event.preventDefault();
        }}
      >
        {isOpen
          ? items.map((item) => (
            <MenuButton key={item.label} item={item} onClose={close} role="menuitem" tabIndex={-1} />
          ))
          : null}
      </div>
    </>
  );
}

type Step = "first" | "last" | "next" | "previous";
const STEPS: Record<string, Step> = { ArrowDown: "next", ArrowUp: "previous", Home: "first", End: "last" };

function moveFocus(list: HTMLElement, step: Step): void {
  const items = [...list.querySelectorAll<HTMLElement>("[role=menuitem]")];
  const now = items.indexOf(document.activeElement as HTMLElement);
  const target = {
    first: 0,
    last: items.length - 1,
    next: (now + 1) % items.length,
    previous: (now - 1 + items.length) % items.length,
  }[step];
  items[target]?.focus();
}
