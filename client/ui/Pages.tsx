import type { ComponentChildren, JSX } from "preact";
import { useEffect, useId, useState } from "preact/hooks";
import { Icon } from "./Icon.tsx";
import type { IconChoice } from "./icons.ts";

/** One page of a settings dialog. */
export interface Page {
  readonly id: string;
  readonly title: string;
  readonly icon: IconChoice;
  readonly render: () => ComponentChildren;
}

/** Props of `Pages`. */
export interface PagesProps {
  readonly pages: readonly Page[];
  readonly label: string;
  /** Id of the page that is open first, if not the first one. */
  readonly first?: string | undefined;
}

/** A list of pages as tabs at the side, and the open one. */
export function Pages({ pages, label, first }: PagesProps): JSX.Element {
  const id = useId();
  const [chosen, setChosen] = useState(first ?? pages[0]?.id);
  const open = pages.find((page) => page.id === chosen) ?? pages[0];
  useEffect(() => {
    // On a phone, the list is one line that scrolls; the name of the open page must be visible.
    document.getElementById(`${id}-${open?.id}`)?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [open?.id]);
  const move = (event: KeyboardEvent) => {
    const step = event.key === "ArrowDown" || event.key === "ArrowRight"
      ? 1
      : event.key === "ArrowUp" || event.key === "ArrowLeft"
      ? -1
      : 0;
    if (step === 0 || open === undefined) return;
    event.preventDefault();
    const next = pages[(pages.indexOf(open) + step + pages.length) % pages.length];
    if (next === undefined) return;
    setChosen(next.id);
    document.getElementById(`${id}-${next.id}`)?.focus();
  };
  return (
    <div class="pages">
      <div class="pages-list" role="tablist" aria-label={label} aria-orientation="vertical" onKeyDown={move}>
        {pages.map((page) => (
          <button
            type="button"
            key={page.id}
            role="tab"
            id={`${id}-${page.id}`}
            aria-selected={page === open}
            aria-controls={`${id}-page`}
            tabIndex={page === open ? 0 : -1}
            onClick={() => setChosen(page.id)}
          >
            <Icon name={page.icon} />
            {page.title}
          </button>
        ))}
      </div>
      <div
        class="page"
        key={open?.id}
        role="tabpanel"
        id={`${id}-page`}
        aria-labelledby={open === undefined ? undefined : `${id}-${open.id}`}
        tabIndex={0}
      >
        {open?.render()}
      </div>
    </div>
  );
}
