import { useRef, useState } from "preact/hooks";
import type { JSX } from "preact";
import type { EmojiCatalog } from "../ui/emoji.ts";
import { IconButton } from "../ui/IconButton.tsx";
import { placeBeside } from "../ui/place_beside.ts";
import { EmojiPicker } from "./EmojiPicker.tsx";

/** What the button is given. */
export interface EmojiButtonProps {
  readonly label: string;
  readonly catalog: EmojiCatalog;
  readonly onPick: (emoji: string) => void;
  readonly class?: string;
}

/** A button that opens the emoji picker beside itself. */
export function EmojiButton({ label, catalog, onPick, class: className }: EmojiButtonProps): JSX.Element {
  const button = useRef<HTMLButtonElement>(null);
  const popover = useRef<HTMLDivElement>(null);
  const [isOpen, setIsOpen] = useState(false);

  const open = () => {
    if (popover.current === null || button.current === null || isOpen) return;
    popover.current.showPopover();
    placeBeside(popover.current, button.current);
  };

  return (
    <>
      <IconButton
        ref={button}
        icon="smile"
        label={label}
        class={className ?? ""}
        aria-haspopup="dialog"
        aria-expanded={isOpen}
        onClick={open}
      />
      <div
        ref={popover}
        class="emoji-popover"
        role="dialog"
        aria-label={label}
        popover="auto"
        onToggle={(event) => setIsOpen(event.newState === "open")}
      >
        {isOpen
          ? (
            <EmojiPicker
              catalog={catalog}
              onPick={(emoji) => {
                popover.current?.hidePopover();
                onPick(emoji);
              }}
            />
          )
          : null}
      </div>
    </>
  );
}
