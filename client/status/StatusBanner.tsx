import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Button } from "../ui/Button.tsx";
import { Icon } from "../ui/Icon.tsx";
import { IconButton } from "../ui/IconButton.tsx";
import type { IconChoice } from "../ui/icons.ts";
import type { BannerItem } from "./banner_items.ts";
import type { BannerModel } from "./banner_model.ts";
import { PublicHtml } from "./PublicHtml.tsx";
import { STATUS_ICONS } from "./status_icons.ts";

/** Props of `StatusBanner`. */
export interface StatusBannerProps {
  readonly model: BannerModel;
  /** Opens the page where drafts are published. */
  readonly onReview?: () => void;
}

/** Open incidents, maintenance and announcements above everything else: the most important one, the others on request. */
export function StatusBanner({ model, onReview }: StatusBannerProps): JSX.Element {
  const [isOpen, setIsOpen] = useState(false);
  const items = model.items.value;
  const { polite, assertive } = model.liveTexts.value;
  const shown = isOpen ? items : items.slice(0, 1);
  return (
    <div class="status-slot">
      {/* Screen readers read out what appears here; the items themselves would be read again at each update. */}
      <div class="visually-hidden" role="status">{polite}</div>
      <div class="visually-hidden" role="alert">{assertive}</div>
      {items.length === 0 ? null : (
        <section class="status-banner" aria-label="Announcements">
          <ul>
            {shown.map((item) => (
              <li key={item.id}>
                <Item item={item} onReview={onReview} onDismiss={() => model.dismiss(item.id)} />
              </li>
            ))}
          </ul>
          {items.length === 1 ? null : (
            <button
              type="button"
              class="status-more"
              aria-expanded={isOpen}
              onClick={() => setIsOpen(!isOpen)}
            >
              {isOpen ? "Show only the first" : `Show ${items.length - 1} more`}
            </button>
          )}
        </section>
      )}
    </div>
  );
}

function Item({ item, onReview, onDismiss }: {
  readonly item: BannerItem;
  readonly onReview: (() => void) | undefined;
  readonly onDismiss: () => void;
}): JSX.Element {
  const { kind, level, title, text, path } = item;
  return (
    <div class={`status-note is-${level}`}>
      <Icon name={iconOf(item)} />
      <div class="status-note-words">
        {title === "" ? null : <b dir="auto">{title}</b>}
        {kind === "announcement" ? <PublicHtml html={text} /> : <span dir="auto">{text}</span>}
      </div>
      {kind === "draft"
        ? <Button onClick={onReview}>Review</Button>
        : <a class="status-note-link" href={path} target="_blank" rel="noopener">Status page</a>}
      <IconButton icon="x" label="Dismiss" onClick={onDismiss} />
    </div>
  );
}

function iconOf({ kind, level }: BannerItem): IconChoice {
  if (kind === "draft") return "pencil";
  if (level === "critical") return "circleAlert";
  if (kind === "maintenance") return STATUS_ICONS.wrench;
  return kind === "announcement" ? STATUS_ICONS.megaphone : "triangleAlert";
}
