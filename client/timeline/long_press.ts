/** A touch of this length opens the menu. */
const LONG_PRESS_MS = 450;
/** A touch that moves this far scrolls. */
const MOVE_PX = 10;

/** Handlers to spread into the props of an element. */
export interface LongPressHandlers {
  readonly onPointerDown: (event: PointerEvent) => void;
  readonly onPointerMove: (event: PointerEvent) => void;
  readonly onPointerUp: () => void;
  readonly onPointerCancel: () => void;
  readonly onContextMenu: (event: Event) => void;
}

/** Calls back on a long touch; with a mouse, the browser's own menu opens as usual. */
export function longPress(onPress: () => void): LongPressHandlers {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let start: { readonly x: number; readonly y: number } | null = null;
  const end = () => {
    clearTimeout(timer);
    start = null;
  };
  return {
    onPointerDown: (event) => {
      end();
      if (event.pointerType !== "touch" || !event.isPrimary) return;
      start = { x: event.clientX, y: event.clientY };
      timer = setTimeout(() => {
        start = null;
        swallowClick();
        onPress();
      }, LONG_PRESS_MS);
    },
    onPointerMove: (event) => {
      if (start === null) return;
      if (Math.hypot(event.clientX - start.x, event.clientY - start.y) > MOVE_PX) end();
    },
    onPointerUp: end,
    onPointerCancel: end,
    onContextMenu: (event) => {
      // The browser's menu would cover ours; links keep theirs.
      const isTouch = "pointerType" in event && event.pointerType === "touch";
      if (isTouch && event.target instanceof Element && event.target.closest("a") === null) {
        event.preventDefault();
      }
    },
  };
}

/** The click at the end of the touch would hit what has opened under the finger. */
function swallowClick(): void {
  const over = new AbortController();
  const options = { capture: true, signal: over.signal };
  addEventListener("click", (event) => {
    over.abort();
    event.preventDefault();
    event.stopPropagation();
  }, options);
  // Not every browser ends a long touch with a click; later input is intended.
  addEventListener("pointerdown", () => over.abort(), options);
  addEventListener("keydown", () => over.abort(), options);
}
