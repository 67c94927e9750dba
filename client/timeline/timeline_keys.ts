import type { RefObject } from "preact";
import type { TimelineRow } from "./grouping.ts";
import type { TimelineContext } from "./timeline_context.ts";
import { logStepOf } from "./timeline_focus.ts";

/** Options of `followKeys`. */
export interface TimelineKeysOptions {
  readonly log: RefObject<HTMLElement | null>;
  readonly context: TimelineContext;
  readonly rows: () => readonly TimelineRow[];
}

/** Handles j, k and Esc where nothing else does; the returned function stops. */
export function followKeys({ log, context, rows }: TimelineKeysOptions): () => void {
  const onKey = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing) return;
    if (event.key === "Escape") {
      if (!isCovered()) context.props.model.markAllRead();
      return;
    }
    const { target } = event;
    const step = logStepOf(event);
    // The whole page is searched for what covers it: not for each key that is typed.
    if (step === null || isEditable(target) || isCovered()) return;
    const isInside = target instanceof Node && log.current?.contains(target);
    // Home and End scroll the page as usual, unless a row has the focus.
    if (!isInside && (event.key === "Home" || event.key === "End" || target !== document.body)) return;
    const keys = rows().filter((row) => row.kind === "message").map((row) => row.key);
    const key = context.focus.step(keys, step);
    if (key === null) return;
    event.preventDefault();
    const row = log.current?.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`);
    row?.focus({ preventScroll: true });
    row?.scrollIntoView({ block: "nearest" });
  };
  document.addEventListener("keydown", onKey);
  return () => document.removeEventListener("keydown", onKey);
}

function isEditable(target: EventTarget | null): boolean {
  return target instanceof HTMLElement &&
    (target.isContentEditable || target.closest("input, textarea, select") !== null);
}

/** Whether a dialog or a menu has the keys. */
function isCovered(): boolean {
  return document.querySelector("dialog[open], :popover-open") !== null;
}
