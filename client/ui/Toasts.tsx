import type { JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { Icon } from "./Icon.tsx";
import { IconButton } from "./IconButton.tsx";
import type { ToastModel } from "./toast_model.ts";

/** The notes on the screen; the region exists from the start, so that screen readers hear the first one too. */
export function Toasts({ model }: { model: ToastModel }): JSX.Element {
  const region = useRef<HTMLDivElement>(null);
  const toasts = model.toasts.value;
  useLayoutEffect(() => {
    // Into the top layer anew, or an open dialog would cover what it has caused.
    region.current?.hidePopover();
    if (toasts.length > 0) region.current?.showPopover();
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
