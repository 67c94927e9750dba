import type { RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

/** What a place needs whose buttons go when they are used. */
export interface KeptFocus<T extends HTMLElement> {
  readonly ref: RefObject<T | null>;
  readonly onFocusIn: (event: FocusEvent) => void;
  /** Lets the focus go, where something else takes it. */
  readonly release: () => void;
}

interface LastFocus {
  readonly element: HTMLElement;
  /** Its place among what can have the focus. */
  readonly index: number;
  /** What had the focus before it came here. */
  readonly from: HTMLElement | null;
}

const FOCUSABLE = "button:not(:disabled), a[href], input:not(:disabled), select, textarea";

/**
 * Keeps the focus near when the element goes that has it: on what comes next in the place, or where the focus came
 * from, or on the main part of the page. Use it in the component whose rendering removes the element.
 */
export function useKeptFocus<T extends HTMLElement>(): KeptFocus<T> {
  const ref = useRef<T>(null);
  const last = useRef<LastFocus | null>(null);
  useLayoutEffect(() => {
    if (last.current === null || last.current.element.isConnected) return;
    const { index, from } = last.current;
    last.current = null;
    if (document.activeElement !== null && document.activeElement !== document.body) return;
    const left = ref.current === null ? [] : focusableIn(ref.current);
    goTo(left[Math.min(index, left.length - 1)] ?? from);
  });
  useLayoutEffect(() => () => {
    if (ref.current?.contains(document.activeElement)) goTo(last.current?.from ?? null);
  }, []);
  return {
    ref,
    release: () => last.current = null,
    onFocusIn: ({ target, relatedTarget }) => {
      const place = ref.current;
      if (place === null || !(target instanceof HTMLElement)) return;
      const isInside = relatedTarget instanceof Node && place.contains(relatedTarget);
      const from = isInside
        ? last.current?.from ?? null
        : relatedTarget instanceof HTMLElement
        ? relatedTarget
        : null;
      last.current = { element: target, index: focusableIn(place).indexOf(target), from };
    },
  };
}

function goTo(element: HTMLElement | null): void {
  const target = element?.isConnected ? element : document.querySelector<HTMLElement>("main");
  target?.focus({ preventScroll: true });
}

function focusableIn(place: HTMLElement): HTMLElement[] {
  return [...place.querySelectorAll<HTMLElement>(FOCUSABLE)].filter((element) => element.checkVisibility());
}
