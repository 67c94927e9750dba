import { useRef, useState } from "preact/hooks";
import type { JSX } from "preact";
import type { EmojiCatalog } from "./emoji.ts";
import { IconButton } from "../IconButton.tsx";
import { withLateStyle } from "../late_style.ts";
import { placeBeside } from "../place_beside.ts";
import type { EmojiPicker } from "./EmojiPicker.tsx";

/** Props of `EmojiButton`. */
export interface EmojiButtonProps {
  readonly label: string;
  readonly catalog: EmojiCatalog;
  readonly onPick: (emoji: string) => void;
  readonly class?: string;
}

/** The part of the client that has the picker. */
interface PickerPart {
  readonly EmojiPicker: typeof EmojiPicker;
}

/** A button that opens the emoji picker next to it. */
export function EmojiButton({ label, catalog, onPick, class: className }: EmojiButtonProps): JSX.Element {
  const button = useRef<HTMLButtonElement>(null);
  const popover = useRef<HTMLDivElement>(null);
  const [isOpen, setIsOpen] = useState(false);
  const [picker, setPicker] = useState<PickerPart | null>(null);
  const Picker = picker?.EmojiPicker;

  const fetchPicker = () => {
    void catalog.load();
    if (picker === null) void loadPicker().then(setPicker);
  };
  const open = () => {
    if (popover.current === null || button.current === null || isOpen) return;
    fetchPicker();
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
        onPointerEnter={fetchPicker}
      />
      <div
        ref={popover}
        class="emoji-popover"
        role="dialog"
        aria-label={label}
        popover="auto"
        onToggle={(event) => setIsOpen(event.newState === "open")}
      >
        {isOpen && Picker === undefined ? <p role="status">Loading…</p> : null}
        {isOpen && Picker !== undefined
          ? (
            <Picker
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

async function loadPicker(): Promise<PickerPart | null> {
  try {
    return await withLateStyle(import("./EmojiPicker.tsx"));
  } catch {
    // The next click tries again.
    return null;
  }
}
