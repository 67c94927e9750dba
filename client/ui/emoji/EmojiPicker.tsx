import "../../base.ts";
import { useEffect, useId, useMemo, useRef } from "preact/hooks";
import type { JSX } from "preact";
import type { EmojiCatalog } from "./emoji.ts";
import { EmojiPickerModel } from "./emoji_picker_model.ts";
import type { EmojiStep } from "./emoji_picker_model.ts";
import { EmojiSectionGrid } from "./EmojiSectionGrid.tsx";

/** Props of `EmojiPicker`. */
export interface EmojiPickerProps {
  readonly catalog: EmojiCatalog;
  readonly onPick: (emoji: string) => void;
}

const STEPS = new Map<string, EmojiStep>([
  ["ArrowLeft", "left"],
  ["ArrowRight", "right"],
  ["ArrowUp", "up"],
  ["ArrowDown", "down"],
]);

/** All emoji with a search field, which keeps the focus; arrows move, Enter selects. */
export function EmojiPicker({ catalog, onPick }: EmojiPickerProps): JSX.Element {
  const id = useId();
  const model = useMemo(() => new EmojiPickerModel(catalog), [catalog]);
  const search = useRef<HTMLInputElement>(null);
  const place = model.place.value;
  const active = model.active.value;
  const sections = model.sections.value;
  const activeId = `${id}-${place.section}-${place.index}`;

  useEffect(() => {
    void catalog.load();
    // On a touch screen, the keyboard would cover the emoji.
    if (matchMedia("(hover: hover)").matches) search.current?.focus({ preventScroll: true });
  }, [catalog]);
  useEffect(() => document.getElementById(activeId)?.scrollIntoView({ block: "nearest" }), [activeId]);

  const pick = (emoji: string) => {
    catalog.noteUse(emoji);
    onPick(emoji);
  };

  return (
    <div class="emoji-picker">
      <input
        ref={search}
        class="emoji-search"
        type="text"
        role="combobox"
        placeholder="Search emoji"
        aria-label="Search emoji"
        aria-expanded="true"
        aria-autocomplete="list"
        aria-controls={`${id}-list`}
        aria-activedescendant={active === null ? undefined : activeId}
        autocomplete="off"
        spellcheck={false}
        value={model.query.value}
        onInput={(event) => model.search(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.isComposing) return;
          const step = STEPS.get(event.key);
          if (step !== undefined) model.move(step);
          else if (event.key === "Enter" && active !== null) pick(active.emoji);
          else return;
          event.preventDefault();
          event.stopPropagation();
        }}
      />
      <div
        class="emoji-list"
        id={`${id}-list`}
        role="listbox"
        aria-label="Emoji"
        onClick={(event) => {
          const emoji = event.target instanceof HTMLElement ? event.target.dataset.emoji : undefined;
          if (emoji !== undefined) pick(emoji);
        }}
      >
        {sections?.map((section, index) => (
          <EmojiSectionGrid
            key={section.label}
            id={`${id}-${index}`}
            section={section}
            active={index === place.section ? place.index : null}
          />
        ))}
      </div>
      <p class="emoji-foot" role="status">{describe(sections, active)}</p>
    </div>
  );
}

function describe(
  sections: EmojiPickerModel["sections"]["value"],
  active: EmojiPickerModel["active"]["value"],
): string {
  if (sections === null) return "Loading…";
  return active === null ? "Nothing found" : `${active.emoji} :${active.names[0] ?? ""}:`;
}
