import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { Icon } from "./Icon.tsx";
import { IconButton } from "./IconButton.tsx";
import type { ToastModel } from "./toast_model.ts";

/** The toasts on the screen; the region exists from the start, so that screen readers read the first one too. */
export function Toasts({ model }: { model: ToastModel }): JSX.Element {
  const region = useRef<HTMLDivElement>(null);
  const toasts = model.toasts.value;
  useLayoutEffect(() => {
    // Moves it to the top of the top layer, or an open dialog would cover it.
    region.current?.hidePopover();
    if (toasts.length > 0) region.current?.showPopover();
  }, [toasts]);
  useEffect(() => {
    if (toasts.length === 0) return;
    // A modal dialog makes everything else inert: a click on a toast reaches the dialog's backdrop.
    const onPointerDown = (event: PointerEvent) => {
      if (!(event.target instanceof HTMLDialogElement)) return;
      const shown = [...region.current?.querySelectorAll(".toast") ?? []];
      const toast = toasts[shown.findIndex((element) => isWithin(element, event))];
      if (toast === undefined) return;
      event.stopPropagation();
      model.dismiss(toast.id);
    };
    addEventListener("pointerdown", onPointerDown, { capture: true });
    return () => removeEventListener("pointerdown", onPointerDown, { capture: true });
  }, [toasts]);
  return (
    <div class="toasts" role="status" popover="manual" ref={region}>
      {toasts.map((toast) => (
        <div key={toast.id} class={`toast toast-${toast.kind}`}>
          <Icon name={toast.kind === "bad" ? "circleAlert" : "circleCheck"} />
          <span dir="auto">{toast.text}</span>
          <IconButton icon="x" label="Dismiss" onClick={() => model.dismiss(toast.id)} />
        </div>
      ))}
    </div>
  );
}

function isWithin(element: Element, { clientX, clientY }: PointerEvent): boolean {
  const { left, right, top, bottom } = element.getBoundingClientRect();
  return clientX >= left && clientX <= right && clientY >= top && clientY <= bottom;
}
