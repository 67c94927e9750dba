import type { RefObject } from "preact";
import { useLayoutEffect } from "preact/hooks";

/**
 * Keeps an element in reach while a modal dialog is open, which makes everything outside of it inert: the element is
 * moved into the dialog on top, and back. It needs a parent of its own, since that is where it returns to.
 */
export function useAboveDialogs(ref: RefObject<HTMLElement | null>, isShown: boolean): void {
  useLayoutEffect(() => {
    const element = ref.current;
    const home = element?.parentElement;
    if (!isShown || !element || !home) return;
    const place = () => {
      const dialogs = [...document.querySelectorAll("dialog:modal")];
      // The one on top has the focus, wherever it stands in the document.
      const top = dialogs.findLast((one) => one.contains(document.activeElement)) ?? dialogs.at(-1) ?? home;
      if (element.parentElement !== top) top.append(element);
    };
    place();
    const watch = new MutationObserver(place);
    watch.observe(document.body, { subtree: true, childList: true, attributeFilter: ["open"] });
    return () => {
      watch.disconnect();
      home.append(element);
    };
  }, [isShown]);
}
