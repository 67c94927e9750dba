import { useMemo } from "preact/hooks";
import type { JSX } from "preact";
import type { EmojiSection } from "./emoji_picker_model.ts";

/** Props of `EmojiSectionGrid`. */
export interface EmojiSectionGridProps {
  readonly id: string;
  readonly section: EmojiSection;
  /** The index of the active emoji; null if it is in another section. */
  readonly active: number | null;
}

/** The emoji of one section; rendered again only when the arrows move in it, since there are 1,900 in all. */
export function EmojiSectionGrid({ id, section, active }: EmojiSectionGridProps): JSX.Element {
  return useMemo(() => (
    <div class="emoji-section" role="group" aria-label={section.label}>
      <p class="emoji-heading" aria-hidden="true">{section.label}</p>
      <div class="emoji-grid" role="presentation">
        {section.emoji.map(({ emoji, names, description }, index) => (
          <span
            key={emoji}
            id={`${id}-${index}`}
            class="emoji-cell"
            role="option"
            aria-label={description}
            aria-selected={index === active}
            title={`:${names[0] ?? ""}:`}
            data-emoji={emoji}
          >
            {emoji}
          </span>
        ))}
      </div>
    </div>
  ), [id, section, active]);
}
