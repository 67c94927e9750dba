import { signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";

/** A signal of something that the browser tells, and what stops following it. */
export interface FollowedSignal<T> {
  readonly value: ReadonlySignal<T>;
  readonly stop: () => void;
}

/** Follows a media query, such as the width of a phone. */
export function followMedia(view: Pick<Window, "matchMedia">, query: string): FollowedSignal<boolean> {
  const list = view.matchMedia(query);
  const value = signal(list.matches);
  const follow = () => value.value = list.matches;
  list.addEventListener("change", follow);
  return { value, stop: () => list.removeEventListener("change", follow) };
}

/** Follows whether somebody looks at this tab: it is visible and its window has the focus. */
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
