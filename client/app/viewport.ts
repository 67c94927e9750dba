/** A difference smaller than this is a toolbar, not a keyboard. */
const KEYBOARD_MIN_PX = 80;

/**
 * Keeps the composer above the keyboard where the browser lays the keyboard over the page instead of making
 * the page smaller (Safari on iOS knows no `interactive-widget`). Gives back what stops it.
 */
export function followKeyboard(view: Window & typeof globalThis): () => void {
  const visual = view.visualViewport;
  if (visual === null) return () => {};
  const { style } = view.document.documentElement;
  const follow = () => {
    // While somebody has zoomed in, the visible part says nothing about a keyboard.
    const isKeyboard = visual.scale === 1 && view.innerHeight - visual.height > KEYBOARD_MIN_PX;
    if (!isKeyboard) {
      style.removeProperty("--viewport-height");
      return;
    }
    style.setProperty("--viewport-height", `${visual.height}px`);
    view.scrollTo(0, 0);
  };
  visual.addEventListener("resize", follow);
  visual.addEventListener("scroll", follow);
  return () => {
    visual.removeEventListener("resize", follow);
    visual.removeEventListener("scroll", follow);
    style.removeProperty("--viewport-height");
  };
}
