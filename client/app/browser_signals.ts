import { signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";

/** A signal that follows the browser, and a function that stops it. */
export interface FollowedSignal<T> {
  readonly value: ReadonlySignal<T>;
  readonly stop: () => void;
}

/** A smaller difference is a toolbar, not a keyboard. */
const KEYBOARD_MIN_PX = 80;

/** Follows a media query, such as the width of a phone. */
export function followMedia(view: Pick<Window, "matchMedia">, query: string): FollowedSignal<boolean> {
  const list = view.matchMedia(query);
  const value = signal(list.matches);
  const follow = () => value.value = list.matches;
  list.addEventListener("change", follow);
  return { value, stop: () => list.removeEventListener("change", follow) };
}

/** Follows whether the tab is visible and its window has the focus. */
export function followAttention(view: Window): FollowedSignal<boolean> {
  const { document } = view;
  const isAttentive = () => document.visibilityState === "visible" && document.hasFocus();
  const value = signal(isAttentive());
  const follow = () => value.value = isAttentive();
  view.addEventListener("focus", follow);
  view.addEventListener("blur", follow);
  document.addEventListener("visibilitychange", follow);
  return {
    value,
    stop: () => {
      view.removeEventListener("focus", follow);
      view.removeEventListener("blur", follow);
      document.removeEventListener("visibilitychange", follow);
    },
  };
}

/**
 * Keeps the composer above the keyboard in browsers where the keyboard covers the page instead of making it smaller
 * (Safari on iOS does not support `interactive-widget`). The returned function stops.
 */
export function followKeyboard(view: Window & typeof globalThis): () => void {
  const visual = view.visualViewport;
  if (visual === null) return () => {};
  const { style } = view.document.documentElement;
  const follow = () => {
    // While the page is zoomed in, the size of the visible part says nothing about a keyboard.
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
